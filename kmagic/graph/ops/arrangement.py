"""Arrangement: arrays cut, joined, repeated and turned, made of the movements."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from kmagic.base import shapes
from kmagic.base.errors import BadValue, ShapeMismatch, Unsupported
from kmagic.base.shapes import Axis, Extent
from kmagic.graph.ops.movement import axis_of, listed, shape_of, whole
from kmagic.graph.ops.source import number_of
from kmagic.graph.table import ops, public


@public
def ravel(x: Any) -> Any:
    """The values as one axis, in order."""
    return ops.reshape(x, (-1,))


@public
def moveaxis(x: Any, source: int | Sequence[int], destination: int | Sequence[int]) -> Any:
    """The axes `source` at the places `destination`; the others keep their order.

    >>> moveaxis(np.zeros((2, 3, 4)), 0, -1).shape
    (3, 4, 2)
    """
    rank = len(shape_of(x))
    sources, targets = ([axis_of(axis, rank) for axis in listed(given)] for given in (source, destination))
    if len(sources) != len(targets) or len(set(sources)) != len(sources) or len(set(targets)) != len(targets):
        raise ShapeMismatch(f"moveaxis from {source} to {destination}", expected="as many different places as axes")
    order = [axis for axis in range(rank) if axis not in sources]
    for target, axis in sorted(zip(targets, sources, strict=True)):
        order.insert(target, axis)
    return ops.transpose(x, order)


def part_of(x: Any, axis: int, start: Axis, stop: Axis) -> Any:
    """The entries from start to stop of one axis; both must lie on it."""
    full = [(0, n, 1) for n in shape_of(x)]
    return ops.rows["slice"](x, (*full[:axis], (start, stop, 1), *full[axis + 1 :]))


def _cut(x: Any, axis: int, edges: Sequence[Axis]) -> list[Any]:
    return [part_of(x, axis, start, stop) for start, stop in pairwise(edges)]


@public
def split(x: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """Equal parts along an axis (a number of them), or parts that begin at the given indices.

    >>> [part.tolist() for part in split(np.arange(5), [2, 3])]
    [[0, 1], [2], [3, 4]]
    """
    place = axis_of(axis, len(shape_of(x)))
    size = shape_of(x)[place]
    if np.ndim(indices_or_sections):
        ends = [*map(whole, indices_or_sections), None]
        every = [builtins.slice(None)] * place
        return [ops.getitem(x, (*every, builtins.slice(*piece))) for piece in pairwise([0, *ends])]
    sections = whole(indices_or_sections)
    part = shapes.exact_quotient(size, sections)
    if part is None:
        raise ShapeMismatch(f"an axis of {size} split into {sections}", expected="a divisor of the axis")
    return _cut(x, place, [part * i for i in range(sections + 1)])


@public
def array_split(x: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """As `split`, but parts may differ by one where they cannot be equal.

    >>> [part.tolist() for part in array_split(np.arange(5), 2)]
    [[0, 1, 2], [3, 4]]
    """
    place = axis_of(axis, len(shape_of(x)))
    size = shape_of(x)[place]
    if np.ndim(indices_or_sections) or isinstance(size, Extent):
        return split(x, indices_or_sections, axis)
    sections = whole(indices_or_sections)
    small, larger = divmod(size, sections)
    return _cut(x, place, [i * small + min(i, larger) for i in range(sections + 1)])


@public
def hsplit(x: Any, indices_or_sections: Any) -> list[Any]:
    """Parts along the second axis, or along the only one."""
    return split(x, indices_or_sections, 0 if len(shape_of(x)) == 1 else 1)


@public
def vsplit(x: Any, indices_or_sections: Any) -> list[Any]:
    """Parts along the first axis."""
    return split(x, indices_or_sections, 0)


@public
def dsplit(x: Any, indices_or_sections: Any) -> list[Any]:
    """Parts along the third axis."""
    return split(x, indices_or_sections, 2)


@public
def unstack(x: Any, num: int | None = None, axis: int = 0) -> list[Any]:
    """The entries along an axis, as a list of arrays without it.

    >>> [row.tolist() for row in unstack(np.eye(2))]
    [[1.0, 0.0], [0.0, 1.0]]
    """
    place = axis_of(axis, len(shape_of(x)))
    size = shape_of(x)[place]
    count = num if num is not None else size
    if not isinstance(count, int):
        raise ShapeMismatch(f"unstack along an axis of {size}", expected="an axis of known size")
    if isinstance(size, int) and size != count:
        raise ShapeMismatch(f"unstack into {num} along an axis of {size}", expected=f"num={size}")
    return [ops.squeeze(part_of(x, place, i, i + 1), place) for i in range(count)]


def _at_least(x: Any, rank: int) -> Any:
    """With leading axes of 1 as needed."""
    x = x if hasattr(x, "shape") else ops.convert_to_tensor(x)
    shape = shape_of(x)
    return ops.reshape(x, (1,) * (rank - len(shape)) + shape) if len(shape) < rank else x


@public
def vstack(xs: Sequence[Any]) -> Any:
    """Arrays one below the other; vectors count as rows."""
    return ops.concatenate([_at_least(x, 2) for x in xs], 0)


@public
def hstack(xs: Sequence[Any]) -> Any:
    """Arrays side by side; vectors one after the other."""
    parts = [_at_least(x, 1) for x in xs]
    return ops.concatenate(parts, 0 if len(shape_of(parts[0])) == 1 else 1)


@public
def dstack(xs: Sequence[Any]) -> Any:
    """Arrays behind each other, along the third axis."""
    rows = [_at_least(x, 2) for x in xs]
    return ops.concatenate([ops.expand_dims(x, -1) if len(shape_of(x)) == 2 else x for x in rows], 2)


@public
def append(x1: Any, x2: Any, axis: int | None = None) -> Any:
    """The second array after the first; both flattened where no axis is given."""
    parts = [ops.convert_to_tensor(x) for x in (x1, x2)]
    return ops.concatenate([ravel(x) for x in parts] if axis is None else parts, axis or 0)


@public
def tile(x: Any, repeats: int | Sequence[int]) -> Any:
    """The array side by side with itself, `repeats` times along each axis.

    >>> tile([1, 2], 2).tolist()
    [1, 2, 1, 2]
    """
    counts: list[Axis] = [n if isinstance(n, Extent) else whole(n) for n in listed(repeats)]
    x = _at_least(x, len(counts))
    shape = shape_of(x)
    counts = [*[1] * (len(shape) - len(counts)), *counts]
    apart = tuple(n for size in shape for n in (1, size))
    spread = tuple(n for count, size in zip(counts, shape, strict=True) for n in (count, size))
    result = tuple(size * count for count, size in zip(counts, shape, strict=True))
    return ops.reshape(ops.broadcast_to(ops.reshape(x, apart), spread), result)


@public
def repeat(x: Any, repeats: Any, axis: int | None = None) -> Any:
    """Each entry along an axis `repeats` times in a row; several numbers are one for each entry.

    >>> repeat([1, 2], 2).tolist(), repeat([1, 2], [0, 2]).tolist()
    ([1, 1, 2, 2], [2, 2])
    """
    x = ops.convert_to_tensor(x)
    if axis is None:
        x, axis = ravel(x), 0
    place = axis_of(axis, len(shape_of(x)))
    shape = shape_of(x)
    if hasattr(repeats, "as_node"):
        raise Unsupported("repeat by numbers that are computed later", expected="numbers known while tracing")
    if np.size(repeats) == 1:
        count = int(np.reshape(repeats, ()))
        spread = (*shape[: place + 1], count, *shape[place + 1 :])
        result = (*shape[:place], shape[place] * count, *shape[place + 1 :])
        return ops.reshape(ops.broadcast_to(ops.expand_dims(x, place + 1), spread), result)
    if np.size(repeats) != shape[place]:
        raise ShapeMismatch(
            f"{np.size(repeats)} repeats along an axis of {shape[place]}", expected="one for each entry"
        )
    return ops.take(x, np.repeat(np.arange(np.size(repeats), dtype="int32"), repeats), place)


@public
def roll(x: Any, shift: Any, axis: int | Sequence[int] | None = None) -> Any:
    """The entries moved along an axis by `shift` places; those that leave it come in at the other end.

    >>> roll([1, 2, 3], 1).tolist()
    [3, 1, 2]
    """
    x = ops.convert_to_tensor(x)
    if axis is None:
        return ops.reshape(roll(ravel(x), shift, 0), shape_of(x))
    axes = listed(axis)
    shifts = shift if isinstance(shift, list | tuple) else [shift] * len(axes)
    for place, distance in zip(axes, list(shifts) * (len(axes) // len(shifts)), strict=True):
        x = _rolled(x, distance, axis_of(place, len(shape_of(x))))
    return x


def _rolled(x: Any, shift: Any, axis: int) -> Any:
    size = shape_of(x)[axis]
    if isinstance(size, int) and not hasattr(shift, "as_node"):
        start = -whole(shift) % size if size else 0
        return ops.concatenate([part_of(x, axis, start, size), part_of(x, axis, 0, start)], axis) if start else x
    return ops.take(x, ops.mod(ops.arange(size) - shift, number_of(size, "int32")), axis)


@public
def rot90(array: Any, k: int = 1, axes: Sequence[int] = (0, 1)) -> Any:
    """The array turned by `k` quarters in the plane of two axes, from the first towards the second.

    >>> rot90(np.array([[1, 2], [3, 4]])).tolist()
    [[2, 4], [1, 3]]
    """
    rank = len(shape_of(array))
    if rank < 2 or len(axes) != 2 or axis_of(axes[0], rank) == axis_of(axes[1], rank):
        raise ShapeMismatch(f"rot90 of {rank} axes in the plane {tuple(axes)}", expected="two different axes")
    first, second = (axis_of(axis, rank) for axis in axes)
    match k % 4:
        case 1:
            return ops.swapaxes(ops.flip(array, second), first, second)
        case 2:
            return ops.flip(ops.flip(array, first), second)
        case 3:
            return ops.flip(ops.swapaxes(array, first, second), second)
    return ops.convert_to_tensor(array)


@public
def fliplr(x: Any) -> Any:
    """The second axis in reverse order."""
    return ops.flip(x, 1)


@public
def flipud(x: Any) -> Any:
    """The first axis in reverse order."""
    return ops.flip(x, 0)


@public
def pad(x: Any, pad_width: Any, mode: str = "constant", constant_values: Any = None) -> Any:
    """The array with entries before and after each axis: a constant, or its own (`reflect`, `symmetric`, `edge`).

    `pad_width` is a number for all ends, (before, after) for all axes, or such a pair for each axis.

    >>> pad([1, 2, 3], (1, 2)).tolist(), pad([1, 2, 3], 2, mode="reflect").tolist()
    ([0, 1, 2, 3, 0, 0], [3, 2, 1, 2, 3, 2, 1])
    """
    x = ops.convert_to_tensor(x)
    if constant_values is not None and mode != "constant":
        raise BadValue(f"Argument `constant_values` can only be provided when `mode == 'constant'`; mode={mode!r}")
    for axis, (before, after) in enumerate(_widths(pad_width, len(shape_of(x)))):
        if before or after:
            x = _padded(x, axis, before, after, mode, constant_values)
    return x


def _widths(pad_width: Any, rank: int) -> list[tuple[int, int]]:
    widths = np.asarray(pad_width)
    if widths.size and widths.min() < 0:
        raise ShapeMismatch(f"pad_width is {pad_width}", expected="widths of at least 0")
    try:
        return [(whole(before), whole(after)) for before, after in np.broadcast_to(widths, (rank, 2))]
    except ValueError:
        raise ShapeMismatch(f"pad_width is {pad_width} for {rank} axes", expected="(before, after) an axis") from None


def _padded(x: Any, axis: int, before: int, after: int, mode: str, value: Any) -> Any:
    shape = shape_of(x)
    size = shape[axis]
    if mode != "constant":
        if not isinstance(size, int):
            raise Unsupported(f"pad mode {mode!r} of an axis of {size}", expected="an axis of known size")
        places: Any = np.arange(size, dtype="int32")
        return ops.take(x, np.pad(places, (before, after), mode=mode), axis)  # type: ignore[call-overload]
    if value is None or (np.ndim(value) == 0 and not hasattr(value, "as_node") and value == 0):
        inside = tuple((before, n + before, 1) if i == axis else (0, n, 1) for i, n in enumerate(shape))
        total = (*shape[:axis], size + (before + after), *shape[axis + 1 :])
        return ops.rows["embed"](x, total, inside)
    filled = [ops.full((*shape[:axis], n, *shape[axis + 1 :]), value, str(x.dtype)) for n in (before, after)]
    return ops.concatenate([filled[0], x, filled[1]], axis)
