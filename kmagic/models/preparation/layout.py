"""Rows of another shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kmagic.models.preparation.step import Step, changed_at


class ReshapeRows(Step):
    """The numbers of each row in another shape.

    >>> ReshapeRows([2, 2]).features(([[1, 2, 3, 4]],))[0].tolist()
    [[[1, 2], [3, 4]]]
    """

    def __init__(self, shape: Sequence[int], input: int = 0) -> None:
        self.shape, self.input = list(shape), input

    def features(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """The inputs with rows of that shape."""
        return changed_at(inputs, self.input, lambda array: array.reshape(len(array), *self.shape))


class Transpose(Step):
    """Axes in another order, the axis of rows among them.

    >>> Transpose([1, 0]).features(([[1, 2]],))[0].tolist()
    [[1], [2]]
    """

    def __init__(self, axes: Sequence[int], input: int = 0) -> None:
        self.axes, self.input = list(axes), input

    def features(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """The inputs with their axes in that order."""
        return changed_at(inputs, self.input, lambda array: array.transpose(self.axes))


class PadRows(Step):
    """Rows of different lengths with `value` behind their last number, up to `length`; longer ones lose their end.

    >>> PadRows(3).features(([[1], [1, 2, 3, 4]],))[0].tolist()
    [[1.0, 0.0, 0.0], [1.0, 2.0, 3.0]]
    """

    def __init__(self, length: int, value: float = 0.0, input: int = 0) -> None:
        self.length, self.value, self.input = length, value, input

    def features(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """The inputs with rows of that length."""
        return tuple(self._padded(rows) if number == self.input else rows for number, rows in enumerate(inputs))

    def _padded(self, rows: Any) -> Any:
        result = np.full((len(rows), self.length), self.value, "float32")
        for number, row in enumerate(rows):
            kept = list(row)[: self.length]
            result[number, : len(kept)] = kept
        return result
