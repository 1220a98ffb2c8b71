from __future__ import annotations

from typing import Any

from kmagic.base.parameters import NonNegative, Number
from kmagic.graph.draw import truncated_normal
from kmagic.graph.seed import SeedGenerator
from kmagic.initializers import registry
from kmagic.initializers.initializer import RandomInitializer


@registry.register()
class TruncatedNormal(RandomInitializer):
    """Normally distributed numbers, none farther than two standard deviations from the mean.

    Formula: w ~ N(mean, stddev²), |w − mean| ≤ 2·stddev

    Example:

    >>> bool((TruncatedNormal(seed=1)((2, 3)) == TruncatedNormal(seed=1)((2, 3))).all())
    True
    """

    def __init__(self, mean: Number = 0.0, stddev: NonNegative = 0.05, seed: int | SeedGenerator | None = None) -> None:
        super().__init__(seed)
        self.mean, self.stddev = mean, stddev

    def values(self, shape: tuple[int, ...], dtype: Any) -> Any:
        return truncated_normal(shape, self.mean, self.stddev, dtype, self.source)
