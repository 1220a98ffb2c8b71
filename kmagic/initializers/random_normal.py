from __future__ import annotations

from typing import Any

from kmagic.base.parameters import NonNegative, Number
from kmagic.graph.draw import normal
from kmagic.graph.seed import SeedGenerator
from kmagic.initializers import registry
from kmagic.initializers.initializer import RandomInitializer


@registry.register("normal")
class RandomNormal(RandomInitializer):
    """Normally distributed numbers.

    Formula: w ~ N(mean, stddev²)

    Example:

    >>> bool((RandomNormal(seed=1)((2, 3)) == RandomNormal(seed=1)((2, 3))).all())
    True
    """

    def __init__(self, mean: Number = 0.0, stddev: NonNegative = 0.05, seed: int | SeedGenerator | None = None) -> None:
        super().__init__(seed)
        self.mean, self.stddev = mean, stddev

    def values(self, shape: tuple[int, ...], dtype: Any) -> Any:
        return normal(shape, self.mean, self.stddev, dtype, self.source)
