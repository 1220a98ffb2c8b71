from collections.abc import Sequence
from typing import Any

import numpy as np

from kmagic.base.dtypes import standard
from kmagic.base.errors import BadType, ShapeMismatch
from kmagic.base.parameters import Number
from kmagic.base.shapes import written
from kmagic.initializers import registry
from kmagic.initializers.initializer import Initializer


@registry.register()
class Constant(Initializer):
    """Every weight the same value, or the values of an array that fits the weight.

    Formula: w = value

    Example:

    >>> Constant(3.0)((2,)).tolist()
    [3.0, 3.0]
    """

    def __init__(self, value: Number | Sequence[Any] = 0.0) -> None:
        self.value = value
        if np.asarray(value).dtype.kind not in "biuf":
            raise BadType(f"value is {value!r}", where="Constant", expected="a number, or an array of numbers")

    def values(self, shape: tuple[int, ...], dtype: Any) -> Any:
        given = np.asarray(self.value, standard(dtype))
        try:
            return np.broadcast_to(given, shape).copy()
        except ValueError:
            raise ShapeMismatch(f"values of shape {written(given.shape)}", expected=written(shape)) from None


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
