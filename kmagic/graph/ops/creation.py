"""Arrays made from a few numbers: constants, ranges, grids, triangles, diagonals, windows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from kmagic.base import dtypes, shapes
from kmagic.base.config import floatx
from kmagic.base.dtypes import held_as, is_float, standard
from kmagic.base.errors import BadValue, ShapeMismatch
from kmagic.base.shapes import Axis, Extent, Shape
from kmagic.graph.eager import number_dtype, source_node
from kmagic.graph.narrow import array_of
from kmagic.graph.ops.movement import dtype_of, listed, shape_of, whole
from kmagic.graph.ops.source import number_of
from kmagic.graph.symbol import Symbol
from kmagic.graph.table import ops, public


def _shape(shape: Any) -> Shape:
    return tuple(n if isinstance(n, Extent) else whole(n) for n in listed(shape))


@public
def full(shape: Any, fill_value: Any, dtype: Any = None) -> Any:
    """An array of one value, floats by default.

    >>> full(2, 7).tolist()
    [7.0, 7.0]
    """
    result = ops.broadcast_to(ops.convert_to_tensor(fill_value, standard(dtype)), _shape(shape))
    return result.copy() if isinstance(result, np.ndarray) else result


@public
def full_like(x: Any, fill_value: Any, dtype: Any = None) -> Any:
    """An array of one value in the shape of x, and its dtype by default."""
    return full(shape_of(x), fill_value, dtype if dtype is not None else dtype_of(ops.convert_to_tensor(x)))


@public
def empty(shape: Any, dtype: Any = None) -> Any:
    """An array to be filled; it holds zeros, so that nothing depends on chance."""
    return full(shape, 0, dtype)


@public
def empty_like(x: Any, dtype: Any = None) -> Any:
    """An array to be filled, of the shape of x; it holds zeros."""
    return full_like(x, 0, dtype)


@public
def array(x: Any, dtype: Any = None) -> Any:
    """A value as an array of its own (or as a symbol, if it is one)."""
    return copy(ops.convert_to_tensor(x, dtype))


@public
def copy(x: Any) -> Any:
    """An array with the same values."""
    value = ops.convert_to_tensor(x)
    return value.copy() if isinstance(value, np.ndarray) else value


@public
def arange(start: Any, stop: Any = None, step: Any = None, dtype: Any = None) -> Any:
    """Numbers from `start` (0 if it is the only one given) to before `stop`, `step` apart.

    `start` and `stop` may be axes of a symbol.

    >>> arange(3).tolist(), arange(1, 2, 0.5).tolist()
    ([0, 1, 2], [1.0, 1.5])
    """
    given = [value for value in (start, stop, step) if value is not None]
    kinds = ["int32" if isinstance(value, Extent) else number_dtype(value) for value in given]
    kind = standard(dtype) if dtype is not None else dtypes.promote(*kinds)
    if stop is None:
        start, stop = 0, start
    apart = 1 if step is None else step
    if not any(isinstance(value, Extent) for value in given):
        return array_of(np.arange(start, stop, apart, dtype=held_as(kind)), kind)
    length = stop - start if apart == 1 else shapes.exact_quotient(stop - start, apart)
    if length is None:
        raise ShapeMismatch(f"a range of {stop - start} in steps of {apart}", expected="a step that divides it")
    counter = ops.cast(Symbol(source_node("iota", (length,), "int32")), kind)
    return counter if start == 0 and apart == 1 else counter * apart + number_of(start, kind)


def _spaced(start: Any, stop: Any, num: int, endpoint: bool, kind: str, axis: int) -> tuple[Any, Any]:
    """Points from start to stop along a new axis, and the distance of two."""
    first, last = (ops.cast(ops.convert_to_tensor(x), kind) for x in (start, stop))
    intervals = num - 1 if endpoint else num
    apart = (last - first) / intervals if intervals > 0 else (last - first) * math.nan
    rank = len(shapes.broadcast(shape_of(first), shape_of(last)))
    counter = array_of(np.arange(num, dtype=held_as(kind)).reshape(-1, *[1] * rank), kind)
    # from both ends, so that the last point is `stop` itself
    part = counter / array_of(max(intervals, 1), kind)
    points = first * (1 - part) + last * part
    return ops.moveaxis(points, 0, axis), apart


def _float_of(*values: Any) -> str:
    kinds = [number_dtype(value) for value in values]
    combined = dtypes.promote(*kinds)
    return combined if is_float(combined) else floatx()


@public
def linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    """`num` points at equal distances from `start` to `stop`, which is the last one unless `endpoint` is False.

    >>> linspace(0, 1, 5).tolist()
    [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    kind = standard(dtype) if dtype is not None else _float_of(start, stop)
    points, apart = _spaced(start, stop, num, endpoint, kind if is_float(kind) else "float64", axis)
    points = ops.cast(points if is_float(kind) else ops.floor(points), kind)
    return (points, apart) if retstep else points


@public
def logspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10, dtype: Any = None, axis: int = 0
) -> Any:
    """Powers of `base` whose exponents lie at equal distances from `start` to `stop`.

    >>> logspace(0, 2, 3).tolist()
    [1.0, 10.0, 100.0]
    """
    kind = standard(dtype) if dtype is not None else _float_of(start, stop)
    points, _ = _spaced(start, stop, num, endpoint, kind if is_float(kind) else "float64", axis)
    return ops.cast(ops.power(ops.cast(base, dtype_of(points)), points), kind)


@public
def geomspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Any:
    """`num` points from `start` to `stop`, each the same multiple of the one before; both must have one sign.

    >>> [round(x, 4) for x in geomspace(1, 8, 4).tolist()]
    [1.0, 2.0, 4.0, 8.0]
    """
    kind = standard(dtype) if dtype is not None else _float_of(start, stop)
    wide = kind if is_float(kind) else "float64"
    first, last = (ops.cast(ops.convert_to_tensor(x), wide) for x in (start, stop))
    sign = ops.sign(first)
    points, _ = _spaced(ops.log(first * sign), ops.log(last * sign), num, endpoint, wide, 0)
    return ops.cast(ops.moveaxis(ops.exp(points) * sign, 0, axis), kind)


@public
def meshgrid(*x: Any, indexing: str = "xy") -> list[Any]:
    """The coordinates of all points of a grid, one array for each axis; `xy` turns the first two around.

    >>> [grid.tolist() for grid in meshgrid([1, 2], [3, 4, 5], indexing="ij")]
    [[[1, 1, 1], [2, 2, 2]], [[3, 4, 5], [3, 4, 5]]]
    """
    if indexing not in ("xy", "ij"):
        raise BadValue(f"indexing is {indexing!r}", where="meshgrid", expected='"xy" or "ij"')
    axes = [ops.ravel(ops.convert_to_tensor(values)) for values in x]
    sizes = tuple(shape_of(values)[0] for values in axes)
    grids = [
        ops.broadcast_to(ops.reshape(values, [-1 if i == place else 1 for i in range(len(axes))]), sizes)
        for place, values in enumerate(axes)
    ]
    return [ops.swapaxes(grid, 0, 1) for grid in grids] if indexing == "xy" and len(axes) > 1 else grids


def _positions(x: Any) -> tuple[Any, int]:
    """0 … n − 1 in double precision, and n − 1."""
    count = int(np.asarray(x))
    return np.arange(max(count, 0), dtype="float64"), count - 1


def _window(values: Any, last: int) -> Any:
    return np.asarray(values if last > 0 else np.ones_like(values), floatx())


def _cosines(x: Any, *weights: float) -> Any:
    n, last = _positions(x)
    return _window(sum(w * np.cos(2 * math.pi * k * n / max(last, 1)) for k, w in enumerate(weights)), last)


@public
def bartlett(x: Any) -> Any:
    """A triangular window of x points, zero at its ends."""
    n, last = _positions(x)
    return _window(1 - np.abs(2 * n / max(last, 1) - 1), last)


@public
def hanning(x: Any) -> Any:
    """Hann's raised cosine of x points, zero at its ends."""
    return _cosines(x, 0.5, -0.5)


@public
def hamming(x: Any) -> Any:
    """Hamming's raised cosine of x points."""
    return _cosines(x, 0.54, -0.46)


@public
def blackman(x: Any) -> Any:
    """Blackman's window of x points, a sum of three cosines."""
    return _cosines(x, 0.42, -0.5, 0.08)


@public
def kaiser(x: Any, beta: Any) -> Any:
    """Kaiser's window of x points; a larger `beta` makes it narrower."""
    n, last = _positions(x)
    inside = 1 - (2 * n / max(last, 1) - 1) ** 2
    return _window(np.i0(float(beta) * np.sqrt(np.maximum(inside, 0))) / np.i0(float(beta)), last)


@public
def broadcast_shapes(*given: Sequence[Axis]) -> Shape:
    """The common shape of arrays of these shapes under NumPy's rule.

    >>> broadcast_shapes((3, 1), (4,))
    (3, 4)
    """
    return shapes.broadcast(*map(tuple, given))
