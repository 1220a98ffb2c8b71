import math
from typing import Any

from kmagic.graph.load import ops
from kmagic.losses.loss import loss


@loss("logcosh", tags=("regression", "robust"), shapes="[*d n], [*d n] -> [*d]")
def log_cosh(y_true: Any, y_pred: Any) -> Any:
    """Logarithm of the hyperbolic cosine of errors: squared near 0, absolute far from it.

    Formula: mean ln cosh(e) = mean (e + ln(1 + e^(−2e)) − ln 2), e = p − t

    Symbols: e: error

    Shapes: [*d n], [*d n] -> [*d]

    Example:

    >>> import numpy as np
    >>> round(log_cosh(np.array([0.0]), np.array([1.0])).item(), 4)
    0.4338

    Source: P. Chen, G. Chen and S. Zhang, 2019
    """
    error = y_pred - y_true
    return ops.mean(error + ops.softplus(-2 * error) - math.log(2), axis=-1)
