from typing import Any

from kmagic.base.parameters import Whole
from kmagic.graph.load import ops
from kmagic.losses.loss import align, as_labels, loss


def valid_labels(y_true: Any, values: Any = None, ignore_class: int | None = None, **options: Any) -> Any:
    """Which labels count; None where all do."""
    return None if ignore_class is None else ops.not_equal(y_true, ignore_class)


@loss(
    "scce",
    tags=("classes", "probabilities", "integer labels"),
    shapes="[*d], [*d classes] -> [*d]",
    arguments=("from_logits", "ignore_class", "reduction", "axis", "name", "dtype"),
    integer_labels=True,
    valid=valid_labels,
)
def sparse_categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, ignore_class: Whole | None = None, axis: int = -1
) -> Any:
    """Crossentropy of one class out of several, with class numbers as targets.

    Formula: −ln p_t, p = p / Σ p held within [ε, 1 − ε]; of logits z: −ln softmax(z)_t

    Symbols: t: class number from 0, p: probabilities, z: logits (from_logits), ignore_class: a class number that does
    not count, ε: kmagic.config.epsilon()

    Shapes: [*d], [*d classes] -> [*d]

    Example:

    >>> import numpy as np
    >>> round(sparse_categorical_crossentropy(np.array([1]), np.array([[0.5, 0.5]])).item(), 4)
    0.6931

    Source: C. Bishop, Pattern Recognition and Machine Learning, 2006, equation 4.108
    """
    labels, y_pred = align(as_labels(y_true), y_pred, integer_labels=True)
    counted = valid_labels(labels, ignore_class=ignore_class)
    if counted is not None:
        labels = ops.where(counted, labels, 0)
    values = ops.sparse_categorical_crossentropy(labels, y_pred, from_logits, axis)
    return values if counted is None else ops.where(counted, values, 0)
