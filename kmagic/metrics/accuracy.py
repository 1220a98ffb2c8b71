from typing import Any

from kmagic.base.config import floatx
from kmagic.graph.load import ops
from kmagic.losses.loss import align_ranks
from kmagic.metrics.formula import metric
from kmagic.metrics.mean_metric_wrapper import AlignedMean


class MeanOfEqual(AlignedMean):
    """The mean of a comparison, to which whole numbers go as they are."""

    def prepared(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """Target and prediction in one rank; in the metric's dtype unless they have the same already."""
        if getattr(y_true, "dtype", None) == getattr(y_pred, "dtype", ""):
            return align_ranks(y_true, y_pred)
        return super().prepared(y_true, y_pred)


@metric("acc", tags=("any", "accuracy"), shapes="[*d], [*d] -> [*d]", base=MeanOfEqual)
def accuracy(y_true: Any, y_pred: Any) -> Any:
    """Share of predictions that equal their target exactly; given by name to `compile`, the form that fits the output.

    Formula: [t = p]

    Symbols: t: target, p: prediction, [·]: 1 where true

    Shapes: [*d], [*d] -> [*d]

    Example:

    >>> import numpy as np
    >>> accuracy(np.array([1.0, 2.0]), np.array([1.0, 3.0])).tolist()
    [1.0, 0.0]

    Source: the share of right answers
    """
    return ops.cast(ops.equal(y_true, y_pred), floatx())
