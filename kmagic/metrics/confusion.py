"""Counting right and wrong answers at thresholds: what AUC, precision, recall and their kin are made of.

Several thresholds cost no more than one: every score falls into the bin between two of them, the bins are counted as in
a histogram, and sums over the bins above and below each threshold are the four outcomes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from kmagic.base.config import epsilon
from kmagic.base.errors import BadValue, ShapeMismatch
from kmagic.base.shapes import size, written
from kmagic.graph.load import ops
from kmagic.graph.ops.indexing import scatter_add
from kmagic.graph.variable import Variable
from kmagic.losses.loss import align_ranks, as_float
from kmagic.metrics.blocks import in_blocks
from kmagic.metrics.metric import Metric

OUTCOMES = ("true_positives", "false_positives", "true_negatives", "false_negatives")
_ON_TARGET = ("true_positives", "false_negatives")
_SAID_YES = ("true_positives", "false_positives")
LOWEST = -1e10  # the score of what is not among the top k
_EVEN_FROM = 3  # thresholds
_FEW = 16  # thresholds, up to which scores are compared with each


@dataclass(frozen=True)
class Thresholds:
    """Numbers that scores are compared with; `even` where they divide 0 … 1 into equal parts."""

    values: tuple[float, ...]
    even: bool

    @classmethod
    def of(cls, values: Iterable[float]) -> Thresholds:
        """These numbers, in the order given."""
        listed = tuple(float(value) for value in values)
        return cls(listed, is_even(listed))

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def order(self) -> np.ndarray[Any, Any]:
        """The positions of the thresholds from the lowest on."""
        return np.argsort(self.values, kind="stable")

    def bins(self, scores: Any) -> Any:
        """How many thresholds each score is above."""
        if self.even:
            last = len(self) - 1
            # with ends a little outside of 0 … 1 every score is above the first
            lowest = 1 if self.values[0] < 0 or self.values[-1] > 1 else 0
            # scores that are no numbers end in the lowest bin
            return ops.maximum(ops.cast(ops.minimum(ops.ceil(scores * last), last), "int64"), lowest)
        if len(self) > _FEW:
            known = ops.where(ops.isnan(scores), -np.inf, scores)
            return ops.cast(ops.searchsorted(np.asarray(sorted(self.values), known.dtype), known), "int64")
        total = ops.cast(ops.greater(scores, self.values[0]), "int8")
        for value in self.values[1:]:
            total = total + ops.cast(ops.greater(scores, value), "int8")
        return ops.cast(total, "int64")

    def in_given_order(self, counts: Any) -> Any:
        """Counts at the sorted thresholds (first axis), in the order in which the thresholds were given."""
        if np.array_equal(self.order, np.arange(len(self))):
            return counts
        return ops.take(counts, np.argsort(self.order), axis=0)


def is_even(values: Sequence[float]) -> bool:
    """Whether thresholds divide 0 … 1 into equal parts, but for a little at the ends.

    >>> is_even([0.0, 0.5, 1.0]), is_even([0.5]), is_even([0.0, 0.1, 1.0])
    (True, False, False)
    """
    if len(values) < _EVEN_FROM:
        return False
    return np.allclose(values, np.arange(len(values), dtype=np.float32) / (len(values) - 1), atol=epsilon())


def checked_thresholds(given: Any, default: float, where: str) -> list[float]:
    """Thresholds as a list; those that a user gives lie between 0 and 1."""
    if given is None:
        return [default]
    listed = list(given) if isinstance(given, list | tuple | np.ndarray) else [given]
    bad = [value for value in listed if value is None or not 0 <= value <= 1]
    if bad:
        raise BadValue(f"thresholds has {bad[0]!r}", where=where, expected="Threshold values must be in [0, 1]")
    return listed


class ConfusionMetric(Metric):
    """Base of metrics that count outcomes at thresholds; `outcomes` are those that a class needs."""

    outcomes: ClassVar[tuple[str, ...]] = OUTCOMES
    true_positives: Variable
    false_positives: Variable
    true_negatives: Variable
    false_negatives: Variable

    @in_blocks
    def count(
        self,
        y_true: Any,
        y_pred: Any,
        sample_weight: Any,
        top_k: int | None = None,
        class_id: int | None = None,
        by_label: bool = False,
        label_weights: Any = None,
    ) -> None:
        """Add the outcomes of one batch to the state."""
        truth, scores = self._aligned(y_true, y_pred)
        weight = None if sample_weight is None else _columned(as_float(sample_weight, self.dtype), truth)
        if top_k is not None:
            scores = ops.where(among_top(scores, top_k), scores, LOWEST)
        if class_id is not None:
            truth, scores = self._column(truth, class_id), self._column(scores, class_id)
        if label_weights is not None:
            weight = label_weights if weight is None else weight * label_weights
        if weight is not None:
            weight = ops.broadcast_to(weight, ops.shape(scores))
        truth = ops.cast(truth, "bool")
        one = len(self.ladder) == 1
        counts = self._at_one(truth, scores, weight) if one else self._at_all(truth, scores, weight, by_label)
        for outcome in self.outcomes:
            self.counter(outcome).assign_add(counts[outcome])

    def compare_with(self, thresholds: Sequence[float]) -> None:
        """Use these thresholds."""
        self.thresholds = list(thresholds)
        self.ladder = Thresholds.of(thresholds)

    def counter(self, outcome: str) -> Any:
        """The variable that holds the counts of an outcome."""
        return getattr(self, outcome)

    def make_counters(self) -> None:
        """One variable for each outcome, with an element a threshold."""
        for outcome in self.outcomes:
            setattr(self, outcome, self.add_variable((len(self.ladder),), name=outcome))

    def _aligned(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        truth = y_true if hasattr(y_true, "dtype") else np.asarray(y_true)
        truth, scores = align_ranks(truth, as_float(y_pred, self.dtype))
        t, p = ops.shape(truth), ops.shape(scores)
        if t != p:
            fix = "kmagic.utils.to_categorical(y) for class numbers" if len(t) < len(p) or t[-1:] == (1,) else None
            raise ShapeMismatch(
                f"target {written(t)} and prediction {written(p)}",
                where=f"metric {self.name}",
                expected="equal shapes",
                fix=fix,
            )
        return truth, scores

    def _column(self, x: Any, class_id: int) -> Any:
        shape = ops.shape(x)
        if len(shape) == 1:
            raise ShapeMismatch(
                f"class_id with predictions of shape {written(shape)}",
                where=f"metric {self.name}",
                expected="a 2D array with shape (num_samples, num_classes)",
            )
        if not -shape[-1] <= class_id < shape[-1]:
            raise BadValue(f"class_id is {class_id}", where=f"metric {self.name}", expected=f"0 … {shape[-1] - 1}")
        place = class_id % shape[-1]
        return ops.getitem(x, (..., slice(place, place + 1)))

    def _at_one(self, truth: Any, scores: Any, weight: Any) -> dict[str, Any]:
        """The outcomes at a single threshold."""
        said = ops.greater(scores, self.ladder.values[0])
        counts = {}
        for outcome in self.outcomes:
            hit = ops.logical_and(
                truth if outcome in _ON_TARGET else ops.logical_not(truth),
                said if outcome in _SAID_YES else ops.logical_not(said),
            )
            total = ops.sum(ops.cast(hit, self.dtype) if weight is None else ops.where(hit, weight, 0))
            counts[outcome] = ops.reshape(total, (1,))
        return counts

    def _at_all(self, truth: Any, scores: Any, weight: Any, by_label: bool) -> dict[str, Any]:
        """The outcomes at each threshold (first axis), for each label where asked."""
        width = len(self.ladder) + 1
        cell = self.ladder.bins(scores) + width * ops.cast(truth, "int64")
        labels = ops.shape(scores)[-1] if by_label else 1
        if by_label:
            cell = cell + 2 * width * np.arange(labels)
        number = size(ops.shape(cell))
        counted = ops.broadcast_to(ops.ones((1,), self.dtype), (number,)) if weight is None else weight
        histogram = scatter_add(
            ops.reshape(counted, (number,)), ops.reshape(cell, (number,)), axis=0, size=2 * width * labels
        )
        table = ops.reshape(histogram, (labels, 2, width) if by_label else (2, width))
        below = ops.getitem(ops.cumsum(table, axis=-1), (..., slice(0, -1)))
        above = ops.flip(ops.getitem(ops.cumsum(ops.flip(table, axis=-1), axis=-1), (..., slice(0, -1))), axis=-1)
        sides = {True: above, False: below}
        counts = {}
        for outcome in self.outcomes:
            rows = ops.getitem(sides[outcome in _SAID_YES], (..., int(outcome in _ON_TARGET), slice(None)))
            counts[outcome] = self.ladder.in_given_order(ops.transpose(rows) if by_label else rows)
        return counts


def _columned(weight: Any, truth: Any) -> Any:
    """Weights with an axis for the columns of the targets."""
    if len(ops.shape(weight)) == len(ops.shape(truth)):
        return weight
    return ops.expand_dims(weight, -1)


def among_top(scores: Any, k: int) -> Any:
    """Which scores are among the k largest of their row; of equal ones the first."""
    columns = ops.shape(scores)[-1]
    _, places = ops.top_k(scores, min(k, columns))
    return ops.any(ops.one_hot(places, columns, dtype="bool"), axis=-2)
