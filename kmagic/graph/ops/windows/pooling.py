"""One value for each window: its largest, or its mean."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmagic.base.dtypes import is_float
from kmagic.base.errors import ShapeMismatch
from kmagic.base.shapes import Shape
from kmagic.graph.ops.movement import dtype_of, shape_of
from kmagic.graph.ops.windows.call import (
    Given,
    as_float,
    channels_last,
    chosen,
    each,
    ends_of,
    padded,
    put_back,
)
from kmagic.graph.ops.windows.frame import Frame, Sizes
from kmagic.graph.table import composite, ops, promoted, public

PADDINGS = ("valid", "same")


def _to_first(g: Any, y: Any, x: Any, **frame: Any) -> tuple[Any]:
    """The gradient goes to the first of equal largest entries."""
    sizes = shape_of(x)[frame["axis"] : frame["axis"] + len(frame["kernel"])]
    places = ops.rows["place_in_window"](x, y, **frame)
    return (ops.rows["into_window"](g, places, sizes=sizes, **frame),)


@composite(
    gradient=_to_first,
    shape=lambda x, **frame: Frame(**frame).pooled(x),
    dtype=promoted,
    compute=None,
)
def _largest_in_window(x: Any, /, axis: int, kernel: Sizes, strides: Sizes, dilation: Sizes) -> Any:
    """The largest entry of each window."""
    frame = Frame(axis, kernel, strides, dilation)
    return ops.max(ops.rows["windows"](x, axis, kernel, strides, dilation), frame.inner)


def _frame(x: Any, pool_size: Given, strides: Given | None, where: str) -> Frame:
    rank = len(shape_of(x)) - 2
    kernel = each(pool_size, rank, "pool_size", where)
    return Frame(1, kernel, kernel if strides is None else each(strides, rank, "strides", where), (1,) * rank)


@public
def max_pool(
    inputs: Any, pool_size: Given, strides: Given | None = None, padding: str = "valid", data_format: str | None = None
) -> Any:
    """The largest entry of each window; its gradient goes to the first of several that are equal.

    >>> import numpy as np
    >>> max_pool(np.array([1.0, 3.0, 2.0, 0.0]).reshape(1, 4, 1), 2).ravel().tolist()
    [3.0, 2.0]
    """
    x, first = channels_last(ops.convert_to_tensor(inputs), data_format, "max_pool")
    frame = _frame(x, pool_size, strides, "max_pool")
    how = chosen(padding, PADDINGS, "padding", "max_pool")
    ends = ends_of(how, shape_of(x)[1:-1], frame.kernel, frame.strides, frame.dilation)
    return put_back(_largest(padded(x, ends, _lowest(dtype_of(x))), frame), first)


def _largest(x: Any, frame: Frame) -> Any:
    return ops.rows["largest_in_window"](x, frame.axis, frame.kernel, frame.strides, frame.dilation)


def _lowest(dtype: str) -> float:
    return -np.inf if is_float(dtype) else 0 if dtype == "bool" else int(np.iinfo(dtype).min)


@public
def average_pool(
    inputs: Any, pool_size: Given, strides: Given | None = None, padding: str = "valid", data_format: str | None = None
) -> Any:
    """The mean of each window, of the entries inside only.

    >>> import numpy as np
    >>> average_pool(np.array([1.0, 3.0, 2.0]).reshape(1, 3, 1), 2, padding="same").ravel().tolist()
    [2.0, 2.0]
    """
    x, first = channels_last(as_float(inputs), data_format, "average_pool")
    frame = _frame(x, pool_size, strides, "average_pool")
    how = chosen(padding, PADDINGS, "padding", "average_pool")
    sizes = shape_of(x)[1:-1]
    ends = ends_of(how, sizes, frame.kernel, frame.strides, frame.dilation)
    total = _summed(padded(x, ends), frame)
    if how == "valid":
        return put_back(total / frame.volume, first)
    inside = padded(ops.ones((1, *sizes, 1), dtype_of(x)), ends)
    return put_back(total / _summed(inside, frame), first)


def _summed(x: Any, frame: Frame) -> Any:
    windows = ops.rows["windows"](x, frame.axis, frame.kernel, frame.strides, frame.dilation)
    return ops.sum(windows, frame.inner)


def _edges(size: int, count: int) -> list[tuple[int, int]]:
    """Where each of `count` windows that cover an axis begins and ends; neighbours may share an entry."""
    return [(i * size // count, -(-(i + 1) * size // count)) for i in range(count)]


def _known(x: Any, output_size: Given, where: str) -> tuple[Sizes, Sizes]:
    shape: Shape = shape_of(x)[1:-1]
    sizes = tuple(size for size in shape if isinstance(size, int))
    if len(sizes) != len(shape):
        raise ShapeMismatch("an axis of unknown size", where=where, expected="known sizes")
    return sizes, each(output_size, len(shape), "output_size", where)


@public
def adaptive_average_pool(inputs: Any, output_size: Given, data_format: str | None = None) -> Any:
    """The means of windows that share out each axis among `output_size` results.

    >>> import numpy as np
    >>> adaptive_average_pool(np.arange(5.0).reshape(1, 5, 1), 2).ravel().tolist()
    [1.0, 3.0]
    """
    x, first = channels_last(as_float(inputs), data_format, "adaptive_average_pool")
    for axis, (size, count) in enumerate(zip(*_known(x, output_size, "adaptive_average_pool"), strict=True), 1):
        weights = np.zeros((size, count))
        for i, (start, stop) in enumerate(_edges(size, count)):
            weights[start:stop, i] = 1 / (stop - start)
        turned = ops.matmul(ops.swapaxes(x, axis, -1), ops.cast(weights, dtype_of(x)))
        x = ops.swapaxes(turned, axis, -1)
    return put_back(x, first)


@public
def adaptive_max_pool(inputs: Any, output_size: Given, data_format: str | None = None) -> Any:
    """The largest entries of windows that share out each axis among `output_size` results.

    >>> import numpy as np
    >>> adaptive_max_pool(np.arange(5.0).reshape(1, 5, 1), 2).ravel().tolist()
    [2.0, 4.0]
    """
    x, first = channels_last(ops.convert_to_tensor(inputs), data_format, "adaptive_max_pool")
    for axis, (size, count) in enumerate(zip(*_known(x, output_size, "adaptive_max_pool"), strict=True), 1):
        edges = _edges(size, count)
        length = max(stop - start for start, stop in edges)
        # shorter windows have their last entry again: the first of equal ones is that entry itself
        places = [min(start + i, stop - 1) for start, stop in edges for i in range(length)]
        apart = ops.take(x, np.array(places, "int32"), axis)
        x = _largest(apart, Frame(axis, (length,), (length,), (1,)))
    return put_back(x, first)
