from typing import Any

from kmagic.graph.load import ops
from kmagic.metrics.metric import Metric
from kmagic.metrics.weights import per_sample


class Sum(Metric):
    """Weighted sum of everything that it is given.

    Formula: Σ w·v

    Symbols: v: values, w: weights, 1 by default

    Example:

    >>> s = Sum()
    >>> s.update_state([1.0, 3.0]); float(s.result())
    4.0
    """

    def __init__(self, name: str | None = "sum", dtype: Any = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_variable(name="total")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Add values."""
        values, _ = per_sample(values, sample_weight, self.dtype, ops.sum)
        self.total.assign_add(ops.sum(values))

    def result(self) -> Any:
        """The sum."""
        return self.total.value
