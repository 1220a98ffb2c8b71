from typing import Any

from kmagic.base.config import epsilon
from kmagic.graph.load import ops
from kmagic.losses.loss import loss


@loss(tags=("regression", "counts"), shapes="[*d n], [*d n] -> [*d]")
def poisson(y_true: Any, y_pred: Any) -> Any:
    """Negative logarithm of the likelihood of counts, without the part that no prediction changes.

    Formula: mean (p − t·ln(p + ε))

    Symbols: t: counts, p: predicted mean, which must not be negative, ε: kmagic.config.epsilon()

    Shapes: [*d n], [*d n] -> [*d]

    Example:

    >>> import numpy as np
    >>> round(poisson(np.array([2.0]), np.array([1.0])).item(), 4)
    1.0

    Source: P. McCullagh and J. Nelder, Generalized Linear Models, 1989, chapter 6
    """
    return ops.mean(y_pred - y_true * ops.log(y_pred + epsilon()), axis=-1)
