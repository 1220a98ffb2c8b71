"""The base of precision and recall: true positives as a share of something."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kmagic.base.parameters import Count
from kmagic.graph.load import ops
from kmagic.metrics.confusion import LOWEST, ConfusionMetric, checked_thresholds


class ShareMetric(ConfusionMetric):
    """True positives divided by themselves and the other outcome that a class names second."""

    _direction = "up"

    def __init__(
        self,
        thresholds: float | Sequence[float] | None = None,
        top_k: Count | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(dtype, name)
        self.init_thresholds, self.top_k, self.class_id = thresholds, top_k, class_id
        # among the top k every score counts as a yes
        default = 0.5 if top_k is None else LOWEST
        self.compare_with(checked_thresholds(thresholds, default, type(self).__name__))
        self.make_counters()

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count in one batch."""
        self.count(y_true, y_pred, sample_weight, self.top_k, self.class_id)

    def result(self) -> Any:
        """The share, 0 where there is nothing to divide by; one for each threshold where there are several."""
        hits, others = (self.counter(outcome).value for outcome in self.outcomes)
        share = ops.divide_no_nan(hits, ops.add(hits, others))
        return share[0] if len(self.ladder) == 1 else share

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal metric."""
        return {**super().get_config(), "thresholds": self.init_thresholds}
