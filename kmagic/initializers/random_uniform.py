from __future__ import annotations

from typing import Any

from kmagic.base.parameters import Number
from kmagic.graph.draw import uniform
from kmagic.graph.seed import SeedGenerator
from kmagic.initializers import registry
from kmagic.initializers.initializer import RandomInitializer


@registry.register("uniform")
class RandomUniform(RandomInitializer):
    """Numbers spread evenly between two limits.

    Formula: w ~ U(minval, maxval)

    Example:

    >>> bool((RandomUniform(seed=1)((2, 3)) == RandomUniform(seed=1)((2, 3))).all())
    True
    """

    def __init__(self, minval: Number = -0.05, maxval: Number = 0.05, seed: int | SeedGenerator | None = None) -> None:
        super().__init__(seed)
        self.minval, self.maxval = minval, maxval

    def values(self, shape: tuple[int, ...], dtype: Any) -> Any:
        return uniform(shape, self.minval, self.maxval, dtype, self.source)
