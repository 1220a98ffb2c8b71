from typing import Any

from kmagic.base.config import epsilon
from kmagic.graph.load import ops
from kmagic.losses.loss import loss


@loss("msle", "MSLE", tags=("regression", "relative"), shapes="[*d n], [*d n] -> [*d]")
def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Any:
    """Mean of squared differences of logarithms, for targets that grow by factors; negative values count as ε.

    Formula: mean (ln(1 + max(p, ε)) − ln(1 + max(t, ε)))²

    Symbols: t: target, p: prediction, n: size of the last axis, ε: kmagic.config.epsilon()

    Shapes: [*d n], [*d n] -> [*d]

    Example:

    >>> import numpy as np
    >>> round(mean_squared_logarithmic_error(np.array([0.0]), np.array([1.0])).item(), 4)
    0.4805

    Source: the mean squared error of ln(1 + x)
    """
    first = ops.log(ops.maximum(y_pred, epsilon()) + 1)
    second = ops.log(ops.maximum(y_true, epsilon()) + 1)
    return ops.mean(ops.square(first - second), axis=-1)
