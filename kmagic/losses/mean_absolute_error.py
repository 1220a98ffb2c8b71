from typing import Any

from kmagic.graph.load import ops
from kmagic.losses.loss import loss


@loss("mae", "MAE", "l1", tags=("regression",), shapes="[*d n], [*d n] -> [*d]")
def mean_absolute_error(y_true: Any, y_pred: Any) -> Any:
    """Mean of absolute errors: outliers count less than in the squared one.

    Formula: mean |t − p|

    Symbols: t: target, p: prediction, n: size of the last axis

    Shapes: [*d n], [*d n] -> [*d]

    Example:

    >>> import numpy as np
    >>> mean_absolute_error(np.array([0.0, 2.0]), np.array([1.0, 0.0])).item()
    1.5

    Source: P. S. Laplace, 1774
    """
    return ops.mean(ops.absolute(y_pred - y_true), axis=-1)
