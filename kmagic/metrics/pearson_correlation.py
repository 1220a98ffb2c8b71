from typing import Any

from kmagic.graph.load import ops
from kmagic.losses.loss import align_ranks
from kmagic.metrics.formula import metric


@metric("pearson", tags=("regression", "correlation"), shapes="[*d n], [*d n] -> [*d]")
def pearson_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """Linear correlation of target and prediction within each sample: 1 where one is a rising line of the other.

    Formula: mean ((t − t̄)/σ_t · (p − p̄)/σ_p)

    Symbols: t: target, p: prediction, t̄, σ: mean and standard deviation along axis

    Shapes: [*d n], [*d n] -> [*d]

    Example:

    >>> import numpy as np
    >>> pearson_correlation(np.array([[1.0, 2.0, 3.0]]), np.array([[2.0, 4.0, 6.0]])).round(9).tolist()
    [1.0]

    Source: K. Pearson, 1895
    """
    y_true, y_pred = align_ranks(y_true, y_pred)
    return ops.mean(_standardized(y_true, axis) * _standardized(y_pred, axis), axis=axis)


def _standardized(x: Any, axis: int) -> Any:
    """x with mean 0 and standard deviation 1."""
    centred = x - ops.mean(x, axis=axis, keepdims=True)
    # an operation, so that a constant x gives what is no number without a warning
    return ops.divide(centred, ops.sqrt(ops.mean(ops.square(centred), axis=axis, keepdims=True)))
