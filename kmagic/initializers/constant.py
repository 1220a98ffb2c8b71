from typing import Any

import numpy as np

from kmagic.base.dtypes import standard
from kmagic.base.parameters import Number
from kmagic.initializers import registry
from kmagic.initializers.initializer import Initializer


@registry.register()
class Constant(Initializer):
    """Every weight the same value.

    Formula: w = value

    Example:

    >>> Constant(3.0)((2,)).tolist()
    [3.0, 3.0]
    """

    def __init__(self, value: Number = 0.0) -> None:
        self.value = value

    def values(self, shape: tuple[int, ...], dtype: Any) -> Any:
        return np.full(shape, self.value, standard(dtype))


@registry.register("zero")
class Zeros(Initializer):
    """Every weight 0.

    Formula: w = 0

    Example:

    >>> Zeros()((2,)).tolist()
    [0.0, 0.0]
    """

    def values(self, shape: tuple[int, ...], dtype: Any) -> Any:
        return np.zeros(shape, standard(dtype))


@registry.register("one")
class Ones(Initializer):
    """Every weight 1.

    Formula: w = 1

    Example:

    >>> Ones()((2,)).tolist()
    [1.0, 1.0]
    """

    def values(self, shape: tuple[int, ...], dtype: Any) -> Any:
        return np.ones(shape, standard(dtype))
