"""Features without gaps, and in a range that models like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kmagic.models.preparation.step import Array, Step, changed_at


class FillMissing(Step):
    """`values`, one for each column, in place of NaN and infinity.

    >>> FillMissing([0.0, 7.0]).features(([[1.0, float("nan")]],))[0].tolist()
    [[1.0, 7.0]]
    """

    def __init__(self, values: Sequence[float], input: int = 0) -> None:
        self.values, self.input = list(values), input

    def features(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """The inputs without gaps."""
        return changed_at(inputs, self.input, self._filled)

    def _filled(self, array: Array) -> Array:
        return np.where(np.isfinite(array), array, np.asarray(self.values, array.dtype))


class Standardize(Step):
    """Columns shifted by `mean` and divided by `scale`.

    Formula: x' = (x − mean) / scale

    >>> Standardize([10.0], [5.0]).features(([[20.0]],))[0].tolist()
    [[2.0]]
    """

    def __init__(self, mean: Sequence[float], scale: Sequence[float], input: int = 0) -> None:
        self.mean, self.scale, self.input = list(mean), list(scale), input

    def features(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """The scaled inputs."""
        return changed_at(inputs, self.input, self._scaled)

    def _scaled(self, array: Array) -> Array:
        # large numbers that float32 cannot tell apart are shifted before they become float32
        kind = "float64" if array.dtype.itemsize > 4 or array.dtype.kind in "iu" else "float32"
        mean, scale = np.asarray(self.mean, kind), np.asarray(self.scale, kind)
        return np.asarray((array.astype(kind) - mean) / scale, "float32")
