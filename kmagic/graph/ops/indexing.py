"""Indexing: gathers, scatters, one-hot, positions of extremes, sorting.

An index outside its axis is an error of the step (a bad status in programs, BadData when run at once), never a
wrapped or clipped read; only the public `take` and `take_along_axis` count negative indices from the end.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kmagic.base import shapes
from kmagic.base.dtypes import SIGNED, is_float, promote, standard
from kmagic.base.errors import BadData, ShapeMismatch, Unsupported
from kmagic.base.shapes import Axis, Shape
from kmagic.graph.ops.movement import axis_of, dtype_of, shape_of
from kmagic.graph.ops.source import number_of
from kmagic.graph.table import ops, primitive, public


def check_bounds(indices: Any, size: int) -> None:
    """Raise BadData where an index is outside 0 … size − 1."""
    if indices.size and (indices.min() < 0 or indices.max() >= size):
        bad = indices[(indices < 0) | (indices >= size)]
        raise BadData(f"index {int(bad.flat[0])} ({bad.size} of {indices.size})", expected=f"0 … {size - 1}")


def _gathered(x: Any, indices: Any, axis: int) -> Any:
    check_bounds(indices, x.shape[axis])
    return np.take(x, indices, axis)


def _first(x: str, *others: str, **attributes: Any) -> str:
    return x


@primitive(
    "index",
    numpy=_gathered,
    gradient=lambda g, y, x, indices, axis: (ops.scatter_add(g, indices, axis, x.shape[axis]), None),
    shape=lambda x, indices, axis: (*x[:axis], *indices, *x[axis + 1 :]),
    dtype=_first,
    compute=None,
)
def gather(x: Any, indices: Any, /, axis: int) -> Any:
    """The entries of x along an axis that `indices` name."""


def fold(ufunc: Any, result: Any, indices: Any, rows: Any) -> Any:
    """Combine each row with the row of `result` that its index names, by a function such as np.add.

    NumPy is several times faster on one flat vector than on rows.
    """
    width = math.prod(result.shape[1:])
    places = indices.reshape(-1)
    if width != 1:
        places = (places.astype(np.intp)[:, None] * width + np.arange(width)).reshape(-1)
    ufunc.at(result.reshape(-1), places, rows.reshape(-1))
    return result


def _scattered(g: Any, indices: Any, axis: int, size: int) -> Any:
    check_bounds(indices, size)
    moved = np.moveaxis(g, range(axis, axis + indices.ndim), range(indices.ndim))
    result = np.zeros((size, *moved.shape[indices.ndim :]), g.dtype)
    return np.moveaxis(fold(np.add, result, indices, moved), 0, axis)


@primitive(
    "index",
    numpy=_scattered,
    gradient=lambda g, y, x, indices, axis, size: (gather(g, indices, axis), None),
    shape=lambda x, indices, axis, size: (*x[:axis], size, *x[axis + len(indices) :]),
    dtype=_first,
    compute=None,
)
def scatter_add(x: Any, indices: Any, /, axis: int, size: Axis) -> Any:
    """Zeros, to which the entries of x are added at the places that `indices` name along an axis."""


def _picked_shape(x: Shape, indices: Shape, axis: int) -> Shape:
    if (*x[:axis], *x[axis + 1 :]) != (*indices[:axis], *indices[axis + 1 :]):
        raise ShapeMismatch(
            f"indices {shapes.written(indices)} into {shapes.written(x)} along axis {axis}",
            expected="equal shapes except along that axis",
        )
    return indices


def _picked(x: Any, indices: Any, axis: int) -> Any:
    _picked_shape(x.shape, indices.shape, axis)
    check_bounds(indices, x.shape[axis])
    return np.take_along_axis(x, indices, axis)


@primitive(
    "index",
    numpy=_picked,
    gradient=lambda g, y, x, indices, axis: (ops.unpick(g, indices, axis, x.shape[axis]), None),
    shape=_picked_shape,
    dtype=_first,
    compute=None,
)
def pick(x: Any, indices: Any, /, axis: int) -> Any:
    """For each position of `indices`, the entry of x in the same row along the axis."""


def _unpicked(g: Any, indices: Any, axis: int, size: int) -> Any:
    check_bounds(indices, size)
    shape = (*g.shape[:axis], size, *g.shape[axis + 1 :])
    result = np.zeros(shape, g.dtype)
    strides = [math.prod(shape[i + 1 :]) for i in range(len(shape))]
    grid = [range_ * stride for range_, stride in zip(np.ogrid[tuple(map(slice, g.shape))], strides, strict=True)]
    grid[axis] = indices.astype(np.intp) * strides[axis]
    np.add.at(result.reshape(-1), np.broadcast_to(sum(grid), g.shape).reshape(-1), g.reshape(-1))
    return result


@primitive(
    "index",
    numpy=_unpicked,
    gradient=lambda g, y, x, indices, axis, size: (pick(g, indices, axis), None),
    shape=lambda x, indices, axis, size: (*x[:axis], size, *x[axis + 1 :]),
    dtype=_first,
    compute=None,
)
def unpick(x: Any, indices: Any, /, axis: int, size: Axis) -> Any:
    """Zeros, to which each entry of x is added at its index in the same row along the axis."""


def wrapped(indices: Any, size: Axis) -> Any:
    """Indices of which negative ones count from the end."""
    kind = dtype_of(indices)
    if kind not in SIGNED or (isinstance(indices, np.ndarray) and np.all(indices >= 0)):
        return indices
    # narrow indices may point from the end of a longer axis
    return ops.where(ops.less(indices, 0), ops.add(indices, number_of(size, promote(kind, "int32"))), indices)


@public
def take(x: Any, indices: Any, axis: int | None = None) -> Any:
    """The entries of x along an axis (of the flattened array by default); negative indices count from the end."""
    if axis is None:
        x, axis = ops.reshape(x, (-1,)), 0
    place = axis_of(axis, len(shape_of(x)))
    return gather(x, wrapped(_whole(indices), shape_of(x)[place]), place)


@public
def take_along_axis(x: Any, indices: Any, axis: int | None = None) -> Any:
    """For each position of `indices`, the entry of x in the same row along the axis (flattened by default)."""
    if axis is None:
        x, indices, axis = ops.ravel(x), ops.ravel(_whole(indices)), 0
    place = axis_of(axis, len(shape_of(x)))
    return pick(x, wrapped(_whole(indices), shape_of(x)[place]), place)


def _whole(indices: Any) -> Any:
    return indices if hasattr(indices, "dtype") else np.asarray(indices, "int32")


@public
def one_hot(x: Any, num_classes: int, axis: int = -1, dtype: Any = None, sparse: bool = False) -> Any:
    """1 at the place that x names along a new axis, 0 elsewhere; a row of zeros for an index outside."""
    if sparse:
        raise Unsupported("one_hot(sparse=True)", expected="a dense result", fix="kmagic.ops.one_hot(x, n)")
    rank = len(shape_of(x)) + 1
    place = axis_of(axis, rank)
    counter = ops.reshape(ops.arange(num_classes), [-1 if i == place else 1 for i in range(rank)])
    hit = ops.equal(ops.expand_dims(x, place), counter)
    return ops.cast(hit, standard(dtype))


def _position(name: str, doc: str, function: Any) -> Any:
    def row(x: Any, /, axis: int) -> Any: ...

    def run(x: Any, axis: int) -> Any:
        return function(x, axis=axis).astype("int32")

    row.__name__, row.__doc__ = name, doc
    return primitive(
        "index",
        numpy=run,
        gradient=lambda g, y, x, axis: (None,),
        shape=lambda x, axis: (*x[:axis], *x[axis + 1 :]),
        dtype=lambda x, axis: "int32",
        compute=None,
        smooth=False,
    )(row)


position_of_max = _position("position_of_max", "Where the first largest value lies along an axis.", np.argmax)
position_of_min = _position("position_of_min", "Where the first smallest value lies along an axis.", np.argmin)


def _extreme(row: Any, x: Any, axis: int | None, keepdims: bool) -> Any:
    if axis is None:
        return row(ops.reshape(x, (-1,)), 0)
    place = axis_of(axis, len(shape_of(x)))
    result = row(x, place)
    return ops.expand_dims(result, place) if keepdims else result


@public
def argmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """Where the first largest value lies (in the flattened array by default)."""
    return _extreme(position_of_max, x, axis, keepdims)


@public
def argmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """Where the first smallest value lies (in the flattened array by default)."""
    return _extreme(position_of_min, x, axis, keepdims)


@primitive(
    "index",
    numpy=lambda x, axis: np.argsort(x, axis=axis, kind="stable").astype("int32"),
    gradient=lambda g, y, x, axis: (None,),
    shape=lambda x, axis: x,
    dtype=lambda x, axis: "int32",
    compute=None,
    smooth=False,
)
def order_along(x: Any, /, axis: int) -> Any:
    """The indices that sort x along an axis; equal values keep their order."""


@public
def argsort(x: Any, axis: int = -1) -> Any:
    """The indices that sort x along an axis; equal values keep their order."""
    return order_along(x, axis_of(axis, len(shape_of(x))))


@public
def sort(x: Any, axis: int = -1) -> Any:
    """The values in ascending order along an axis."""
    place = axis_of(axis, len(shape_of(x)))
    return pick(x, order_along(x, place), place)


@public
def top_k(x: Any, k: int, sorted: bool = True) -> tuple[Any, Any]:
    """The k largest values along the last axis and where they lie, largest first."""
    place = len(shape_of(x)) - 1
    # whole numbers are negated where their smallest and largest have a negative
    signed = x if is_float(dtype_of(x)) else ops.cast(x, "int64")
    order = ops.getitem(order_along(-signed, place), (..., slice(0, k)))
    return pick(x, order, place), order
