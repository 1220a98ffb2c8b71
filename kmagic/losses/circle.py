from typing import Any

from kmagic.base.parameters import Fraction, Positive
from kmagic.graph.load import ops
from kmagic.losses.loss import as_labels, loss


def has_both(y_true: Any, values: Any, **options: Any) -> Any:
    """Which samples count: those with a sample of their class and one of another in the batch."""
    return values > 0


@loss(
    tags=("embeddings", "integer labels", "whole batch"),
    shapes="[n], [n features] -> [n]",
    arguments=("gamma", "margin", "remove_diagonal", "reduction", "name", "dtype"),
    integer_labels=True,
    valid=has_both,
)
def circle(
    y_true: Any,
    y_pred: Any,
    ref_labels: Any = None,
    ref_embeddings: Any = None,
    remove_diagonal: bool = True,
    gamma: Positive = 80,
    margin: Fraction = 0.4,
) -> Any:
    """Brings embeddings of one class together and drives those of different classes apart.

    Formula: ln(1 + Σ e^(γ·max(1 + m − d, 0)·(1 − m − d))·Σ e^(γ·(m + d)·(d − m))), the first sum over samples of other
    classes, the second over others of the same

    Symbols: d: max(1 − p·r, 0), distance of two embeddings of length 1, r: ref_embeddings with ref_labels, by
    default the batch itself, γ: gamma, m: margin; with remove_diagonal a sample is no pair with itself

    Shapes: [n], [n features] -> [n]

    Example:

    >>> import numpy as np
    >>> embeddings = np.array([[1.0, 0.0], [1.0, 0.0], [0.8, 0.6]])
    >>> circle(np.array([0, 0, 1]), embeddings, gamma=1.0).round(4).tolist()
    [0.8659, 0.8659, 0.0]

    Source: Y. Sun et al., Circle Loss, CVPR 2020, equation 6
    """
    labels = ops.reshape(as_labels(y_true), (-1,))
    others = y_pred if ref_embeddings is None else ref_embeddings
    named = labels if ref_labels is None else ops.reshape(as_labels(ref_labels), (-1,))
    distance = ops.maximum(1 - ops.matmul(y_pred, ops.transpose(others)), 0)
    same = ops.equal(ops.expand_dims(labels, 1), ops.expand_dims(named, 0))
    pulled = ops.logical_and(same, off_diagonal(labels, named)) if remove_diagonal else same
    pull = gamma * (margin + distance) * (distance - margin)
    push = gamma * ops.maximum(1 + margin - distance, 0) * (1 - margin - distance)
    return ops.softplus(log_total(pull, pulled) + log_total(push, ops.logical_not(same)))


def off_diagonal(rows: Any, columns: Any) -> Any:
    """True but where row and column have the same place."""
    places = [ops.arange(ops.shape(labels)[0]) for labels in (rows, columns)]
    return ops.not_equal(ops.expand_dims(places[0], 1), ops.expand_dims(places[1], 0))


def log_total(exponents: Any, chosen: Any) -> Any:
    """ln Σ eˣ over the chosen of each row, −∞ where none is."""
    return ops.logsumexp(ops.where(chosen, exponents, float("-inf")), axis=1)
