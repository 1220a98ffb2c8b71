"""Labels as the user has them, and as losses want them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kmagic.base.errors import BadData
from kmagic.models.preparation.step import Array, Step, changed_at, missing_in


class MapLabels(Step):
    """Labels of any kind as numbers 0, 1, … in the order of `labels`; predictions come back as labels.

    A label that is missing becomes NaN. With one output a prediction above `threshold` is the second label; with
    several the largest one counts.

    >>> step = MapLabels(["cat", "dog"])
    >>> step.targets((["dog", "cat"],))[0].tolist()
    [1, 0]
    """

    def __init__(self, labels: Sequence[Any], output: int = 0, threshold: float = 0.5) -> None:
        self.labels, self.output, self.threshold = list(labels), output, threshold

    def targets(self, targets: tuple[Any, ...]) -> tuple[Any, ...]:
        """Numbers for labels."""
        return changed_at(targets, self.output, self._numbers)

    def _numbers(self, target: Array) -> Array:
        missing = missing_in(target)
        if missing.any():
            numbers = np.full(target.shape, np.nan)
            numbers[~missing] = self._numbers(target[~missing])
            return numbers
        number_of = {label: number for number, label in enumerate(self.labels)}
        values, places = np.unique(target, return_inverse=True)
        unknown = [value for value in values.tolist() if value not in number_of]
        if unknown:
            raise BadData(f"label {unknown[0]!r}", where="y", expected=f"one of {', '.join(map(str, self.labels))}")
        return np.asarray([number_of[value] for value in values.tolist()], "int64")[places].reshape(target.shape)

    def answers(self, predictions: list[Any]) -> list[Any]:
        """Labels for predictions."""
        labels = np.asarray(self.labels)
        return [labels[self._best(p)] if number == self.output else p for number, p in enumerate(predictions)]

    def _best(self, prediction: Array) -> Array:
        if prediction.ndim > 1 and prediction.shape[-1] > 1:
            return prediction.argmax(-1)
        above = (prediction > self.threshold).astype(int)
        return above[..., 0] if above.ndim > 1 else above

    def class_numbers(self, weights: Mapping[Any, float]) -> Mapping[Any, float]:
        """Weights by numbers; what is no label stays, so that it can be told."""
        number_of = {label: number for number, label in enumerate(self.labels)}
        return {number_of.get(key, key): weight for key, weight in weights.items()}

    def class_labels(self, weights: Mapping[Any, float]) -> Mapping[Any, float]:
        """Weights by labels."""
        return {self.labels[key] if key in range(len(self.labels)) else key: w for key, w in weights.items()}


class OneHot(Step):
    """Class numbers as one-hot rows.

    >>> OneHot(3).targets(([2, 0],))[0].tolist()
    [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """

    def __init__(self, units: int, output: int = 0) -> None:
        self.units, self.output = units, output

    def targets(self, targets: tuple[Any, ...]) -> tuple[Any, ...]:
        """One-hot rows for class numbers."""
        return changed_at(targets, self.output, self._rows)

    def _rows(self, target: Array) -> Array:
        numbers = _squeezed(target)
        missing = missing_in(numbers)
        rows = np.eye(self.units, dtype="float32")[np.where(missing, 0, numbers).astype("int64")]
        rows[missing] = np.nan
        return rows


class ClassNumbers(Step):
    """One-hot rows as class numbers.

    >>> ClassNumbers().targets(([[0, 1], [1, 0]],))[0].tolist()
    [1, 0]
    """

    def __init__(self, output: int = 0) -> None:
        self.output = output

    def targets(self, targets: tuple[Any, ...]) -> tuple[Any, ...]:
        """The place of the largest value of each row."""
        return changed_at(targets, self.output, lambda target: target.argmax(-1))


def _squeezed(target: Array) -> Array:
    return target[..., 0] if target.ndim > 1 and target.shape[-1] == 1 else target
