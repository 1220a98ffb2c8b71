"""Selection: x[key] with numbers, slices, new axes and arrays of positions."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Any

import numpy as np

from kmagic.base import dtypes, shapes
from kmagic.base.errors import BadType, ShapeMismatch, Unsupported
from kmagic.base.shapes import Axis, Shape
from kmagic.graph.names import also_called
from kmagic.graph.ops.indexing import wrapped
from kmagic.graph.ops.movement import dtype_of, length_of, shape_of
from kmagic.graph.ops.source import number_of
from kmagic.graph.table import ops, public


@public
def getitem(x: Any, key: Any) -> Any:
    """x[key] for numbers, slices, None and Ellipsis, and arrays of positions on neighbouring axes.

    >>> getitem(np.arange(6).reshape(2, 3), (np.array([0, 1]), np.array([2, 0]))).tolist()
    [2, 3]
    """
    keys = key if isinstance(key, tuple) else (key,)
    shape = shape_of(x)
    named = sum(item is not None and item is not Ellipsis for item in keys)
    if named > len(shape):
        raise ShapeMismatch(f"{named} indices into {shapes.written(shape)}", expected=f"at most {len(shape)}")
    if not any(item is Ellipsis for item in keys):
        keys = (*keys, Ellipsis)
    rest = [builtins.slice(None)] * (len(shape) - named)
    at = next(i for i, item in enumerate(keys) if item is Ellipsis)
    every = [*keys[:at], *rest, *keys[at + 1 :]]
    if any(map(_is_index_array, every)):
        return _picked(x, shape, every)
    return _select(x, shape, every)


also_called(get_item="getitem")


def _is_index_array(key: Any) -> bool:
    """Whether a key is an array, list or symbol of positions."""
    if isinstance(key, np.integer) or not (hasattr(key, "dtype") or isinstance(key, list)):
        return False
    kind = dtype_of(key) if hasattr(key, "dtype") or key else "int32"
    if kind == "bool":
        raise BadType("a mask as an index", expected="a result of known shape", fix="kmagic.ops.where(mask, x, 0)")
    if not dtypes.is_integer(kind):
        raise BadType(f"{kind} as an index", expected="whole numbers", fix='kmagic.ops.cast(i, "int32")')
    return True


def _picked(x: Any, shape: Shape, keys: Sequence[Any]) -> Any:
    """Cut what numbers apart from arrays and slices cut, then gather from the arrays' axes made one."""
    # beside an array a number is one more array
    arrays = [_is_index_array(key) or isinstance(key, int | np.integer) for key in keys]
    whole = builtins.slice(None)
    others = [whole if is_array else key for key, is_array in zip(keys, arrays, strict=True)]
    value = x if all(isinstance(key, builtins.slice) and key == whole for key in others) else _select(x, shape, others)
    places = [i for i, is_array in enumerate(arrays) if is_array]
    first, last = places[0], places[-1]
    if last - first + 1 != len(places):
        raise Unsupported("arrays as indices on axes apart", expected="neighbouring axes", fix="kmagic.ops.moveaxis")
    sizes = shape_of(value)
    lead = sizes[first : last + 1]
    flat: Any = None
    for key, size in zip(keys[first : last + 1], lead, strict=True):
        index = wrapped(ops.convert_to_tensor(key), size)
        if len(lead) > 1:  # the place in the joined axes alone would not show an index outside its own
            index = ops.rows["gather"](ops.arange(size), index, 0)
        flat = index if flat is None else ops.add(ops.multiply(flat, number_of(size, "int32")), index)
    joined = ops.reshape(value, (*sizes[:first], shapes.size(lead), *sizes[last + 1 :]))
    return ops.rows["gather"](joined, flat, first)


def _select(x: Any, shape: Shape, keys: Sequence[Any]) -> Any:
    slices: list[tuple[Axis, Axis, int]] = []
    result: list[Axis] = []
    axes = iter(shape)
    for item in keys:
        if item is None:
            result.append(1)
        elif isinstance(item, builtins.slice):
            slices.append(_resolved(item, next(axes)))
            result.append(length_of(*slices[-1]))
        elif isinstance(item, int | np.integer):
            start = _position(int(item), next(axes))
            slices.append((start, start + 1, 1))
        else:
            raise BadType(f"{item!r} as an index", expected="a number, a slice, None or ...; or positions")
    return ops.reshape(ops.rows["slice"](x, tuple(slices)), tuple(result))


def _position(index: int, size: Axis) -> Axis:
    """A possibly negative index, counted from the front."""
    if isinstance(size, int) and not -size <= index < size:
        raise ShapeMismatch(f"index {index} along an axis of {size}", expected=f"an index from {-size} to {size - 1}")
    return size + index if index < 0 else index


def _resolved(item: builtins.slice, size: Axis) -> tuple[Axis, Axis, int]:
    if isinstance(size, int):
        ends = item.indices(size)
        return ends if range(*ends) else (0, 0, 1)
    step = 1 if item.step is None else int(item.step)
    start, stop = (size + end if isinstance(end, int) and end < 0 else end for end in (item.start, item.stop))
    if start is None:
        start = 0 if step > 0 else size - 1
    if stop is None:
        stop = size if step > 0 else -1
    return start, stop, step
