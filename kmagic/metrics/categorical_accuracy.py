from typing import Any

from kmagic.graph.load import ops
from kmagic.metrics.formula import metric


@metric(tags=("classes", "one-hot labels", "accuracy"), shapes="[*d classes], [*d classes] -> [*d]")
def categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """Share of samples whose most probable class is right; targets are one-hot.

    Formula: [argmax t = argmax p]

    Symbols: t: one-hot target, p: scores, [·]: 1 where true

    Shapes: [*d classes], [*d classes] -> [*d]

    Example:

    >>> import numpy as np
    >>> categorical_accuracy(np.array([[0.0, 1.0]]), np.array([[0.3, 0.7]])).tolist()
    [1.0]

    Source: the share of right answers
    """
    return ops.cast(ops.equal(ops.argmax(y_true, axis=-1), ops.argmax(y_pred, axis=-1)), y_pred.dtype)
