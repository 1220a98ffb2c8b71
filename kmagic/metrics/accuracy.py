from typing import Any

from kmagic.graph.load import ops
from kmagic.metrics.formula import metric


@metric("acc", tags=("any", "accuracy"), shapes="[*d], [*d] -> [*d]")
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
    return ops.cast(ops.equal(y_true, y_pred), y_pred.dtype)
