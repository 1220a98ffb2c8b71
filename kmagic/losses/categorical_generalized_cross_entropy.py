from typing import Annotated, Any

from kmagic.base.parameters import Bound
from kmagic.graph.load import ops
from kmagic.graph.ops.indexing import pick
from kmagic.losses.loss import align, as_labels, loss


@loss(
    "categorical_generalized_crossentropy",
    "gce",
    tags=("classes", "probabilities", "integer labels", "robust"),
    shapes="[*d], [*d classes] -> [*d]",
    integer_labels=True,
)
def categorical_generalized_cross_entropy(
    y_true: Any, y_pred: Any, q: Annotated[float, Bound(above=0, below=1)] = 0.5
) -> Any:
    """Between crossentropy (q near 0) and absolute error (q near 1): wrong labels among the targets count less.

    Formula: (1 − p_t^q) / q

    Symbols: t: class number from 0, p: probabilities

    Shapes: [*d], [*d classes] -> [*d]

    Example:

    >>> import numpy as np
    >>> categorical_generalized_cross_entropy(np.array([1]), np.array([[0.75, 0.25]])).item()
    1.0

    Source: Z. Zhang and M. Sabuncu, NeurIPS 2018, equation 6
    """
    labels, y_pred = align(as_labels(y_true), y_pred, integer_labels=True)
    right = ops.squeeze(pick(y_pred, ops.expand_dims(labels, -1), len(ops.shape(y_pred)) - 1), -1)
    return (1 - ops.power(right, q)) / q
