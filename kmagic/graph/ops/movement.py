"""Movement: the same values under other indices. Views where NumPy has them, copies where it must."""

from __future__ import annotations

import builtins
import functools
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from kmagic.base import shapes
from kmagic.base.errors import BadType, ShapeMismatch
from kmagic.base.shapes import Axis, Extent, Shape
from kmagic.graph.eager import as_node, constant_node, number_dtype
from kmagic.graph.symbol import Symbol
from kmagic.graph.table import ops, primitive, promoted, public

Slices = tuple[tuple[Axis, Axis, int], ...]


def shape_of(x: Any) -> Shape:
    """The shape of an array, list or symbol."""
    return tuple(x.shape) if hasattr(x, "shape") else np.shape(x)


def dtype_of(x: Any) -> str:
    """The dtype name of an array, number or symbol."""
    return _written(x.dtype if hasattr(x, "dtype") else np.asarray(x).dtype)


@functools.cache
def _written(dtype: Any) -> str:
    return str(dtype)


def whole(value: Any) -> int:
    """An axis or size as Python's whole number, from any kind of one."""
    try:
        return operator.index(value)
    except TypeError:
        raise BadType(f"{value!r} is no whole number", expected="an axis or size such as 1") from None


def listed(value: Any) -> tuple[Any, ...]:
    """One or several as several."""
    return tuple(value) if np.iterable(value) else (value,)


def axis_of(axis: Any, rank: int) -> int:
    """A possibly negative axis, counted from the left."""
    place = whole(axis)
    if not -rank <= place < rank:
        raise ShapeMismatch(f"axis {axis} of an array with {rank} axes", expected=f"an axis from {-rank} to {rank - 1}")
    return place % rank


def _given(x: Shape, *, shape: Shape) -> Shape:
    return shape


@primitive(
    "movement",
    numpy=lambda x, shape: np.reshape(x, shape),
    gradient=lambda g, y, x, shape: (ops.reshape(g, x.shape),),
    shape=_given,
    compute=None,
)
def _reshape(x: Any, /, shape: Shape) -> Any:
    """The same values, in order, under another shape."""


@public
def reshape(x: Any, newshape: Any) -> Any:
    """The same values, in order, under another shape; one axis may be −1."""
    total = shapes.size(shape_of(x))
    wanted = tuple(
        -1 if axis is None else axis if isinstance(axis, Extent) else whole(axis) for axis in listed(newshape)
    )
    if any(isinstance(axis, int) and axis == -1 for axis in wanted):
        known = shapes.size(axis for axis in wanted if not (isinstance(axis, int) and axis == -1))
        missing = shapes.exact_quotient(total, known)
        if missing is not None:
            wanted = tuple(missing if isinstance(axis, int) and axis == -1 else axis for axis in wanted)
    if any(isinstance(axis, int) and axis < 0 for axis in wanted) or shapes.size(wanted) != total:
        raise ShapeMismatch(
            f"{shapes.written(shape_of(x))} cannot be reshaped to {shapes.written(wanted)}",
            expected=f"a shape of {total} elements",
        )
    return x if wanted == shape_of(x) and hasattr(x, "shape") else _reshape(x, wanted)


@primitive(
    "movement",
    numpy=lambda x, axes: np.transpose(x, axes),
    gradient=lambda g, y, x, axes: (ops.transpose(g, [int(i) for i in np.argsort(axes)]),),
    shape=lambda x, axes: tuple(x[i] for i in axes),
    compute=None,
)
def _transpose(x: Any, /, axes: tuple[int, ...]) -> Any:
    """The axes in another order."""


@public
def transpose(x: Any, axes: Sequence[int] | None = None) -> Any:
    """The axes in another order; reversed by default."""
    rank = len(shape_of(x))
    order = tuple(axis_of(axis, rank) for axis in axes) if axes is not None else tuple(reversed(range(rank)))
    return x if order == tuple(range(rank)) else _transpose(x, order)


@primitive(
    "movement",
    numpy=lambda x, shape: np.broadcast_to(x, shape),
    gradient=lambda g, y, x, shape: (g,),
    shape=_given,
    compute=None,
)
def _broadcast_to(x: Any, /, shape: Shape) -> Any:
    """The values repeated along new axes and axes of size 1."""


@public
def broadcast_to(x: Any, shape: Shape) -> Any:
    """The values repeated along new axes and axes of size 1, as NumPy does."""
    if shapes.broadcast(shape_of(x), tuple(shape)) != tuple(shape):
        raise ShapeMismatch(f"{shapes.written(shape_of(x))} does not broadcast to {shapes.written(shape)}")
    if as_node(x) is None and any(isinstance(n, Extent) for n in shape):
        x = Symbol(constant_node(x, number_dtype(x)))
    return x if shape_of(x) == tuple(shape) else _broadcast_to(x, tuple(shape))


def length_of(start: Axis, stop: Axis, step: int) -> Axis:
    """How many entries a slice has."""
    if step == 1:
        return stop - start
    if isinstance(start, int) and isinstance(stop, int):
        return max(0, -(-(stop - start) // step))
    whole = shapes.exact_quotient(stop - start, step)
    if whole is None:
        raise ShapeMismatch(f"a step of {step} along an axis of unknown size", expected="a step of 1")
    return whole


def as_slices(slices: Slices) -> tuple[builtins.slice, ...]:
    """Python slices for numbers; a negative step may run to the very front."""
    return tuple(builtins.slice(a, None if step < 0 and b == -1 else b, step) for a, b, step in slices)


@primitive(
    "movement",
    numpy=lambda x, slices: x[as_slices(slices)],
    gradient=lambda g, y, x, slices: (ops.rows["embed"](g, x.shape, slices),),
    shape=lambda x, slices: tuple(length_of(*item) for item in slices),
    compute=None,
)
def _slice(x: Any, /, slices: Slices) -> Any:
    """Each axis from start to stop by step."""


def _embedded(x: Any, shape: tuple[int, ...], slices: Slices) -> Any:
    result = np.zeros(shape, np.asarray(x).dtype)
    result[as_slices(slices)] = x
    return result


@primitive(
    "movement",
    numpy=_embedded,
    gradient=lambda g, y, x, shape, slices: (_slice(g, slices),),
    shape=lambda x, shape, slices: shape,
    compute=None,
)
def _embed(x: Any, /, shape: Shape, slices: Slices) -> Any:
    """Zeros of a shape, with x at the places that the slices name."""


def _joined_shape(*inputs: Shape, axis: int) -> Shape:
    first = inputs[0]
    total: Axis = 0
    for other in inputs:
        if other[:axis] != first[:axis] or other[axis + 1 :] != first[axis + 1 :]:
            raise ShapeMismatch(
                "cannot concatenate " + " and ".join(map(shapes.written, inputs)) + f" along axis {axis}",
                expected="equal shapes except along that axis",
            )
        total = other[axis] + total
    return (*first[:axis], total, *first[axis + 1 :])


def _split_gradient(g: Any, y: Any, *inputs: Any, axis: int) -> list[Any]:
    result, start = [], 0
    for x in inputs:
        stop = x.shape[axis] + start
        full: Slices = tuple((0, n, 1) for n in y.shape)
        result.append(_slice(g, (*full[:axis], (start, stop, 1), *full[axis + 1 :])))
        start = stop
    return result


@primitive(
    "movement",
    numpy=lambda *inputs, axis: np.concatenate(inputs, axis),
    gradient=_split_gradient,
    shape=_joined_shape,
    compute=promoted,
)
def _join(*inputs: Any, axis: int) -> Any:
    """Arrays one after the other along an axis."""


@public
def concatenate(xs: Sequence[Any], axis: int = 0) -> Any:
    """Arrays one after the other along an existing axis."""
    return _join(*xs, axis=axis_of(axis, len(shape_of(xs[0]))))


def _packed_gradient(g: Any, y: Any, *inputs: Any) -> list[Any]:
    result: list[Any] = []
    start: Axis = 0
    for x in inputs:
        stop = shapes.size(x.shape) + start
        result.append(reshape(_slice(g, ((start, stop, 1),)), x.shape))
        start = stop
    return result


@primitive(
    "movement",
    numpy=lambda *inputs: np.concatenate([np.ravel(x) for x in inputs]),
    gradient=_packed_gradient,
    shape=lambda *inputs: (sum((shapes.size(x) for x in inputs[1:]), shapes.size(inputs[0])),),
    compute=promoted,
)
def _pack(*inputs: Any) -> Any:
    """The elements of all inputs as one vector; inputs may be computed right where they lie in it."""


@public
def stack(x: Sequence[Any], axis: int = 0) -> Any:
    """Arrays one after the other along a new axis."""
    return concatenate([expand_dims(part, axis) for part in x], axis)


@public
def expand_dims(x: Any, axis: int | Sequence[int]) -> Any:
    """The same values with new axes of size 1 at the given places of the result."""
    axes = listed(axis)
    rank = len(shape_of(x)) + len(axes)
    places = {axis_of(place, rank) for place in axes}
    rest = iter(shape_of(x))
    return reshape(x, tuple(1 if i in places else next(rest) for i in range(rank)))


@public
def squeeze(x: Any, axis: int | Sequence[int] | None = None) -> Any:
    """The same values without axes of size 1 (all, or those named)."""
    shape = shape_of(x)
    if axis is None:
        return reshape(x, tuple(n for n in shape if n != 1))
    places = {axis_of(place, len(shape)) for place in listed(axis)}
    wrong = [place for place in places if shape[place] != 1]
    if wrong:
        raise ShapeMismatch(f"axis {wrong[0]} of {shapes.written(shape)} is not 1", expected="axes of size 1")
    return reshape(x, tuple(n for i, n in enumerate(shape) if i not in places))


@public
def swapaxes(x: Any, axis1: int, axis2: int) -> Any:
    """The same values with two axes exchanged."""
    order = list(range(len(shape_of(x))))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return transpose(x, order)


@public
def flip(x: Any, axis: int | None = None) -> Any:
    """The values in reverse order along one axis, or all."""
    shape = shape_of(x)
    places = range(len(shape)) if axis is None else [axis_of(axis, len(shape))]
    return _slice(x, tuple((n - 1, -1, -1) if i in places else (0, n, 1) for i, n in enumerate(shape)))


@public
def size(x: Any) -> Any:
    """The number of elements."""
    return shapes.size(shape_of(x))


@public
def shape(x: Any) -> Shape:
    """The shape of an array or symbol."""
    return shape_of(x)
