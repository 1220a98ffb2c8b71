"""Normalizations: mean and variance, and values scaled by them.

Statistics of float16 and bfloat16 are computed in float32, whose range holds sums of squares.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kmagic.base import dtypes, shapes
from kmagic.base.config import epsilon as small
from kmagic.base.errors import BadValue, ShapeMismatch, Unsupported
from kmagic.graph.ops.movement import axis_of, dtype_of, listed, shape_of
from kmagic.graph.table import ops, public

Axes = int | Sequence[int]
LARGEST_HALF = float(np.finfo("float16").max)


def _wide(x: Any) -> tuple[Any, str]:
    """The values as at least float32, and the dtype to return to."""
    x = ops.convert_to_tensor(x)
    kind = dtype_of(x)
    return ops.cast(x, dtypes.promote(kind, "float32")), kind


@public
def moments(x: Any, axes: Axes, keepdims: bool = False, synchronized: bool = False) -> tuple[Any, Any]:
    """Mean and variance over axes."""
    if synchronized:
        raise Unsupported("moments(synchronized=True)", expected="statistics of one device", fix="synchronized=False")
    x = ops.convert_to_tensor(x)
    kind = dtype_of(x)
    values = ops.cast(x, "float32") if kind in dtypes.NARROW else x
    found = ops.mean(values, axes, keepdims), ops.var(values, axes, keepdims)
    if kind not in dtypes.NARROW:
        return found
    mean, variance = (ops.cast(ops.clip(value, -LARGEST_HALF, LARGEST_HALF), kind) for value in found)
    return mean, variance


@public
def batch_normalization(
    x: Any, mean: Any, variance: Any, axis: int, offset: Any = None, scale: Any = None, epsilon: float = 1e-3
) -> Any:
    """(x − mean) / √(variance + epsilon)·scale + offset, each a vector along one axis."""
    shape = shape_of(x)
    place = axis_of(axis, len(shape))
    along = tuple(size if i == place else 1 for i, size in enumerate(shape))
    factor = ops.rsqrt(ops.reshape(variance, along) + epsilon)
    if scale is not None:
        factor = factor * ops.reshape(scale, along)
    result = ops.subtract(x, ops.reshape(mean, along)) * factor
    return result if offset is None else result + ops.reshape(offset, along)


@public
def layer_normalization(
    x: Any,
    gamma: Any = None,
    beta: Any = None,
    axis: Axes = -1,
    epsilon: float | None = None,
    rms_scaling: bool = False,
) -> Any:
    """(x − mean) / √(variance + epsilon)·gamma + beta, with mean and variance over axes of x itself.

    `rms_scaling` only divides by the deviation, and is Keras's; what the name says is `rms_normalization`.
    """
    values, kind = _wide(x)
    axes = _places(axis, values)
    factor = ops.rsqrt(ops.var(values, axes, keepdims=True) + _or_small(epsilon))
    centred = values if rms_scaling else values - ops.mean(values, axes, keepdims=True)
    result = centred * factor
    if gamma is not None:
        result = result * _beside(gamma, axes, values)
    if beta is not None and not rms_scaling:
        result = result + _beside(beta, axes, values)
    return ops.cast(result, kind)


@public
def rms_normalization(x: Any, scale: Any = None, axis: Axes = -1, epsilon: float | None = None) -> Any:
    """x / √(mean of x² + epsilon)·scale, the mean over axes."""
    values, kind = _wide(x)
    if not shape_of(values):
        values = ops.reshape(values, (1,))
    factor = ops.rsqrt(ops.mean(ops.square(values), axis, keepdims=True) + _or_small(epsilon))
    result = values * factor
    if scale is not None:
        result = result * ops.cast(ops.convert_to_tensor(scale), dtype_of(values))
    return ops.cast(result, kind)


@public
def normalize(x: Any, axis: Axes = -1, order: int = 2, epsilon: float | None = None) -> Any:
    """x / max(‖x‖, epsilon), with the norm of an order over axes; the slope at 0 is 1 / epsilon."""
    if isinstance(order, bool) or not isinstance(order, int) or order < 1:
        raise BadValue(f"order is {order!r}", where="normalize", expected="a whole number of at least 1")
    x = ops.convert_to_tensor(x)
    if not shape_of(x):
        x = ops.reshape(x, (1,))
    least = _or_small(epsilon)
    if order == 2:
        # bounded before the root, whose slope at 0 is infinite
        return x * ops.rsqrt(ops.maximum(ops.sum(ops.square(x), axis, keepdims=True), least * least))
    return x / ops.maximum(ops.norm(x, ord=order, axis=axis, keepdims=True), least)


def _or_small(epsilon: float | None) -> float:
    return small() if epsilon is None else epsilon


def _places(axis: Axes, x: Any) -> tuple[int, ...]:
    rank = len(shape_of(x))
    return tuple(sorted(axis_of(place, rank) for place in listed(axis)))


def _beside(weight: Any, axes: tuple[int, ...], x: Any) -> Any:
    """A weight of the shape of the normalized axes, laid along them."""
    shape = shape_of(x)
    weight = ops.cast(ops.convert_to_tensor(weight), dtype_of(x))
    if len(shape_of(weight)) == len(shape) or axes == (len(shape) - 1,):
        return weight
    return ops.reshape(weight, tuple(size if i in axes else 1 for i, size in enumerate(shape)))


@public
def psnr(x1: Any, x2: Any, max_val: float) -> Any:
    """Ratio of the largest possible value to the mean squared difference, in decibels: 10·log₁₀(max² / mse)."""
    if shape_of(x1) != shape_of(x2):
        raise ShapeMismatch(
            f"{shapes.written(shape_of(x1))} and {shapes.written(shape_of(x2))}",
            where="psnr",
            expected="input shapes that match",
        )
    mse = ops.mean(ops.square(ops.subtract(x1, x2)))
    return 20 * ops.log10(ops.cast(max_val, mse.dtype)) - 10 * ops.log10(mse)
