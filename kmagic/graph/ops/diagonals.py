"""Triangles, diagonals, and matrices made of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmagic.base import shapes
from kmagic.base.dtypes import standard
from kmagic.base.errors import ShapeMismatch
from kmagic.base.shapes import Axis, Extent
from kmagic.graph.ops.movement import axis_of, shape_of
from kmagic.graph.table import ops, public


def below(rows: Axis, columns: Axis, k: int) -> Any:
    """Where a matrix lies on or below its diagonal number k."""
    return ops.less_equal(ops.arange(columns), ops.expand_dims(ops.arange(rows), 1) + k)


@public
def tri(N: Any, M: Any = None, k: int = 0, dtype: Any = None) -> Any:
    """Ones on and below diagonal number k, zeros above.

    >>> tri(2).tolist()
    [[1.0, 0.0], [1.0, 1.0]]
    """
    return ops.cast(below(N, N if M is None else M, k), standard(dtype))


@public
def tril(x: Any, k: int = 0) -> Any:
    """The last two axes on and below diagonal number k; zeros above."""
    value = ops.convert_to_tensor(x)
    return ops.where(below(*_last_two(value), k), value, ops.zeros_like(value))


@public
def triu(x: Any, k: int = 0) -> Any:
    """The last two axes on and above diagonal number k; zeros below."""
    value = ops.convert_to_tensor(x)
    return ops.where(below(*_last_two(value), k - 1), ops.zeros_like(value), value)


def _last_two(x: Any) -> tuple[Axis, Axis]:
    shape = shape_of(x)
    if len(shape) < 2:
        raise ShapeMismatch(f"a triangle of {shapes.written(shape)}", expected="[*d n m]")
    return shape[-2], shape[-1]


@public
def eye(N: Any, M: Any = None, k: int = 0, dtype: Any = None) -> Any:
    """Ones on diagonal number k, zeros elsewhere.

    >>> eye(2).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    hit = ops.equal(ops.arange(N if M is None else M), ops.expand_dims(ops.arange(N), 1) + k)
    return ops.cast(hit, standard(dtype))


@public
def identity(n: Any, dtype: Any = None) -> Any:
    """The square matrix with ones on its diagonal and zeros elsewhere.

    >>> identity(2).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    return eye(n, dtype=dtype)


@public
def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The entries on a diagonal of two axes, as the last axis.

    >>> diagonal(np.arange(4).reshape(2, 2)).tolist()
    [0, 3]
    """
    value = ops.convert_to_tensor(x)
    rank = len(shape_of(value))
    if rank < 2 or axis_of(axis1, rank) == axis_of(axis2, rank):
        raise ShapeMismatch(f"the diagonal of axes {axis1} and {axis2} of {rank}", expected="two different axes")
    value = ops.moveaxis(value, (axis1, axis2), (-2, -1))
    *lead, rows, columns = shape_of(value)
    if isinstance(rows, Extent) or isinstance(columns, Extent):
        raise ShapeMismatch(f"the diagonal of {rows} by {columns}", expected="axes of known size")
    row = np.arange(max(0, min(rows, columns - offset) if offset >= 0 else min(rows + offset, columns)), dtype="int32")
    places = (row + max(-offset, 0)) * columns + row + max(offset, 0)
    return ops.take(ops.reshape(value, (*lead, rows * columns)), places, -1)


@public
def diag(x: Any, k: int = 0) -> Any:
    """A vector as diagonal number k of a matrix of zeros, or that diagonal of a matrix.

    >>> diag([1, 2]).tolist()
    [[1, 0], [0, 2]]
    """
    value = ops.convert_to_tensor(x)
    if len(shape_of(value)) == 2:
        return diagonal(value, k)
    if len(shape_of(value)) != 1:
        raise ShapeMismatch(f"diag of {shapes.written(shape_of(value))}", expected="a vector or a matrix")
    wide = ops.pad(value, (max(k, 0), max(-k, 0)))
    size = shape_of(wide)[0]
    spread = ops.broadcast_to(wide, (size, size))
    return ops.where(ops.cast(eye(size, k=k), "bool"), spread, ops.zeros_like(spread))


@public
def diagflat(x: Any, k: int = 0) -> Any:
    """The flattened values as diagonal number k of a matrix of zeros."""
    return diag(ops.ravel(x), k)


@public
def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The sum of a diagonal of two axes.

    >>> float(trace(np.eye(3)))
    3.0
    """
    return ops.sum(diagonal(x, offset, axis1, axis2), -1)


@public
def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """The powers of each entry of a vector, from the highest down unless `increasing`.

    >>> vander([2.0, 3.0], 3).tolist()
    [[4.0, 2.0, 1.0], [9.0, 3.0, 1.0]]
    """
    value = ops.convert_to_tensor(x)
    count = shape_of(value)[0] if N is None else N
    if not isinstance(count, int):
        raise ShapeMismatch(f"powers up to {count}", where="vander", expected="N=…")
    columns = [ops.ones_like(value)]
    for _ in range(count - 1):
        columns.append(columns[-1] * value)
    kept = columns[:count]
    return ops.stack(kept if increasing else kept[::-1], 1) if kept else ops.reshape(value, (-1, 1))[:, :0]
