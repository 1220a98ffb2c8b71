"""Scattering: values added, multiplied or written at the places that indices name, and windows cut and replaced."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kmagic.base import shapes
from kmagic.base.dtypes import is_float, standard
from kmagic.base.errors import BadValue, ShapeMismatch, Unsupported
from kmagic.base.shapes import Axis, Extent, Shape
from kmagic.graph.ops.indexing import check_bounds, fold, wrapped
from kmagic.graph.ops.movement import dtype_of, listed, shape_of, whole
from kmagic.graph.ops.source import number_of
from kmagic.graph.table import ops, primitive, public

_FOLDS = {"max": np.maximum, "min": np.minimum, "mul": np.multiply}


def _start(how: str, dtype: str) -> Any:
    """What a place holds that no index names."""
    if how == "mul":
        return 1
    if is_float(dtype):
        return -np.inf if how == "max" else np.inf
    limits = (False, True) if dtype == "bool" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    return limits[0] if how == "max" else limits[1]


def _folded(x: Any, indices: Any, axis: int, size: int, how: str) -> Any:
    check_bounds(indices, size)
    result = np.full((size, *x.shape[1:]), _start(how, standard(x.dtype)), x.dtype)
    return fold(_FOLDS[how], result, indices, x)


def _folded_gradient(g: Any, y: Any, x: Any, indices: Any, axis: int, size: Axis, how: str) -> tuple[Any, None]:
    """To an extreme in equal shares; to a factor the product of the others at its place."""
    gather, scatter_add = ops.rows["gather"], ops.rows["scatter_add"]
    if how != "mul":
        hit = ops.cast(ops.equal(x, gather(y, indices, 0)), g.dtype)
        return gather(g / ops.maximum(scatter_add(hit, indices, 0, size), 1), indices, 0) * hit, None
    zero = ops.equal(x, 0)
    safe = ops.where(zero, 1, x)
    others = gather(_fold(safe, indices, 0, size, "mul"), indices, 0) / safe
    zeros = gather(scatter_add(ops.cast(zero, "int32"), indices, 0, size), indices, 0)
    alone = ops.equal(zeros - ops.cast(zero, "int32"), 0)
    return gather(g, indices, 0) * ops.where(alone, others, 0), None


@primitive(
    "index",
    numpy=_folded,
    gradient=_folded_gradient,
    shape=lambda x, indices, axis, size, how: (size, *x[1:]),
    dtype=lambda x, indices, axis, size, how: x,
    compute=None,
)
def _scatter_fold(x: Any, indices: Any, /, axis: int, size: Axis, how: str) -> Any:
    """The largest (`max`), smallest (`min`) or product (`mul`) of the entries of x at each place of the first axis."""


_fold = _scatter_fold


def _segments(data: Any, segment_ids: Any, num_segments: int | None) -> tuple[Any, Any, Axis]:
    """The entries as one axis, the number of each one's segment, and how many segments there are."""
    value, ids = ops.convert_to_tensor(data), ops.convert_to_tensor(segment_ids)
    lead = len(shape_of(ids))
    if shape_of(value)[:lead] != shape_of(ids):
        raise ShapeMismatch(
            f"segment_ids {shapes.written(shape_of(ids))} for data {shapes.written(shape_of(value))}",
            expected="the leading axes of the data",
        )
    if num_segments is None:
        if not isinstance(ids, np.ndarray):
            raise Unsupported("segments that are counted later", expected="num_segments=…")
        num_segments = int(ids.max()) + 1 if ids.size else 0
    rows = ops.reshape(value, (shapes.size(shape_of(ids)), *shape_of(value)[lead:]))
    return rows, ops.ravel(ids), num_segments


@public
def segment_sum(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Any:
    """The sum of the entries of each segment; their order does not matter.

    >>> segment_sum([1, 2, 10], [0, 0, 1], 3).tolist()
    [3, 10, 0]
    """
    rows, ids, count = _segments(data, segment_ids, num_segments)
    return ops.rows["scatter_add"](rows, ids, 0, count)


@public
def segment_max(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Any:
    """The largest entry of each segment; the smallest number there is where a segment is empty.

    >>> segment_max([1, 2, 10], [0, 0, 1], 2).tolist()
    [2, 10]
    """
    rows, ids, count = _segments(data, segment_ids, num_segments)
    return _fold(rows, ids, 0, count, "max")


@public
def segment_min(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Any:
    """The smallest entry of each segment; the largest number there is where a segment is empty.

    >>> segment_min([1, 2, 10], [0, 0, 1], 2).tolist()
    [1, 10]
    """
    rows, ids, count = _segments(data, segment_ids, num_segments)
    return _fold(rows, ids, 0, count, "min")


@public
def segment_prod(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Any:
    """The product of the entries of each segment; 1 where it is empty.

    >>> segment_prod([1, 2, 10], [0, 0, 1], 2).tolist()
    [2, 10]
    """
    rows, ids, count = _segments(data, segment_ids, num_segments)
    return _fold(rows, ids, 0, count, "mul")


def _places(indices: Any, shape: Shape) -> tuple[Any, Shape, Shape]:
    """The place of each index in the flattened leading axes, those axes, and the rest."""
    given = ops.convert_to_tensor(indices)
    depth = shape_of(given)[-1]
    if not isinstance(depth, int) or depth > len(shape):
        raise ShapeMismatch(f"indices of {depth} numbers into {shapes.written(shape)}", expected="one for each axis")
    lead, rest = shape[:depth], shape[depth:]
    place: Any = 0
    for i, size in enumerate(lead):
        index = wrapped(ops.squeeze(given[..., i : i + 1], -1), size)
        if depth > 1:  # the flattened place alone would not show an index outside its own axis
            index = ops.rows["gather"](ops.arange(size), index, 0)
        place = ops.add(ops.multiply(place, number_of(size, "int32")), index) if i else index
    return ops.ravel(place), lead, rest


@public
def scatter(indices: Any, values: Any, shape: Sequence[Axis]) -> Any:
    """Zeros of a shape, to which values are added at the given indices (one row of numbers each).

    >>> scatter([[0], [2], [2]], [1.0, 2.0, 3.0], (4,)).tolist()
    [1.0, 0.0, 5.0, 0.0]
    """
    wanted = tuple(n if isinstance(n, Extent) else whole(n) for n in listed(shape))
    value = ops.convert_to_tensor(values)
    place, lead, rest = _places(indices, wanted)
    rows = ops.reshape(value, (shapes.size(shape_of(place)), *rest))
    return ops.reshape(ops.rows["scatter_add"](rows, place, 0, shapes.size(lead)), wanted)


@public
def scatter_update(inputs: Any, indices: Any, updates: Any, reduction: str | None = None) -> Any:
    """The inputs with updates at the given indices: in place of what was there, or combined with it.

    `reduction` is None, `add`, `max`, `min` or `mul`. Of several updates of one place the last one stays.

    >>> scatter_update([1, 2, 3], [[0], [2]], [7, 9]).tolist()
    [7, 2, 9]
    """
    value = ops.convert_to_tensor(inputs)
    kind = dtype_of(value)
    place, lead, rest = _places(indices, shape_of(value))
    count = shapes.size(shape_of(place))
    total = shapes.size(lead)
    rows = ops.reshape(ops.cast(ops.convert_to_tensor(updates), kind), (count, *rest))
    flat = ops.reshape(value, (total, *rest))
    match reduction:
        case None:
            result = _overwritten(flat, place, rows, total)
        case "add":
            result = flat + ops.rows["scatter_add"](rows, place, 0, total)
        case "max":
            result = ops.maximum(flat, _fold(rows, place, 0, total, "max"))
        case "min":
            result = ops.minimum(flat, _fold(rows, place, 0, total, "min"))
        case "mul":
            result = flat * _fold(rows, place, 0, total, "mul")
        case _:
            raise BadValue(f"reduction is {reduction!r}", where="scatter_update", expected="None, add, max, min or mul")
    return ops.reshape(result, shape_of(value))


def _overwritten(flat: Any, place: Any, rows: Any, total: Axis) -> Any:
    """With each place's last update, if it has one: found by the largest number of an update there."""
    number = ops.arange(1, shape_of(place)[0] + 1)
    last = ops.maximum(_fold(number, place, 0, total, "max"), 0)
    padded = ops.concatenate([ops.zeros_like(rows[:1]), rows], 0)
    found = ops.rows["gather"](padded, last, 0)
    hit = ops.reshape(last > 0, (total, *[1] * (len(shape_of(flat)) - 1)))
    return ops.where(hit, found, flat)


def _is_known(starts: Any) -> bool:
    values = list(starts) if isinstance(starts, list | tuple) else [starts]
    return not any(hasattr(value, "as_node") and value.as_node() is not None for value in values)


@public
def slice(inputs: Any, start_indices: Any, shape: Sequence[Axis]) -> Any:
    """A window of the given shape that begins at `start_indices`; −1 runs to the end of an axis.

    >>> slice([[1, 2, 3], [4, 5, 6]], (0, 1), (2, 2)).tolist()
    [[2, 3], [5, 6]]
    """
    value = ops.convert_to_tensor(inputs)
    sizes = shape_of(value)
    if _is_known(start_indices):
        starts = [whole(start) for start in listed(start_indices)]
        _check_rank(len(starts), len(list(shape)), sizes)
        windows = [
            (start, size if n == -1 else n + start, 1) for start, n, size in zip(starts, shape, sizes, strict=True)
        ]
        _check_windows(windows, sizes)
        return ops.rows["slice"](value, tuple(windows))
    moving = _each(start_indices, len(sizes))
    for axis, (start, n) in enumerate(zip(moving, shape, strict=True)):
        if isinstance(n, int) and n == -1:
            raise Unsupported("slice to the end from a place computed later", expected="a shape without -1")
        if n != sizes[axis]:
            value = ops.rows["gather"](value, ops.arange(n) + ops.cast(start, "int32"), axis)
    return value


def _check_rank(starts: int, lengths: int, sizes: Shape) -> None:
    if starts != len(sizes) or lengths != len(sizes):
        raise ShapeMismatch(f"{starts} starts and {lengths} sizes for {shapes.written(sizes)}", expected="one an axis")


def _check_windows(windows: Sequence[tuple[Axis, Axis, int]], sizes: Shape) -> None:
    for (start, stop, _), size in zip(windows, sizes, strict=True):
        known = isinstance(start, int) and isinstance(stop, int) and isinstance(size, int)
        if known and not 0 <= start <= stop <= size:
            raise ShapeMismatch(f"entries {start} … {stop} of an axis of {size}", expected="a window inside")


def _each(starts: Any, rank: int) -> list[Any]:
    """The start on each axis, from a list or from one vector."""
    if isinstance(starts, list | tuple):
        return list(starts)
    return list(ops.unstack(starts, num=rank))


@public
def slice_update(inputs: Any, start_indices: Any, updates: Any) -> Any:
    """The inputs with a window that begins at `start_indices` replaced by the updates.

    >>> slice_update([1, 2, 3, 4], [1], [7, 8]).tolist()
    [1, 7, 8, 4]
    """
    value = ops.convert_to_tensor(inputs)
    new = ops.cast(ops.convert_to_tensor(updates), dtype_of(value))
    sizes, lengths = shape_of(value), shape_of(new)
    if _is_known(start_indices):
        starts = [whole(start) for start in listed(start_indices)]
        _check_rank(len(starts), len(lengths), sizes)
        window = tuple((start, n + start, 1) for start, n in zip(starts, lengths, strict=True))
        _check_windows(window, sizes)
        embed = ops.rows["embed"]
        return ops.where(embed(ops.ones_like(new, "bool"), sizes, window), embed(new, sizes, window), value)
    inside: Any = True
    for axis, (start, n, size) in enumerate(zip(_each(start_indices, len(sizes)), lengths, sizes, strict=True)):
        place = ops.arange(size) - ops.cast(start, "int32")
        last = number_of(n, "int32") - 1
        hit = ops.logical_and(place >= 0, place <= last)
        new = ops.rows["gather"](new, ops.clip(place, 0, last), axis)
        inside = ops.logical_and(inside, ops.reshape(hit, [-1 if i == axis else 1 for i in range(len(sizes))]))
    return ops.where(inside, new, value)
