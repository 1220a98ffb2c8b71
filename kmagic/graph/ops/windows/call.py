"""What calls of windowed operations share: sizes for each axis, padding, and where the channels are."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from typing import Any

from kmagic.base import shapes
from kmagic.base.config import floatx, image_data_format
from kmagic.base.dtypes import is_float
from kmagic.base.errors import BadValue, ShapeMismatch
from kmagic.base.shapes import Axis, Shape
from kmagic.graph.ops.movement import dtype_of, shape_of, whole
from kmagic.graph.ops.windows.frame import Sizes, reach
from kmagic.graph.table import ops

Given = int | Sequence[int]
Ends = list[tuple[int, int]]


def each(value: Given, rank: int, name: str, where: str) -> Sizes:
    """A size for each axis, from one or several; all are at least 1."""
    sizes = tuple(value) if isinstance(value, Iterable) and not isinstance(value, str) else (value,) * rank
    if len(sizes) != rank or any(not _is_whole(size) or whole(size) < 1 for size in sizes):
        raise BadValue(f"{name} is {value!r}", where=where, expected=f"a whole number of at least 1, or {rank} of them")
    return tuple(map(whole, sizes))


def _is_whole(size: Any) -> bool:
    """Whether something can be a size: a whole number, of any kind, and no truth value."""
    try:
        operator.index(size)
    except TypeError:
        return False
    return not isinstance(size, bool)


def chosen(value: Any, options: Sequence[str], name: str, where: str) -> str:
    """One of several words, however it is written."""
    text = value.lower() if isinstance(value, str) else value
    if text not in options:
        raise BadValue(f"{name} is {value!r}", where=where, expected=" or ".join(map(repr, options)))
    return str(text)


def channels_last(x: Any, data_format: str | None, where: str) -> tuple[Any, bool]:
    """The values with channels as the last axis, and whether they were the first."""
    first = (
        chosen(data_format or image_data_format(), ("channels_last", "channels_first"), "data_format", where)
        == "channels_first"
    )
    rank = len(shape_of(x))
    if not 3 <= rank <= 5:
        raise ShapeMismatch(
            f"input {shapes.written(shape_of(x))}", where=where, expected="3 to 5 axes: batch, 1 to 3 others, channels"
        )
    return (ops.transpose(x, (0, *range(2, rank), 1)) if first else x), first


def put_back(x: Any, first: bool) -> Any:
    """The values with channels where they were."""
    rank = len(shape_of(x))
    return ops.transpose(x, (0, rank - 1, *range(1, rank - 1))) if first else x


def same_ends(size: Axis, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """The padding before and after an axis that gives ⌈size / stride⌉ windows."""
    span = reach(kernel, dilation)
    if isinstance(size, int):
        total = max((-(-size // stride) - 1) * stride + span - size, 0)
    elif stride == 1:
        total = span - 1
    else:
        raise ShapeMismatch(
            f'padding "same" with steps of {stride} along an axis of unknown size', expected="a known size"
        )
    return total // 2, total - total // 2


def ends_of(padding: str, sizes: Shape, kernel: Sizes, strides: Sizes, dilation: Sizes) -> Ends:
    """The padding before and after each axis."""
    if padding == "valid":
        return [(0, 0)] * len(kernel)
    return [same_ends(*way) for way in zip(sizes, kernel, strides, dilation, strict=True)]


def padded(x: Any, ends: Ends, value: float = 0.0) -> Any:
    """Batch and channels as they are, the axes between with entries before and after."""
    if not any(before or after for before, after in ends):
        return x
    shape = shape_of(x)
    if value == 0:  # all axes in one step
        total = (shape[0], *(n + (a + b) for n, (a, b) in zip(shape[1:-1], ends, strict=True)), shape[-1])
        inside = ((a, n + a, 1) for n, (a, _) in zip(shape[1:-1], ends, strict=True))
        return ops.rows["embed"](x, total, ((0, shape[0], 1), *inside, (0, shape[-1], 1)))
    return ops.pad(x, [(0, 0), *ends, (0, 0)], constant_values=value)


def cropped(x: Any, ends: Ends) -> Any:
    """As `padded`, the other way round; what is below 0 pads."""
    shape = shape_of(x)
    kept = [(max(a, 0), n - max(b, 0), 1) for n, (a, b) in zip(shape[1:-1], ends, strict=True)]
    if any(a > 0 or b > 0 for a, b in ends):
        x = ops.rows["slice"](x, ((0, shape[0], 1), *kept, (0, shape[-1], 1)))
    return padded(x, [(max(-a, 0), max(-b, 0)) for a, b in ends])


def as_float(x: Any) -> Any:
    """A tensor of floats."""
    value = ops.convert_to_tensor(x)
    return value if is_float(dtype_of(value)) else ops.cast(value, floatx())
