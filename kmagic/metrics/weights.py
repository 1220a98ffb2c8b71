"""Values and weights, brought to one number for each sample."""

from collections.abc import Callable
from typing import Any

from kmagic.graph.load import ops
from kmagic.losses.loss import align_ranks, as_float, weighted_mask


def per_sample(values: Any, weight: Any, dtype: str, combine: Callable[..., Any] = ops.mean) -> tuple[Any, Any]:
    """Values combined over all but the first axis, and their weights likewise."""
    values = as_float(values, dtype)
    if weight is None:
        return _over_later_axes(values, 1, combine), None
    values, weight = align_ranks(values, as_float(weight, dtype))
    values = _over_later_axes(values, len(ops.shape(weight)), combine)
    if ops.shape(weight) != ops.shape(values):
        weight = ops.broadcast_to(weight, ops.shape(values))
    return _over_later_axes(values * weight, 1, combine), _over_later_axes(weight, 1, combine)


def _over_later_axes(x: Any, first: int, combine: Callable[..., Any]) -> Any:
    shape = ops.shape(x)
    if all(length == 1 for length in shape[first:]):
        return ops.reshape(x, shape[:first])
    return combine(x, axis=list(range(first, len(shape))))


def masked_weight(weight: Any, mask: Any, dtype: str) -> Any:
    """Weights of samples that are 0 where a mask says that a position does not count."""
    if mask is None:
        return weight
    counted = ops.cast(mask, dtype)
    return counted if weight is None else weighted_mask(counted, as_float(weight, dtype))
