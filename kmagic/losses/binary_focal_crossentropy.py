from typing import Any

from kmagic.base.parameters import Fraction, NonNegative
from kmagic.graph.load import ops
from kmagic.losses.binary_crossentropy import smoothed
from kmagic.losses.loss import loss


@loss("focal", "binary_focal", tags=("binary", "probabilities", "independent labels"), shapes="[*d n], [*d n] -> [*d]")
def binary_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    apply_class_balancing: bool = False,
    alpha: Fraction = 0.25,
    gamma: NonNegative = 2.0,
    from_logits: bool = False,
    label_smoothing: Fraction = 0.0,
    axis: int = -1,
) -> Any:
    """Crossentropy of yes-or-no questions that looks away from answers which are already right.

    Formula: mean (1 − q)^γ·bce(t, p), q = t·p + (1 − t)·(1 − p); with apply_class_balancing also times
    t·α + (1 − t)·(1 − α)

    Symbols: t: target, p: probability (from_logits: sigmoid of the prediction), q: probability given to the truth,
    bce: binary crossentropy of each, γ: gamma, α: alpha, weight of the ones, s: label_smoothing makes
    t ← t·(1 − s) + s/2

    Shapes: [*d n], [*d n] -> [*d]

    Example:

    >>> import numpy as np
    >>> round(binary_focal_crossentropy(np.array([1.0]), np.array([0.5])).item(), 4)
    0.1733

    Source: T. Lin et al., Focal Loss for Dense Object Detection, ICCV 2017, equation 5
    """
    t = smoothed(y_true, label_smoothing)
    p = ops.sigmoid(y_pred) if from_logits else y_pred
    right = t * p + (1 - t) * (1 - p)
    values = ops.power(1 - right, gamma) * ops.binary_crossentropy(t, p)
    if apply_class_balancing:
        values = (t * alpha + (1 - t) * (1 - alpha)) * values
    return ops.mean(values, axis=axis)
