from typing import Any

from kmagic.base.parameters import Fraction
from kmagic.graph.load import ops
from kmagic.losses.loss import loss


@loss("bce", "BCE", tags=("binary", "probabilities", "independent labels"), shapes="[*d n], [*d n] -> [*d]")
def binary_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: Fraction = 0.0, axis: int = -1
) -> Any:
    """Crossentropy of yes-or-no questions: the loss for one sigmoid output, or several independent ones.

    Formula: mean −(t·ln p + (1 − t)·ln(1 − p)), p held within [ε, 1 − ε]; of logits z: mean ln(1 + eᶻ) − t·z

    Symbols: t: target, p: probability, z: logit (from_logits), s: label_smoothing makes t ← t·(1 − s) + s/2, ε:
    kmagic.config.epsilon()

    Shapes: [*d n], [*d n] -> [*d]

    Example:

    >>> import numpy as np
    >>> round(binary_crossentropy(np.array([1.0]), np.array([0.5])).item(), 4)
    0.6931

    Source: I. Goodfellow, Y. Bengio and A. Courville, Deep Learning, 2016, section 6.2.2
    """
    t = smoothed(y_true, label_smoothing)
    return ops.mean(ops.binary_crossentropy(t, y_pred, from_logits), axis=axis)


def smoothed(t: Any, smoothing: float) -> Any:
    """Zeros and ones moved towards one half."""
    return t * (1 - smoothing) + smoothing / 2 if smoothing else t
