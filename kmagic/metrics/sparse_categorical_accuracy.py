from typing import Any

from kmagic.graph.load import ops
from kmagic.losses.loss import align
from kmagic.metrics.formula import metric


@metric(tags=("classes", "integer labels", "accuracy"), shapes="[*d], [*d classes] -> [*d]", integer_labels=True)
def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """Share of samples whose most probable class is right; targets are class numbers.

    Formula: [t = argmax p]

    Symbols: t: class number from 0, p: scores, [·]: 1 where true

    Shapes: [*d], [*d classes] -> [*d]

    Example:

    >>> import numpy as np
    >>> sparse_categorical_accuracy(np.array([1]), np.array([[0.3, 0.7]])).tolist()
    [1.0]

    Source: the share of right answers
    """
    y_true, y_pred = align(y_true, y_pred, integer_labels=True)
    return ops.cast(ops.equal(y_true, ops.argmax(y_pred, axis=-1)), y_pred.dtype)
