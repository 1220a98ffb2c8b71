"""Products with windows where they lie: what a compiler makes of one beside a copy of windows, or of their sum."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kmagic.base import shapes
from kmagic.base.shapes import Shape
from kmagic.graph.ops.windows.frame import Sizes
from kmagic.graph.table import ops, primitive

Array = np.ndarray[Any, Any]
Axes = tuple[int, ...]


def _product_of(a: Array, b: Array, rows: Axes, inner: Axes) -> Array:
    sizes = math.prod(a.shape[axis] for axis in rows), math.prod(a.shape[axis] for axis in inner)
    result: Array = np.matmul(a.transpose((*rows, *inner)).reshape(sizes), b)
    return result


def _rows_by_columns(a: Shape, b: Shape, rows: Axes, inner: Axes) -> Shape:
    return shapes.size(a[axis] for axis in rows), b[-1]


@primitive("product", numpy=_product_of, shape=_rows_by_columns, smooth=False)
def _contract(a: Any, b: Any, /, rows: Axes, inner: Axes) -> Any:
    """a, with some axes as rows and the others as columns, times a matrix."""


def _spread_product(
    a: Array, b: Array, counts: Shape, sizes: Shape, axis: int, kernel: Sizes, strides: Sizes, dilation: Sizes
) -> Array:
    windows = np.matmul(a, b).reshape(*counts, *kernel, -1)
    frame = {"axis": axis, "kernel": kernel, "strides": strides, "dilation": dilation}
    result: Array = ops.rows["overlap"].numpy(windows, sizes=sizes, **frame)
    return result


def _spread_shape(a: Shape, b: Shape, counts: Shape, sizes: Shape, axis: int, kernel: Sizes, **frame: Any) -> Shape:
    columns = shapes.exact_quotient(b[-1], math.prod(kernel))
    assert columns is not None
    return (*counts[:axis], *sizes, columns)


@primitive("product", numpy=_spread_product, shape=_spread_shape, smooth=False)
def _spread(
    a: Any, b: Any, /, counts: Shape, sizes: Shape, axis: int, kernel: Sizes, strides: Sizes, dilation: Sizes
) -> Any:
    """Rows, one for each window, times a matrix whose columns are the entries of a window, added up where these lie."""
