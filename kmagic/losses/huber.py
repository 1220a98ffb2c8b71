from typing import Any

from kmagic.base.parameters import Positive
from kmagic.graph.load import ops
from kmagic.losses.loss import loss


@loss("huber_loss", "smooth_l1", tags=("regression", "robust"), shapes="[*d n], [*d n] -> [*d]", name="huber_loss")
def huber(y_true: Any, y_pred: Any, delta: Positive = 1.0) -> Any:
    """Squared for small errors, absolute for large ones: outliers pull less than in the squared one.

    Formula: mean e²/2 for |e| ≤ δ, else δ·|e| − δ²/2; e = p − t

    Symbols: t: target, p: prediction, e: error, δ: delta, where one kind passes into the other

    Shapes: [*d n], [*d n] -> [*d]

    Example:

    >>> import numpy as np
    >>> huber(np.array([0.0, 0.0]), np.array([1.0, 3.0])).item()
    1.5

    Source: P. Huber, Ann. Math. Stat. 35 (1964)
    """
    size = ops.absolute(y_pred - y_true)
    return ops.mean(ops.where(size <= delta, 0.5 * ops.square(size), delta * size - 0.5 * delta**2), axis=-1)
