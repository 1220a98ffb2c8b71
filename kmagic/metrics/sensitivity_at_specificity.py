from typing import Any

from kmagic.base.parameters import Count, Fraction
from kmagic.metrics import registry
from kmagic.metrics.trade_offs import TradeOffMetric


@registry.register(tags=("binary", "thresholds"), shapes="[batch *d], [batch *d] -> []")
class SensitivityAtSpecificity(TradeOffMetric):
    """Best sensitivity at a specificity of at least so much.

    Formula: max TP / (TP + FN) over θ with TN / (TN + FP) ≥ specificity

    Symbols: θ: num_thresholds numbers from 0 to 1, TP, FP, TN, FN: outcomes of p > θ for targets of 1 and 0

    Shapes: [batch *d], [batch *d] -> []

    Example:

    >>> m = SensitivityAtSpecificity(0.5)
    >>> m.update_state([0, 0, 1, 1], [0.0, 0.6, 0.4, 0.9]); float(m.result())
    1.0
    """

    def __init__(
        self,
        specificity: Fraction,
        num_thresholds: Count = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        self.start(specificity, num_thresholds, class_id, name, dtype)
        self.specificity = specificity

    def result(self) -> Any:
        """The best value over the thresholds, 0 where none qualifies."""
        return self.best(self.sensitivity_rate, self.specificity_rate)
