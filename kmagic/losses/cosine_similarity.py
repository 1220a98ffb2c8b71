from typing import Any

from kmagic.graph.load import ops
from kmagic.losses.loss import loss


@loss("cosine_proximity", tags=("regression", "direction"), shapes="[*d n], [*d n] -> [*d]")
def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """Negative cosine of the angle between two vectors: −1 for the same direction, 0 for a right angle, 1 for opposite.

    Formula: −Σ (t / ‖t‖)·(p / ‖p‖)

    Symbols: t: target, p: prediction, ‖x‖: Euclidean norm over `axis`, at least ε = kmagic.config.epsilon()

    Shapes: [*d n], [*d n] -> [*d]

    Example:

    >>> import numpy as np
    >>> round(cosine_similarity(np.array([1.0, 0.0]), np.array([3.0, 4.0])).item(), 4)
    -0.6

    Source: G. Salton, A. Wong and C. Yang, Comm. ACM 18 (1975)
    """
    return -ops.sum(ops.normalize(y_true, axis) * ops.normalize(y_pred, axis), axis=axis)
