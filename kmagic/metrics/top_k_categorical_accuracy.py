from typing import Any

from kmagic.base.parameters import Count
from kmagic.graph.load import ops
from kmagic.metrics.formula import metric
from kmagic.metrics.sparse_top_k_categorical_accuracy import within_top


@metric(
    "top_k",
    "top5",
    tags=("classes", "one-hot labels", "accuracy"),
    shapes="[*d classes], [*d classes] -> [*d]",
    first=("k",),
)
def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: Count = 5) -> Any:
    """Share of samples whose right class is among the k most probable; targets are one-hot.

    Formula: [#{j : p_j > p_c} < k], c = argmax t

    Symbols: t: one-hot target, c: its class, p: scores, [·]: 1 where true, #: how many

    Shapes: [*d classes], [*d classes] -> [*d]

    Example:

    >>> import numpy as np
    >>> top_k_categorical_accuracy(np.array([[0.0, 0.0, 1.0]]), np.array([[0.1, 0.6, 0.3]]), k=2).tolist()
    [1.0]

    Source: the share of right answers
    """
    return ops.cast(within_top(ops.argmax(y_true, axis=-1), y_pred, k), y_pred.dtype)
