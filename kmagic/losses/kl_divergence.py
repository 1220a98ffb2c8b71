from typing import Any

from kmagic.base.config import epsilon
from kmagic.graph.load import ops
from kmagic.losses.loss import loss


@loss(
    "kld",
    "KLD",
    "kl_div",
    "kullback_leibler_divergence",
    tags=("distributions", "probabilities"),
    shapes="[*d n], [*d n] -> [*d]",
    title="KLDivergence",
)
def kl_divergence(y_true: Any, y_pred: Any) -> Any:
    """How much a predicted distribution differs from the true one: 0 where they are equal.

    Formula: Σ t·ln(t / p), both held within [ε, 1]

    Symbols: t: true probabilities, p: predicted ones, ε: kmagic.config.epsilon()

    Shapes: [*d n], [*d n] -> [*d]

    Example:

    >>> import numpy as np
    >>> round(kl_divergence(np.array([0.5, 0.5]), np.array([0.25, 0.75])).item(), 4)
    0.1438

    Source: S. Kullback and R. Leibler, Ann. Math. Stat. 22 (1951)
    """
    t, p = ops.clip(y_true, epsilon(), 1), ops.clip(y_pred, epsilon(), 1)
    return ops.sum(t * ops.log(t / p), axis=-1)
