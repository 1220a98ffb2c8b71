"""Products of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmagic.base import shapes
from kmagic.base.errors import ShapeMismatch
from kmagic.base.shapes import Shape
from kmagic.graph.ops.movement import shape_of
from kmagic.graph.table import ops, primitive, promoted, public


def _product_shape(a: Shape, b: Shape) -> Shape:
    if len(a) < 2 or len(b) < 2 or a[-1] != b[-2]:
        raise ShapeMismatch(
            f"{shapes.written(a)} times {shapes.written(b)}", expected="[*d n k] times [*d k m]: equal inner axes"
        )
    return (*shapes.broadcast(a[:-2], b[:-2]), a[-2], b[-1])


@primitive(
    "product",
    numpy=np.matmul,
    gradient=lambda g, y, a, b: (ops.matmul(g, ops.swapaxes(b, -1, -2)), ops.matmul(ops.swapaxes(a, -1, -2), g)),
    shape=_product_shape,
    compute=promoted,
)
def _product(a: Any, b: Any, /) -> Any:
    """Matrix product over the last two axes."""


@public
def matmul(x1: Any, x2: Any) -> Any:
    """Matrix product; vectors count as one row or column, leading axes broadcast.

    A stack of rows times one matrix is computed as a single product.
    """
    a, b = shape_of(x1), shape_of(x2)
    if str(getattr(x1, "dtype", "")) == str(getattr(x2, "dtype", "")) == "int8":  # products of bytes need room
        x1, x2 = ops.cast(x1, "int32"), ops.cast(x2, "int32")
    if len(a) == 1:
        return ops.squeeze(matmul(ops.reshape(x1, (1, *a)), x2), -2 if len(b) > 1 else -1)
    if len(b) == 1:
        return ops.squeeze(matmul(x1, ops.reshape(x2, (*b, 1))), -1)
    if len(a) > 2 and len(b) == 2 and a[-1] == b[0]:
        rows = ops.reshape(x1, (shapes.size(a[:-1]), a[-1]))
        return ops.reshape(_product(rows, x2), (*a[:-1], b[-1]))
    return _product(x1, x2)


@public
def dot(x1: Any, x2: Any) -> Any:
    """Sum of products over the last axis of one and the last but one of the other, which may have only one."""
    a, b = len(shape_of(x1)), len(shape_of(x2))
    if a == 0 or b == 0:
        return ops.multiply(x1, x2)
    if a == b == 1:
        return ops.sum(ops.multiply(x1, x2))
    return matmul(x1, x2) if b <= 2 else ops.tensordot(x1, x2, ([-1], [-2]))
