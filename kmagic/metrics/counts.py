"""The base of the four plain counts: one outcome at one or several thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kmagic.metrics.confusion import ConfusionMetric, checked_thresholds


class CountMetric(ConfusionMetric):
    """Counts the one outcome that its class names."""

    def __init__(
        self, thresholds: float | Sequence[float] | None = None, name: str | None = None, dtype: Any = None
    ) -> None:
        super().__init__(dtype, name)
        self.init_thresholds = thresholds
        self.compare_with(checked_thresholds(thresholds, 0.5, type(self).__name__))
        self.accumulator = self.add_variable((len(self.ladder),), name="accumulator")

    def counter(self, outcome: str) -> Any:
        """The one variable there is."""
        return self.accumulator

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count in one batch."""
        self.count(y_true, y_pred, sample_weight)

    def result(self) -> Any:
        """The count: a number for a single threshold, else one for each."""
        return self.accumulator.value[0] if len(self.ladder) == 1 else self.accumulator.value

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal metric."""
        return {**super().get_config(), "thresholds": self.init_thresholds}
