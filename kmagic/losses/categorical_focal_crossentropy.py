from collections.abc import Sequence
from typing import Any

from kmagic.base.parameters import Fraction, NonNegative
from kmagic.graph.load import ops
from kmagic.graph.ops.nn.crossentropy import held_shares
from kmagic.losses.categorical_crossentropy import smoothed
from kmagic.losses.loss import loss


@loss("categorical_focal", tags=("classes", "probabilities", "one-hot labels"), shapes="[*d n], [*d n] -> [*d]")
def categorical_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    alpha: NonNegative | Sequence[float] = 0.25,
    gamma: NonNegative = 2.0,
    from_logits: bool = False,
    label_smoothing: Fraction = 0.0,
    axis: int = -1,
) -> Any:
    """Crossentropy of one class out of several that looks away from samples which are already right.

    Formula: −Σ α·(1 − p)^γ·t·ln p, p = p / Σ p held within [ε, 1 − ε]

    Symbols: t: one-hot target, p: probabilities (from_logits: softmax of the prediction), γ: gamma, α: alpha, one
    weight or one for each class, s: label_smoothing makes t ← t·(1 − s) + s/C, C: number of classes, ε:
    kmagic.config.epsilon()

    Shapes: [*d n], [*d n] -> [*d]

    Example:

    >>> import numpy as np
    >>> round(categorical_focal_crossentropy(np.array([0.0, 1.0]), np.array([0.5, 0.5])).item(), 4)
    0.0433

    Source: T. Lin et al., Focal Loss for Dense Object Detection, ICCV 2017, equation 5
    """
    shares = ops.softmax(y_pred, axis) if from_logits else y_pred
    p = held_shares(shares, axis)
    weights = alpha * ops.power(1 - p, gamma)
    return -ops.sum(weights * smoothed(y_true, label_smoothing, axis) * ops.log(p), axis=axis)
