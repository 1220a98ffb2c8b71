"""What the files of linear algebra share: shapes of matrices, and rows that run NumPy on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kmagic.base import dtypes, shapes
from kmagic.base.config import floatx
from kmagic.base.errors import ShapeMismatch
from kmagic.base.shapes import Shape
from kmagic.graph.ops.movement import shape_of
from kmagic.graph.table import ops, primitive


def solid(*kinds: str, **attributes: Any) -> str:
    """The dtype to compute in: that of the inputs, at least float32."""
    combined = dtypes.promote(*kinds)
    return dtypes.promote(combined if dtypes.is_float(combined) else floatx(), "float32")


def matrix(x: Shape) -> tuple[int, int]:
    """The sizes of the last two axes, which must be known."""
    if len(x) < 2 or not (isinstance(x[-2], int) and isinstance(x[-1], int)):
        raise ShapeMismatch(shapes.written(x), expected="[*batch m n]: a matrix of known size, rank >= 2")
    return x[-2], x[-1]


def square(x: Shape) -> int:
    """The size of a square matrix."""
    m, n = matrix(x)
    if m != n:
        raise ShapeMismatch(shapes.written(x), expected="[*batch n n]: a square matrix")
    return n


def square_alone(x: Shape) -> Shape:
    """The shape of a square matrix, for rows that keep it."""
    square(x)
    return x


def transposed(x: Any) -> Any:
    """The matrices transposed."""
    return ops.swapaxes(x, -1, -2)


def triangle(x: Any, lower: bool, offset: int = 0) -> Any:
    """The matrices without what is above (or below) a diagonal."""
    m, n = matrix(shape_of(x))
    rows, columns = np.arange(m)[:, None], np.arange(n)
    return ops.where(columns - rows <= offset if lower else columns - rows >= offset, x, 0)


def identity(n: int, like: Any) -> Any:
    """The identity matrix in the dtype of another."""
    return ops.cast(np.eye(n), like.dtype)


def one_by_one(function: Callable[..., Any], like: Callable[..., Shape]) -> Callable[..., Any]:
    """`function` on stacks of matrices; where NumPy refuses one, it alone becomes NaN.

    `like(*shapes)` is the shape of the result.
    """

    def run(*arrays: Any, **attributes: Any) -> Any:
        shape: Any = like(*(array.shape for array in arrays), **attributes)
        try:
            return function(*arrays, **attributes)
        except np.linalg.LinAlgError:
            pass
        lead = np.broadcast_shapes(*(array.shape[:-2] for array in arrays))
        stacks = [np.broadcast_to(array, (*lead, *array.shape[-2:])) for array in arrays]
        result = np.full(shape, np.nan, arrays[0].dtype)
        for place in np.ndindex(lead):
            try:
                result[place] = function(*(stack[place] for stack in stacks), **attributes)
            except np.linalg.LinAlgError:
                continue
        return result

    return run


def host_row(
    function: Callable[..., Any], shape: Callable[..., Shape], gradient: Any = None, **options: Any
) -> Callable[[Callable[..., Any]], Any]:
    """Decorate the signature of an operation that only the host has."""
    return primitive(
        "decomposition",
        numpy=one_by_one(function, shape),
        gradient=gradient,
        shape=shape,
        dtype=solid,
        compute=solid,
        host_only=True,
        **options,
    )


def flat(*parts: Any) -> Any:
    """Several results for each matrix, one after the other in a vector."""
    lead = parts[0].shape[:-2]
    return np.concatenate([np.reshape(part, (*lead, -1)) for part in parts], axis=-1)


def parts_of(joined: Any, *sizes: tuple[int, ...]) -> list[Any]:
    """The results that lie in a vector, each in its shape."""
    lead = tuple(joined.shape[:-1])
    found, start = [], 0
    for size in sizes:
        stop = start + int(np.prod(size))
        found.append(ops.reshape(joined[..., start:stop], (*lead, *size)))
        start = stop
    return found
