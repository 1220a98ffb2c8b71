"""The base of metrics that give the best of one rate where another is at least so much."""

from __future__ import annotations

from typing import Any

from kmagic.base.parameters import Count, Fraction
from kmagic.graph.load import ops
from kmagic.metrics.confusion import ConfusionMetric


class TradeOffMetric(ConfusionMetric):
    """Counts at evenly spaced thresholds; a class says which rate is bound and which is looked for."""

    _direction = "up"

    def start(self, bound: Fraction, num_thresholds: Count, class_id: int | None, name: str | None, dtype: Any) -> None:
        """Take the arguments that all of these have."""
        super().__init__(dtype, name)
        self.value, self.num_thresholds, self.class_id = bound, num_thresholds, class_id
        self.compare_with([0.5] if num_thresholds == 1 else [i / (num_thresholds - 1) for i in range(num_thresholds)])
        self.make_counters()

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count in one batch."""
        self.count(y_true, y_pred, sample_weight, class_id=self.class_id)

    def best(self, dependent: Any, bound: Any) -> Any:
        """The largest `dependent` rate among the thresholds where `bound` is at least the value asked for, else 0."""
        return ops.max(ops.where(bound >= self.value, ops.maximum(dependent, 0), 0))

    @property
    def sensitivity_rate(self) -> Any:
        """The share of targets 1 that are found, also called recall."""
        return _share(self.true_positives, self.false_negatives)

    @property
    def specificity_rate(self) -> Any:
        """The share of targets 0 that are left alone."""
        return _share(self.true_negatives, self.false_positives)

    @property
    def precision_rate(self) -> Any:
        """The share of answers that are right."""
        return _share(self.true_positives, self.false_positives)


def _share(part: Any, rest: Any) -> Any:
    return ops.divide_no_nan(part.value, ops.add(part.value, rest.value))
