from typing import Any

from kmagic.graph.load import ops
from kmagic.losses.loss import loss


@loss(tags=("classes", "one-hot labels", "margin"), shapes="[*d n], [*d n] -> [*d]")
def categorical_hinge(y_true: Any, y_pred: Any) -> Any:
    """Hinge between the score of the right class and the best wrong one.

    Formula: max(max((1 − t)·p) − Σ t·p + 1, 0)

    Symbols: t: one-hot target, p: scores

    Shapes: [*d n], [*d n] -> [*d]

    Example:

    >>> import numpy as np
    >>> categorical_hinge(np.array([0.0, 1.0]), np.array([0.5, 2.0])).item()
    0.0

    Source: K. Crammer and Y. Singer, JMLR 2 (2001)
    """
    right = ops.sum(y_true * y_pred, axis=-1)
    wrong = ops.max((1 - y_true) * y_pred, axis=-1)
    return ops.maximum(wrong - right + 1, 0)
