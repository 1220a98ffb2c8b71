from typing import Any

from kmagic.losses.log_cosh import log_cosh
from kmagic.metrics.formula import metric


@metric(tags=("regression", "robust"), shapes="[*d n], [*d n] -> [*d]", name="logcosh", direction="down")
def log_cosh_error(y_true: Any, y_pred: Any) -> Any:
    """Logarithm of the hyperbolic cosine of errors: the log_cosh loss under the name that Keras gives the metric.

    Formula: mean ln cosh(e) = mean (e + ln(1 + e^(−2e)) − ln 2), e = p − t

    Symbols: t: target, p: prediction, e: error

    Shapes: [*d n], [*d n] -> [*d]

    Example:

    >>> import numpy as np
    >>> round(log_cosh_error(np.array([0.0]), np.array([1.0])).item(), 4)
    0.4338

    Source: P. Chen, G. Chen and S. Zhang, 2019
    """
    return log_cosh(y_true, y_pred)
