from typing import Any

from kmagic.graph.load import ops
from kmagic.graph.ops.source import number_of
from kmagic.metrics.metric import Metric
from kmagic.metrics.weights import per_sample


class Mean(Metric):
    """Weighted mean of everything that it is given.

    Formula: Σ w·v / Σ w

    Symbols: v: values (averaged over all but the first axis), w: weights, 1 by default

    Example:

    >>> m = Mean()
    >>> m.update_state([1.0, 3.0]); float(m.result())
    2.0
    """

    def __init__(self, name: str | None = "mean", dtype: Any = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_variable(name="total")
        self.count = self.add_variable(name="count")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Add values, one for each sample."""
        values, weight = per_sample(values, sample_weight, self.dtype)
        shape = ops.shape(values)
        rows = number_of(shape[0], self.dtype) if shape else 1.0
        self.total.assign_add(ops.sum(values))
        self.count.assign_add(rows if weight is None else ops.sum(weight))

    def result(self) -> Any:
        """The mean, 0 before anything was seen."""
        return ops.divide_no_nan(self.total.value, self.count.value)
