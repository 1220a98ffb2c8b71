from typing import Any

from kmagic.graph.load import ops
from kmagic.losses.loss import loss


@loss("mse", "MSE", "l2", tags=("regression",), shapes="[*d n], [*d n] -> [*d]")
def mean_squared_error(y_true: Any, y_pred: Any) -> Any:
    """Mean of squared errors: the usual loss for numbers.

    Formula: mean (t − p)²

    Symbols: t: target, p: prediction, n: size of the last axis

    Shapes: [*d n], [*d n] -> [*d]

    Example:

    >>> import numpy as np
    >>> mean_squared_error(np.array([0.0, 2.0]), np.array([1.0, 0.0])).item()
    2.5

    Source: C. F. Gauss, 1809
    """
    return ops.mean(ops.square(y_pred - y_true), axis=-1)
