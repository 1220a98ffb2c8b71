"""Running sums and products along an axis, and what is made of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmagic.base.dtypes import standard
from kmagic.graph.ops.movement import axis_of, dtype_of, shape_of
from kmagic.graph.table import ops, primitive, public


def _backwards(g: Any, axis: int) -> Any:
    """The running sum from the end of an axis."""
    return ops.flip(_running_sum(ops.flip(g, axis), axis), axis)


@primitive(
    "index",
    numpy=lambda x, axis: np.cumsum(x, axis, x.dtype),
    gradient=lambda g, y, x, axis: (_backwards(g, axis),),
    shape=lambda x, axis: x,
    compute=None,
)
def _running_sum(x: Any, /, axis: int) -> Any:
    """The sum of all entries up to each one along an axis."""


def _running_product_gradient(g: Any, y: Any, x: Any, axis: int) -> tuple[Any]:
    """Before the first zero of a row by division; at it, as if it were 1; after it, nothing."""
    zero = ops.equal(x, 0)
    seen = _running_sum(ops.cast(zero, "int32"), axis)
    first = ops.logical_and(zero, ops.equal(seen, 1))
    without = _running_product(ops.where(first, 1, x), axis)
    before = _backwards(g * y, axis) / ops.where(zero, 1, x)
    return (ops.where(first, _backwards(g * without, axis), ops.where(ops.equal(seen, 0), before, 0)),)


@primitive(
    "index",
    numpy=lambda x, axis: np.cumprod(x, axis, x.dtype),
    gradient=_running_product_gradient,
    shape=lambda x, axis: x,
    compute=None,
    domain=(0.5, 1.5),
)
def _running_product(x: Any, /, axis: int) -> Any:
    """The product of all entries up to each one along an axis."""


def _over(row: Any, x: Any, axis: int | None, dtype: Any) -> Any:
    kind = standard(dtype if dtype is not None else dtype_of(x))
    values = ops.cast(x, "int32" if kind == "bool" else kind)
    if axis is None:
        values, axis = ops.ravel(values), 0
    return row(values, axis_of(axis, len(shape_of(values))))


@public
def cumsum(x: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """The sum of all entries up to each one along an axis (of the flattened array by default).

    >>> cumsum([1, 2, 3]).tolist()
    [1, 3, 6]
    """
    return _over(_running_sum, ops.convert_to_tensor(x), axis, dtype)


@public
def cumprod(x: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """The product of all entries up to each one along an axis (of the flattened array by default).

    >>> cumprod([1, 2, 3]).tolist()
    [1, 2, 6]
    """
    return _over(_running_product, ops.convert_to_tensor(x), axis, dtype)


@public
def diff(a: Any, n: int = 1, axis: int = -1) -> Any:
    """Differences of neighbours along an axis, taken `n` times.

    >>> diff([1, 4, 9, 16]).tolist()
    [3, 5, 7]
    """
    values = ops.convert_to_tensor(a)
    for _ in range(n):
        place = axis_of(axis, len(shape_of(values)))
        later, earlier = (_along(values, place, part) for part in (slice(1, None), slice(None, -1)))
        values = ops.not_equal(later, earlier) if dtype_of(values) == "bool" else later - earlier
    return values


@public
def trapezoid(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> Any:
    """The area under points, joined by straight lines, `dx` apart or at `x`.

    >>> float(trapezoid([1.0, 2.0, 3.0]))
    4.0
    """
    values = ops.convert_to_tensor(y)
    place = axis_of(axis, len(shape_of(values)))
    middles = (_along(values, place, slice(1, None)) + _along(values, place, slice(None, -1))) * 0.5
    if x is None:
        return ops.sum(middles * dx, place)
    points = ops.convert_to_tensor(x)
    if len(shape_of(points)) == 1:
        points = ops.reshape(points, [-1 if i == place else 1 for i in range(len(shape_of(values)))])
    return ops.sum(middles * diff(points, axis=place), place)


def _along(x: Any, axis: int, part: slice) -> Any:
    """Part of one axis."""
    return ops.getitem(x, (*[slice(None)] * axis, part))
