from typing import Any

from kmagic.base.config import epsilon
from kmagic.graph.load import ops
from kmagic.losses.loss import align_ranks
from kmagic.metrics.formula import metric


@metric(tags=("regression", "correlation"), shapes="[*d n], [*d n] -> [*d]")
def concordance_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """How well target and prediction agree within each sample: 1 where they are equal, less for shifts and scales.

    Formula: 2·mean((t − t̄)·(p − p̄)) / (σ_t² + σ_p² + (t̄ − p̄)² + ε)

    Symbols: t: target, p: prediction, t̄, σ: mean and standard deviation along axis, ε: 1e-7

    Shapes: [*d n], [*d n] -> [*d]

    Example:

    >>> import numpy as np
    >>> concordance_correlation(np.array([[1.0, 2.0, 3.0]]), np.array([[2.0, 3.0, 4.0]])).round(4).tolist()
    [0.5714]

    Source: L. Lin, Biometrics 45 (1989)
    """
    y_true, y_pred = align_ranks(y_true, y_pred)
    t_mean, p_mean = (ops.mean(x, axis=axis, keepdims=True) for x in (y_true, y_pred))
    t, p = y_true - t_mean, y_pred - p_mean
    spread = ops.mean(ops.square(t), axis=axis) + ops.mean(ops.square(p), axis=axis)
    shift = ops.mean(ops.square(t_mean - p_mean), axis=axis)
    return 2 * ops.mean(t * p, axis=axis) / (spread + shift + epsilon())
