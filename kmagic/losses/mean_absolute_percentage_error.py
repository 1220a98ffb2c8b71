from typing import Any

from kmagic.base.config import epsilon
from kmagic.graph.load import ops
from kmagic.losses.loss import loss


@loss("mape", "MAPE", tags=("regression", "relative"), shapes="[*d n], [*d n] -> [*d]")
def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Any:
    """Mean of absolute errors as a percentage of the target.

    Formula: 100·mean |t − p| / max(|t|, ε)

    Symbols: t: target, p: prediction, n: size of the last axis, ε: kmagic.config.epsilon()

    Shapes: [*d n], [*d n] -> [*d]

    Example:

    >>> import numpy as np
    >>> mean_absolute_percentage_error(np.array([2.0, 4.0]), np.array([1.0, 5.0])).item()
    37.5

    Source: S. Makridakis, Int. J. Forecasting 9 (1993)
    """
    share = ops.absolute((y_true - y_pred) / ops.maximum(ops.absolute(y_true), epsilon()))
    return 100 * ops.mean(share, axis=-1)
