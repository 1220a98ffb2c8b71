from typing import Any

from kmagic.base.parameters import Number
from kmagic.graph.load import ops
from kmagic.metrics.formula import metric


@metric(tags=("binary", "accuracy"), shapes="[*d], [*d] -> [*d]")
def binary_accuracy(y_true: Any, y_pred: Any, threshold: Number = 0.5) -> Any:
    """Share of yes-or-no answers that are right.

    Formula: [t = [p > threshold]]

    Symbols: t: 0 or 1, p: probability, [·]: 1 where true

    Shapes: [*d], [*d] -> [*d]

    Example:

    >>> import numpy as np
    >>> binary_accuracy(np.array([1.0, 0.0]), np.array([0.9, 0.8])).tolist()
    [1.0, 0.0]

    Source: the share of right answers
    """
    said = ops.cast(y_pred > threshold, y_pred.dtype)
    return ops.cast(ops.equal(y_true, said), y_pred.dtype)
