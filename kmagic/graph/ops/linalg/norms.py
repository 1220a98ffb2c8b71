"""Norms of vectors and matrices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from kmagic.base import dtypes
from kmagic.base.config import floatx
from kmagic.base.errors import BadValue, ShapeMismatch
from kmagic.base.shapes import Shape, written
from kmagic.graph.ops.movement import axis_of, dtype_of, listed, shape_of
from kmagic.graph.table import composite, ops, public


def _euclidean_gradient(g: Any, y: Any, x: Any, axes: tuple[int, ...]) -> tuple[Any]:
    """x / ‖x‖, and 0 at 0, where every direction is as good."""
    return (g * ops.where(y > 0, x / ops.where(y > 0, y, 1), 0),)


def _kept(x: Shape, axes: tuple[int, ...]) -> Shape:
    return tuple(1 if i in axes else size for i, size in enumerate(x))


@composite(gradient=_euclidean_gradient, shape=_kept)
def _euclidean(x: Any, /, axes: tuple[int, ...]) -> Any:
    """√Σx² over axes that stay with size 1; the slope at 0 is 0."""
    return ops.sqrt(ops.sum(ops.square(x), axes, keepdims=True))


@public
def norm(x: Any, ord: Any = None, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Any:
    """Norm over axes: Euclidean of all values by default, else of vectors (one axis) or matrices (two axes).

    Vectors: any number p, (Σ|x|ᵖ)^(1/p); ∞ and −∞, the largest and smallest |x|; 0, how many are not 0.
    Matrices: "fro", √Σx²; "nuc", the sum of singular values; 2 and −2, the largest and smallest of them; 1 and −1,
    ∞ and −∞, the largest and smallest sum of |x| in a column, in a row.
    """
    x = ops.convert_to_tensor(x)
    if not dtypes.is_float(dtype_of(x)):
        x = ops.cast(x, floatx())
    rank = len(shape_of(x))
    axes = tuple(range(rank)) if axis is None else tuple(axis_of(place, rank) for place in listed(axis))
    if ord is None:
        value = _euclidean(x, axes)
    elif len(axes) == 1:
        value = _of_vectors(x, ord, axes[0])
    elif len(axes) == 2:
        value = _of_matrices(x, ord, *axes)
    else:
        raise BadValue(f"ord is {ord!r} over {len(axes)} axes", where="norm", expected="one axis or two")
    return value if keepdims else ops.squeeze(value, axes)


def _of_vectors(x: Any, ord: Any, axis: int) -> Any:
    if isinstance(ord, str):
        raise BadValue(f"Invalid `ord` argument for vector norm: {ord!r}", where="norm", expected="a number")
    size = ops.absolute(x)
    if ord == 2:
        return _euclidean(x, (axis,))
    if ord == 1:
        return ops.sum(size, axis, keepdims=True)
    if ord == math.inf:
        return ops.max(size, axis, keepdims=True)
    if ord == -math.inf:
        return ops.min(size, axis, keepdims=True)
    if ord == 0:
        return ops.sum(ops.cast(ops.not_equal(x, 0), x.dtype), axis, keepdims=True)
    return ops.power(ops.sum(ops.power(size, float(ord)), axis, keepdims=True), 1 / ord)


def _of_matrices(x: Any, ord: Any, rows: int, columns: int) -> Any:
    size = ops.absolute(x)
    match ord:
        case "fro":
            return _euclidean(x, (rows, columns))
        case "nuc" | 2 | -2:
            return _of_singular_values(x, ord, rows, columns)
        case 1:
            return ops.max(ops.sum(size, rows, keepdims=True), columns, keepdims=True)
        case -1:
            return ops.min(ops.sum(size, rows, keepdims=True), columns, keepdims=True)
        case math.inf:
            return ops.max(ops.sum(size, columns, keepdims=True), rows, keepdims=True)
    if ord == -math.inf:
        return ops.min(ops.sum(size, columns, keepdims=True), rows, keepdims=True)
    raise BadValue(
        f"Invalid `ord` argument for matrix norm: {ord!r}", where="norm", expected="'fro', 'nuc', ±1, ±2 or ±inf"
    )


def _of_singular_values(x: Any, ord: Any, rows: int, columns: int) -> Any:
    others = [i for i in range(len(shape_of(x))) if i not in (rows, columns)]
    s = ops.svd(ops.transpose(x, (*others, rows, columns)), compute_uv=False)
    value = ops.sum(s, -1) if ord == "nuc" else ops.max(s, -1) if ord == 2 else ops.min(s, -1)
    return ops.expand_dims(value, sorted((rows, columns)))


@public
def cdist(x: Any, y: Any) -> Any:
    """Euclidean distance of each vector of x to each of y: (…, m, d) and (…, n, d) give (…, m, n)."""
    first, second = shape_of(x), shape_of(y)
    if len(first) < 2 or len(second) < 2 or first[-1] != second[-1]:
        raise ShapeMismatch(
            f"shapes {written(first)} and {written(second)}", where="cdist", expected="vectors of one length in rows"
        )
    return ops.norm(ops.expand_dims(x, -2) - ops.expand_dims(y, -3), axis=-1)
