"""Reductions, and the composites made of them."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Any

import numpy as np

from kmagic.base import dtypes, shapes
from kmagic.base.config import floatx
from kmagic.base.dtypes import BYTES, UNSIGNED, is_float, standard
from kmagic.base.shapes import Shape
from kmagic.graph.ops.movement import axis_of, dtype_of, listed, shape_of
from kmagic.graph.ops.source import number_of
from kmagic.graph.symbol import Symbol
from kmagic.graph.table import composite, ops, primitive, promoted, public

Axes = int | Sequence[int] | None


def axes_of(axis: Axes, rank: int) -> tuple[int, ...]:
    """The axes meant by an `axis` argument, sorted, counted from the left; None means all."""
    if axis is None:
        return tuple(range(rank))
    return tuple(sorted({axis_of(place, rank) for place in listed(axis)}))


def _reduced(x: Shape, axes: tuple[int, ...], keepdims: bool) -> Shape:
    return tuple(1 if i in axes else n for i, n in enumerate(x) if keepdims or i not in axes)


def _stretch(value: Any, x: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    """A reduced value over the axes it was reduced from."""
    kept = value if keepdims else ops.reshape(value, _reduced(x.shape, axes, True))
    return ops.broadcast_to(kept, x.shape)


def _extreme_gradient(g: Any, y: Any, x: Any, axes: tuple[int, ...], keepdims: bool) -> tuple[Any]:
    """Equal to the extreme: an equal share of the gradient."""
    hit = ops.cast(ops.equal(x, _stretch(y, x, axes, keepdims)), g.dtype)
    share = hit / reduce_sum(hit, axes, True)
    return (share * _stretch(g, x, axes, keepdims),)


def _product_gradient(g: Any, y: Any, x: Any, axes: tuple[int, ...], keepdims: bool) -> tuple[Any]:
    """The product of the others: of all by x, but for zeros, of which two leave nothing and one only its own place."""
    zero = ops.equal(x, 0)
    others = reduce_prod(ops.where(zero, 1, x), axes, True) / ops.where(zero, 1, x)
    count = reduce_sum(zero, axes, True)
    apart = ops.equal(count - ops.cast(zero, count.dtype), 0)
    return (_stretch(g, x, axes, keepdims) * ops.where(apart, others, 0),)


def _reduction(name: str, doc: str, ufunc: Any, gradient: Any, dtype: Any = promoted, **options: Any) -> Any:
    def row(x: Any, /, axes: tuple[int, ...], keepdims: bool = False) -> Any: ...

    def run(x: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
        return ufunc.reduce(x, axis=axes, keepdims=keepdims, dtype=dtype(standard(x.dtype)))

    row.__name__, row.__doc__ = name, doc
    return primitive("reduce", numpy=run, gradient=gradient, shape=_reduced, dtype=dtype, compute=None, **options)(row)


def _summed(x: str, **attributes: Any) -> str:
    """Sums and products of small whole numbers need room: as in Keras, at least 32 bits."""
    if is_float(x) or BYTES[x] >= 4:
        return x
    return "uint32" if x in UNSIGNED else "int32"


def _sum(x: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    kind = _summed(standard(x.dtype))
    if builtins.all(x.shape[place] == 1 for place in axes):  # a copy is faster than sums of one value each
        return x.reshape(_reduced(x.shape, axes, keepdims)).astype(kind)
    return np.sum(x, axis=axes, keepdims=keepdims, dtype=kind)


@primitive(
    "reduce",
    numpy=_sum,
    gradient=lambda g, y, x, axes, keepdims: (_stretch(g, x, axes, keepdims),),
    shape=_reduced,
    dtype=_summed,
    compute=None,
)
def reduce_sum(x: Any, /, axes: tuple[int, ...], keepdims: bool = False) -> Any:
    """Sum over axes."""


reduce_max = _reduction("reduce_max", "Largest value over axes.", np.maximum, _extreme_gradient)
reduce_min = _reduction("reduce_min", "Smallest value over axes.", np.minimum, _extreme_gradient)
reduce_prod = _reduction(
    "reduce_prod", "Product over axes.", np.multiply, _product_gradient, dtype=_summed, domain=(0.5, 1.5)
)


def _over(row: Any, x: Any, axis: Axes, keepdims: bool) -> Any:
    shape = shape_of(x)
    axes = axes_of(axis, len(shape))
    if isinstance(x, Symbol) and axes and builtins.all(shape[place] == 1 for place in axes):
        # of one value each: nothing to compute
        return ops.cast(ops.reshape(x, _reduced(shape, axes, bool(keepdims))), row.dtype(x.dtype))
    return row(x, axes, bool(keepdims))


@public
def sum(x: Any, axis: Axes = None, keepdims: bool = False) -> Any:
    """Sum over axes (all by default)."""
    return _over(reduce_sum, x, axis, keepdims)


@public
def max(x: Any, axis: Axes = None, keepdims: bool = False, initial: Any = None) -> Any:
    """Largest value over axes, and of `initial` where it is given."""
    return _extreme(reduce_max, ops.maximum, x, axis, keepdims, initial)


@public
def min(x: Any, axis: Axes = None, keepdims: bool = False, initial: Any = None) -> Any:
    """Smallest value over axes, and of `initial` where it is given."""
    return _extreme(reduce_min, ops.minimum, x, axis, keepdims, initial)


def _extreme(row: Any, pair: Any, x: Any, axis: Axes, keepdims: bool, initial: Any) -> Any:
    if initial is None:
        return _over(row, x, axis, keepdims)
    axes = axes_of(axis, len(shape_of(x)))
    if shapes.size(shape_of(x)[place] for place in axes) == 0:
        return ops.full(_reduced(shape_of(x), axes, keepdims), initial, dtype_of(ops.convert_to_tensor(x)))
    return pair(_over(row, x, axis, keepdims), initial)


@public
def prod(x: Any, axis: Axes = None, keepdims: bool = False, dtype: Any = None) -> Any:
    """Product over axes, in `dtype` where it is given."""
    return _over(reduce_prod, x if dtype is None else ops.cast(x, dtype), axis, keepdims)


@public
def all(x: Any, axis: Axes = None, keepdims: bool = False) -> Any:
    """Whether all are true."""
    return _over(reduce_min, ops.cast(x, "bool"), axis, keepdims)


@public
def any(x: Any, axis: Axes = None, keepdims: bool = False) -> Any:
    """Whether one is true."""
    return _over(reduce_max, ops.cast(x, "bool"), axis, keepdims)


def count_over(x: Any, axis: Axes) -> Any:
    """How many values each result over `axis` is made of, in the float type of `x`."""
    shape = shape_of(x)
    kind = dtype_of(x)
    total = shapes.size(shape[place] for place in axes_of(axis, len(shape)))
    return number_of(total, kind if dtypes.is_float(kind) else floatx())


@public
def mean(x: Any, axis: Axes = None, keepdims: bool = False) -> Any:
    """Arithmetic mean over axes; of whole numbers as floats."""
    values = x if is_float(dtype_of(x)) else ops.cast(x, floatx())
    total, count = sum(values, axis, keepdims), count_over(values, axis)
    return total if isinstance(count, float) and count == 1 else ops.divide(total, count)


@public
def var(x: Any, axis: Axes = None, keepdims: bool = False) -> Any:
    """Mean squared distance from the mean."""
    return mean(ops.square(ops.subtract(x, mean(x, axis, keepdims=True))), axis, keepdims)


@public
def std(x: Any, axis: Axes = None, keepdims: bool = False) -> Any:
    """Square root of the variance."""
    return ops.sqrt(var(x, axis, keepdims))


def _one_axis(x: Shape, **attributes: Any) -> Shape:
    return x


@composite(gradient=lambda g, y, x, axis: (y * (g - ops.sum(g * y, axis, keepdims=True)),), shape=_one_axis)
def softmax(x: Any, /, axis: int = -1) -> Any:
    """eˣ divided by its sum along an axis, shifted by the largest value against overflow."""
    e = ops.exp(x - ops.stop_gradient(ops.max(x, axis, keepdims=True)))
    return e / ops.sum(e, axis, keepdims=True)


@composite(gradient=lambda g, y, x, axis: (g - ops.exp(y) * ops.sum(g, axis, keepdims=True),), shape=_one_axis)
def log_softmax(x: Any, /, axis: int = -1) -> Any:
    """Logarithm of softmax, without overflow or underflow."""
    shifted = x - ops.stop_gradient(ops.max(x, axis, keepdims=True))
    return shifted - ops.log(ops.sum(ops.exp(shifted), axis, keepdims=True))


@public
def logsumexp(x: Any, axis: Axes = None, keepdims: bool = False) -> Any:
    """ln Σ eˣ over axes, without overflow."""
    top = ops.stop_gradient(max(x, axis, keepdims=True))
    # infinity minus itself is no number; without a shift an infinite result comes out by itself
    top = ops.where(ops.isfinite(top), top, 0)
    total = ops.log(sum(ops.exp(x - top), axis, keepdims=True)) + top
    return total if keepdims else ops.reshape(total, _reduced(shape_of(x), axes_of(axis, len(shape_of(x))), False))


def sum_to(g: Any, shape: Shape) -> Any:
    """Undo broadcasting: sum `g` over the axes that were repeated to reach its shape from `shape`."""
    if g.shape == shape:
        return g
    lead = len(g.shape) - len(shape)
    repeated = [lead + i for i, n in enumerate(shape) if n == 1 and g.shape[lead + i] != 1]
    total = sum(g, [*range(lead), *repeated], keepdims=True) if lead or repeated else g
    return ops.reshape(total, shape)


@public
def amax(x: Any, axis: Axes = None, keepdims: bool = False) -> Any:
    """Largest value over axes."""
    return max(x, axis, keepdims)


@public
def amin(x: Any, axis: Axes = None, keepdims: bool = False) -> Any:
    """Smallest value over axes."""
    return min(x, axis, keepdims)
