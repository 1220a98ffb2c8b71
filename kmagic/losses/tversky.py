from collections.abc import Sequence
from typing import Any

from kmagic.base.config import epsilon
from kmagic.base.parameters import NonNegative
from kmagic.graph.load import ops
from kmagic.losses.loss import loss


@loss(
    tags=("binary", "probabilities", "overlap", "whole batch"),
    shapes="[*d], [*d] -> []",
    arguments=("alpha", "beta", "reduction", "name", "axis", "dtype"),
)
def tversky(
    y_true: Any,
    y_pred: Any,
    alpha: NonNegative = 0.5,
    beta: NonNegative = 0.5,
    axis: int | Sequence[int] | None = None,
) -> Any:
    """How little two areas overlap, with misses and false alarms weighed apart; with halves for both it is Dice.

    Formula: 1 − o / (o + α·Σ t·(1 − p) + β·Σ (1 − t)·p + ε), o = Σ t·p

    Symbols: t: target, 1 inside the area and 0 outside, p: probability of being inside, α: alpha, weight of what is
    missed, β: beta, weight of false alarms, Σ: over `axis`, by default over everything, the samples of the batch too,
    ε: kmagic.config.epsilon()

    Shapes: [*d], [*d] -> []

    Example:

    >>> import numpy as np
    >>> round(tversky(np.array([[1.0, 0.0]]), np.array([[0.5, 0.5]]), alpha=1.0, beta=0.0).item(), 4)
    0.5

    Source: S. Salehi, D. Erdogmus and A. Gholipour, MLMI 2017
    """
    both = ops.sum(y_true * y_pred, axis=axis)
    missed = ops.sum(y_true * (1 - y_pred), axis=axis)
    false = ops.sum((1 - y_true) * y_pred, axis=axis)
    return 1 - both / (both + alpha * missed + beta * false + epsilon())
