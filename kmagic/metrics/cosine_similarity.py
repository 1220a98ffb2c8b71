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
    return ops.sum(y_true * y_pred, axis=axis) / (_length(y_true, axis) * _length(y_pred, axis))


def _length(x: Any, axis: int) -> Any:
    """The norm, away from 0."""
    return ops.maximum(ops.sqrt(ops.sum(ops.square(x), axis=axis)), epsilon())
