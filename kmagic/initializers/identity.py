from typing import Any

import numpy as np

from kmagic.base.dtypes import standard
from kmagic.base.errors import ShapeMismatch
from kmagic.base.parameters import Number
from kmagic.base.shapes import written
from kmagic.initializers import registry
from kmagic.initializers.initializer import Initializer


@registry.register("IdentityInitializer", "eye", shapes="-> [rows columns]")
class Identity(Initializer):
    """The identity matrix: a layer starts by passing on what comes in.

    Formula: w = gain where row and column agree, else 0

    Shapes: -> [rows columns]

    Example:

    >>> Identity()((2, 3)).tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]

    Source: Q. Le, N. Jaitly and G. Hinton, arXiv 1504.00941
    """

    def __init__(self, gain: Number = 1.0) -> None:
        self.gain = gain

    def values(self, shape: tuple[int, ...], dtype: Any) -> Any:
        if len(shape) != 2:
            raise ShapeMismatch(f"a weight of shape {written(shape)}", where="Identity", expected="[rows columns]")
        return np.eye(*shape, dtype=standard(dtype)) * np.asarray(self.gain, standard(dtype))
