"""Convolutions and their transposes: one matrix product each, or one for each group of channels."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kmagic.base import shapes
from kmagic.base.errors import BadValue, ShapeMismatch
from kmagic.base.shapes import Axis, Shape
from kmagic.graph.ops.movement import shape_of
from kmagic.graph.ops.windows.call import (
    Ends,
    Given,
    channels_last,
    chosen,
    cropped,
    each,
    ends_of,
    padded,
    put_back,
)
from kmagic.graph.ops.windows.frame import Frame, Sizes, reach
from kmagic.graph.table import ops, public

PADDINGS = ("valid", "same")


def _opened(inputs: Any, kernel: Any, data_format: str | None, where: str) -> tuple[Any, Any, bool, Any]:
    """Inputs with channels last, the kernel, whether channels were first, and the sizes of a window."""
    x, first = channels_last(ops.convert_to_tensor(inputs), data_format, where)
    weights = ops.convert_to_tensor(kernel)
    if len(shape_of(weights)) != len(shape_of(x)):
        raise ShapeMismatch(
            f"kernel {shapes.written(shape_of(weights))} for input {shapes.written(shape_of(inputs))}",
            where=where,
            expected="as many axes in both",
        )
    return x, weights, first, tuple(shape_of(weights)[:-2])


def _frame(kernel: Sizes, strides: Given, dilation_rate: Given, where: str) -> Frame:
    rank = len(kernel)
    return Frame(1, kernel, each(strides, rank, "strides", where), each(dilation_rate, rank, "dilation_rate", where))


def _windows(x: Any, frame: Frame) -> Any:
    return ops.rows["windows"](x, frame.axis, frame.kernel, frame.strides, frame.dilation)


def _padded(x: Any, frame: Frame, padding: str, where: str) -> Any:
    how = chosen(padding, PADDINGS, "padding", where)
    return padded(x, ends_of(how, shape_of(x)[1:-1], frame.kernel, frame.strides, frame.dilation))


@public
def conv(
    inputs: Any,
    kernel: Any,
    strides: Given = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Given = 1,
) -> Any:
    """The sum of products of a kernel [*k c f] with each window of the inputs [n *s g·c]: f numbers for each window.

    Where the inputs have g times the channels of the kernel, they and the f results fall into g groups that do not
    meet. `padding="same"` adds zeros until there are ⌈s / stride⌉ windows along each axis.

    >>> import numpy as np
    >>> conv(np.arange(5.0).reshape(1, 5, 1), np.ones((2, 1, 1))).ravel().tolist()
    [1.0, 3.0, 5.0, 7.0]
    """
    x, weights, first, size = _opened(inputs, kernel, data_format, "conv")
    taken, filters = shape_of(weights)[-2:]
    groups = shapes.exact_quotient(shape_of(x)[-1], taken)
    if not isinstance(groups, int) or filters % groups:  # type: ignore[operator]
        raise ShapeMismatch(
            f"{shape_of(x)[-1]} channels for a kernel {shapes.written(shape_of(weights))}",
            where="conv",
            expected=f"{taken} channels, or a multiple of it by a divisor of {filters}",
        )
    frame = _frame(size, strides, dilation_rate, "conv")
    x = _padded(x, frame, padding, "conv")
    return put_back(_one_product(x, weights, frame) if groups == 1 else _grouped(x, weights, frame, groups), first)


def _one_product(x: Any, weights: Any, frame: Frame) -> Any:
    """Windows as rows of one matrix."""
    result = (*frame.pooled(shape_of(x))[:-1], shape_of(weights)[-1])
    windows = x if frame.volume == 1 and set(frame.strides) == {1} else _windows(x, frame)
    depth, count = frame.volume * shape_of(x)[-1], shapes.size(result[:-1])
    if shape_of(x)[-1] == 1 and windows is not x:
        # without channels neighbouring places are copied together, instead of the few entries of each window
        rank = frame.rank + 1
        turned = ops.transpose(windows, (*range(rank, 2 * rank), *range(rank)))
        rows = ops.transpose(ops.reshape(turned, (depth, count)), (1, 0))
    else:
        rows = ops.reshape(windows, (count, depth))
    return ops.reshape(ops.matmul(rows, ops.reshape(weights, (depth, result[-1]))), result)


def _grouped(x: Any, weights: Any, frame: Frame, groups: int) -> Any:
    """A product for each group; of groups of one channel a weighted sum of the entries of windows."""
    shape, (taken, filters) = shape_of(x), shape_of(weights)[-2:]
    result = (*frame.pooled(shape)[:-1], filters)
    if taken == 1:
        return _each_channel(x, ops.reshape(weights, (*frame.kernel, groups, filters // groups)), frame)
    rank = frame.rank + 1
    # groups first, so that what comes back is added up where each of them lies in one piece
    apart = ops.transpose(ops.reshape(x, (*shape[:-1], groups, taken)), (rank, *range(rank), rank + 1))
    depth, count = frame.volume * taken, shapes.size(result[:-1])
    rows = ops.reshape(_windows(apart, replace(frame, axis=2)), (groups, count, depth))
    columns = ops.transpose(ops.reshape(weights, (depth, groups, filters // groups)), (1, 0, 2))
    return ops.reshape(ops.transpose(ops.matmul(rows, columns), (1, 0, 2)), result)


def _each_channel(x: Any, weights: Any, frame: Frame) -> Any:
    """[n *s c] by [*k c m] -> [n *o c·m]."""
    shape, (channels, multiplier) = shape_of(x), shape_of(weights)[-2:]
    result = (*frame.pooled(shape)[:-1], channels * multiplier)
    windows = _windows(x, frame)
    if multiplier == 1:
        products = windows * ops.reshape(weights, (*frame.kernel, channels))
    else:
        products = ops.expand_dims(windows, -1) * weights
    return ops.reshape(ops.sum(products, frame.inner), result)


@public
def depthwise_conv(
    inputs: Any,
    kernel: Any,
    strides: Given = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Given = 1,
) -> Any:
    """Each channel convolved by itself with m filters of a kernel [*k c m]: [n *s c] -> [n *o c·m].

    >>> import numpy as np
    >>> depthwise_conv(np.arange(6.0).reshape(1, 3, 2), np.ones((2, 2, 1))).tolist()
    [[[2.0, 4.0], [6.0, 8.0]]]
    """
    x, weights, first, size = _opened(inputs, kernel, data_format, "depthwise_conv")
    if shape_of(weights)[-2] != shape_of(x)[-1]:
        raise ShapeMismatch(
            f"{shape_of(x)[-1]} channels for a kernel {shapes.written(shape_of(weights))}",
            where="depthwise_conv",
            expected=f"{shape_of(weights)[-2]} channels",
        )
    frame = _frame(size, strides, dilation_rate, "depthwise_conv")
    return put_back(_each_channel(_padded(x, frame, padding, "depthwise_conv"), weights, frame), first)


@public
def separable_conv(
    inputs: Any,
    depthwise_kernel: Any,
    pointwise_kernel: Any,
    strides: Given = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Given = 1,
) -> Any:
    """A depthwise convolution, then a mixture of its results at each place by a kernel [1… c·m f].

    >>> import numpy as np
    >>> x = np.arange(6.0).reshape(1, 3, 2)
    >>> separable_conv(x, np.ones((2, 2, 1)), np.ones((1, 2, 1))).tolist()
    [[[6.0], [14.0]]]
    """
    apart = depthwise_conv(inputs, depthwise_kernel, strides, padding, data_format, dilation_rate)
    return conv(apart, pointwise_kernel, data_format=data_format)


@public
def conv_transpose(
    inputs: Any,
    kernel: Any,
    strides: Given = 1,
    padding: str = "valid",
    output_padding: Given | None = None,
    data_format: str | None = None,
    dilation_rate: Given = 1,
) -> Any:
    """What the gradient of a convolution does: each input [n *i c] spread as a window by a kernel [*k f c], and summed.

    The result has (i − 1)·stride + k + output_padding entries along an axis; with `padding="same"` i·stride, or
    (i − 1)·stride + (k mod 2) + output_padding where that is given.

    >>> import numpy as np
    >>> conv_transpose(np.array([[[1.0], [2.0]]]), np.ones((2, 1, 1)), strides=2).ravel().tolist()
    [1.0, 1.0, 2.0, 2.0]
    """
    where = "conv_transpose"
    x, weights, first, size = _opened(inputs, kernel, data_format, where)
    filters, taken = shape_of(weights)[-2:]
    if taken != shape_of(x)[-1]:
        raise ShapeMismatch(
            f"{shape_of(x)[-1]} channels for a kernel {shapes.written(shape_of(weights))}",
            where=where,
            expected=f"{taken} channels",
        )
    frame = _frame(size, strides, dilation_rate, where)
    how = chosen(padding, PADDINGS, "padding", where)
    extra = (None,) * frame.rank if output_padding is None else _extra(output_padding, frame.rank)
    ways = zip(frame.kernel, frame.strides, frame.dilation, extra, strict=True)
    return put_back(_spread(x, weights, frame, filters, [_crop(how, *way) for way in ways]), first)


def _extra(output_padding: Given, rank: int) -> tuple[int, ...]:
    values = (output_padding,) * rank if isinstance(output_padding, int) else tuple(output_padding)
    if len(values) != rank or any(value < 0 for value in values):
        raise BadValue(
            f"output_padding is {output_padding!r}",
            where="conv_transpose",
            expected=f"a whole number of at least 0, or {rank} of them",
        )
    return values


def _spread(x: Any, weights: Any, frame: Frame, filters: Axis, ends: Ends) -> Any:
    shape = shape_of(x)
    rows = ops.reshape(x, (shapes.size(shape[:-1]), shape[-1]))
    columns = ops.transpose(ops.reshape(weights, (frame.volume * filters, shape[-1])), (1, 0))
    windows = ops.reshape(ops.matmul(rows, columns), (*shape[:-1], *frame.kernel, filters))
    sizes: Shape = tuple(
        (count - 1) * stride + reach(kernel, dilation)
        for count, kernel, stride, dilation in zip(
            shape[1:-1], frame.kernel, frame.strides, frame.dilation, strict=True
        )
    )
    total = ops.rows["overlap"](windows, sizes, frame.axis, frame.kernel, frame.strides, frame.dilation)
    return cropped(total, ends)


def _crop(padding: str, kernel: int, stride: int, dilation: int, extra: int | None) -> tuple[int, int]:
    """What to take off before and after an axis of (count − 1)·stride + span entries; below 0, what to add."""
    span = reach(kernel, dilation)
    if padding == "valid":
        return 0, -(max(stride - span, 0) if extra is None else extra)
    total = span - stride if extra is None else span - span % 2 - extra
    # an odd entry more goes off the end; nothing is ever added in front
    before = max(total // 2, 0)
    return before, total - before
