from collections.abc import Sequence
from typing import Any

from kmagic.base.config import epsilon
from kmagic.graph.load import ops
from kmagic.losses.loss import loss


@loss(
    tags=("binary", "probabilities", "overlap", "whole batch"),
    shapes="[*d], [*d] -> []",
    arguments=("reduction", "name", "axis", "dtype"),
)
def dice(y_true: Any, y_pred: Any, axis: int | Sequence[int] | None = None) -> Any:
    """How little two areas overlap: 0 where they are the same, 1 where they do not touch.

    Formula: 1 − 2·Σ t·p / (Σ t + Σ p + ε)

    Symbols: t: target, 1 inside the area and 0 outside, p: probability of being inside, Σ: over `axis`, by default over
    everything, the samples of the batch too, ε: kmagic.config.epsilon()

    Shapes: [*d], [*d] -> []

    Example:

    >>> import numpy as np
    >>> round(dice(np.array([[1.0, 0.0]]), np.array([[0.5, 0.5]])).item(), 4)
    0.5

    Source: F. Milletari, N. Navab and S. Ahmadi, V-Net, 3DV 2016
    """
    both = ops.sum(y_true * y_pred, axis=axis)
    return 1 - 2 * both / (ops.sum(y_true, axis=axis) + ops.sum(y_pred, axis=axis) + epsilon())
