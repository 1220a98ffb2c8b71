from typing import Any

from kmagic.base.config import epsilon
from kmagic.graph.load import ops
from kmagic.losses.loss import align_ranks
from kmagic.metrics.formula import metric


@metric(tags=("regression", "direction"), shapes="[*d n], [*d n] -> [*d]")
def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """Cosine of the angle between target and prediction: 1 for the same direction; the loss has the other sign.

    Formula: Σ t·p / (‖t‖·‖p‖), norms being at least 1e-7

    Symbols: t: target, p: prediction, ‖·‖: Euclidean norm along axis

    Shapes: [*d n], [*d n] -> [*d]

    Example:

    >>> import numpy as np
    >>> cosine_similarity(np.array([[1.0, 0.0]]), np.array([[3.0, 4.0]])).tolist()
    [0.6]

    Source: the definition of the angle between vectors
    """
    y_true, y_pred = align_ranks(y_true, y_pred)
    return ops.sum(_unit(y_true, axis) * _unit(y_pred, axis), axis=axis)


def _unit(x: Any, axis: int) -> Any:
    """A vector of length 1 in the direction of x."""
    length = ops.maximum(ops.norm(x, axis=axis, keepdims=True), epsilon())
    return x / length
