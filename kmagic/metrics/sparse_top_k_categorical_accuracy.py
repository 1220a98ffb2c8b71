from typing import Any

import numpy as np

from kmagic.base.parameters import Count
from kmagic.graph.load import ops
from kmagic.losses.loss import align
from kmagic.metrics.formula import metric


@metric(
    "sparse_top_k",
    tags=("classes", "integer labels", "accuracy"),
    shapes="[*d], [*d classes] -> [*d]",
    integer_labels=True,
    first=("k",),
)
def sparse_top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: Count = 5, from_sorted_ids: bool = False) -> Any:
    """Share of samples whose right class is among the k most probable; targets are class numbers.

    Formula: [#{j : p_j > p_t} < k]; from_sorted_ids: [t ∈ {p₁ … p_k}]

    Symbols: t: class number from 0, p: scores, or with from_sorted_ids class numbers, best first, [·]: 1 where true,
    #: how many

    Shapes: [*d], [*d classes] -> [*d]

    Example:

    >>> import numpy as np
    >>> sparse_top_k_categorical_accuracy(np.array([2, 0]), np.array([[0.1, 0.6, 0.3]] * 2), k=2).tolist()
    [1.0, 0.0]

    Source: the share of right answers
    """
    y_true, y_pred = align(y_true, y_pred, integer_labels=True)
    if not from_sorted_ids:
        return ops.cast(within_top(y_true, y_pred, k), y_pred.dtype)
    listed = ops.equal(ops.getitem(y_pred, (..., slice(0, k))), ops.expand_dims(y_true, -1))
    return ops.cast(ops.any(listed, axis=-1), y_pred.dtype)


def within_top(classes: Any, scores: Any, k: int) -> Any:
    """Whether fewer than k scores of a row exceed that of the class named; a class that does not exist is not there.

    >>> within_top(np.array([0, 5]), np.array([[0.2, 0.8], [0.2, 0.8]]), 2).tolist()
    [True, False]
    """
    number = ops.shape(scores)[-1]
    exists = ops.logical_and(classes >= 0, classes < number)
    own = ops.take_along_axis(scores, ops.expand_dims(ops.where(exists, classes, 0), -1), axis=-1)
    # what is no number counts as the least probable
    own = ops.where(ops.isnan(own), -np.inf, own)
    above = ops.sum(ops.cast(ops.greater(scores, own), "int32"), axis=-1)
    return ops.logical_and(exists, above < k)
