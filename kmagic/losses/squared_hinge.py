from typing import Any

from kmagic.graph.load import ops
from kmagic.losses.loss import as_signs, loss


@loss(tags=("binary", "margin"), shapes="[*d n], [*d n] -> [*d]")
def squared_hinge(y_true: Any, y_pred: Any) -> Any:
    """The square of the hinge loss: smooth where the margin begins.

    Formula: mean max(1 − t·p, 0)²

    Symbols: t: target, −1 or 1 (targets that are all 0 or 1 are taken as −1 and 1), p: prediction

    Shapes: [*d n], [*d n] -> [*d]

    Example:

    >>> import numpy as np
    >>> squared_hinge(np.array([-1.0, 1.0]), np.array([0.5, 2.0])).item()
    1.125

    Source: Y. Tang, ICML workshop 2013
    """
    return ops.mean(ops.square(ops.maximum(1 - as_signs(y_true) * y_pred, 0)), axis=-1)
