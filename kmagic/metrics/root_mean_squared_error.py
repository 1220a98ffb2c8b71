from typing import Any

from kmagic.graph.load import ops
from kmagic.losses.loss import align_ranks, as_float
from kmagic.metrics import registry
from kmagic.metrics.blocks import in_blocks
from kmagic.metrics.mean import Mean


@registry.register("rmse", tags=("regression",), shapes="[batch *d], [batch *d] -> []")
class RootMeanSquaredError(Mean):
    """Root of the mean squared difference over everything seen.

    Formula: √ (Σ w·(t − p)² / Σ w)

    Symbols: t: target, p: prediction, w: weight, 1 by default

    Shapes: [batch *d], [batch *d] -> []

    Example:

    >>> m = RootMeanSquaredError()
    >>> m.update_state([0.0, 0.0], [1.0, 7.0]); float(m.result())
    5.0
    """

    _direction = "down"

    def __init__(self, name: str | None = "root_mean_squared_error", dtype: Any = None) -> None:
        super().__init__(name, dtype)

    @in_blocks
    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take one batch into account."""
        target, prediction = align_ranks(as_float(y_true, self.dtype), as_float(y_pred, self.dtype))
        super().update_state(ops.square(prediction - target), sample_weight)

    def result(self) -> Any:
        """The root, 0 before anything was seen."""
        return ops.sqrt(super().result())
