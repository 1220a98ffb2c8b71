from typing import Any

from kmagic.graph.load import ops
from kmagic.losses.loss import as_signs, loss


@loss(tags=("binary", "margin"), shapes="[*d n], [*d n] -> [*d]")
def hinge(y_true: Any, y_pred: Any) -> Any:
    """Punishes predictions on the wrong side, and right ones within a margin of 1.

    Formula: mean max(1 − t·p, 0)

    Symbols: t: target, −1 or 1 (targets that are all 0 or 1 are taken as −1 and 1), p: prediction

    Shapes: [*d n], [*d n] -> [*d]

    Example:

    >>> import numpy as np
    >>> hinge(np.array([-1.0, 1.0]), np.array([0.5, 2.0])).item()
    0.75

    Source: V. Vapnik, Statistical Learning Theory, 1998
    """
    return ops.mean(ops.maximum(1 - as_signs(y_true) * y_pred, 0), axis=-1)
