from typing import Any

from kmagic.base.parameters import Fraction
from kmagic.graph.load import ops
from kmagic.losses.loss import loss


@loss("cce", tags=("classes", "probabilities", "one-hot labels"), shapes="[*d n], [*d n] -> [*d]")
def categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: Fraction = 0.0, axis: int = -1
) -> Any:
    """Crossentropy of one class out of several, with one-hot targets.

    Formula: −Σ t·ln p, p = p / Σ p held within [ε, 1 − ε]; of logits z: −Σ t·ln softmax(z)

    Symbols: t: one-hot target, p: probabilities, z: logits (from_logits), s: label_smoothing makes t ← t·(1 − s) +
    s/C, C: number of classes, ε: kmagic.config.epsilon()

    Shapes: [*d n], [*d n] -> [*d]

    Example:

    >>> import numpy as np
    >>> round(categorical_crossentropy(np.array([0.0, 1.0]), np.array([0.5, 0.5])).item(), 4)
    0.6931

    Source: C. Bishop, Pattern Recognition and Machine Learning, 2006, equation 4.108
    """
    return ops.categorical_crossentropy(smoothed(y_true, label_smoothing, axis), y_pred, from_logits, axis)


def smoothed(t: Any, smoothing: float, axis: int) -> Any:
    """One-hot rows moved towards equal shares of all classes."""
    return t * (1 - smoothing) + smoothing / ops.shape(t)[axis] if smoothing else t
