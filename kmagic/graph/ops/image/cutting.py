"""Edges put on images and taken off, and images cut into patches."""

from __future__ import annotations

from typing import Any

from kmagic.base.errors import BadValue
from kmagic.base.shapes import size as product
from kmagic.graph.ops.image.layout import Layout, known_size, layout_of
from kmagic.graph.ops.image.resizing import cut
from kmagic.graph.ops.movement import axis_of, shape_of
from kmagic.graph.ops.windows.call import Given, channels_last, chosen, each, ends_of, padded, put_back
from kmagic.graph.ops.windows.frame import Frame
from kmagic.graph.table import ops, public


def _solved(size: int, ends: tuple[Any, Any], target: Any, sign: int, names: str, where: str) -> tuple[int, int]:
    """What is put on (sign 1) or taken off (−1) both ends of an axis, of which one or the target is left out."""
    before, after = ends
    given = (before, after, target)
    if sum(value is None for value in given) != 1 or any(value is not None and value < 0 for value in given):
        raise BadValue(f"{names} are {given}", where=where, expected="two of the three, none below 0")
    if before is None:
        before = sign * (target - size) - after
    if after is None:
        after = sign * (target - size) - before
    if before < 0 or after < 0 or (sign < 0 and before + after > size):
        raise BadValue(f"{names} are {given} for an axis of {size}", where=where, expected="ends that fit")
    return before, after


def _ends(images: Any, layout: Layout, given: tuple[tuple[Any, Any, Any], ...], sign: int) -> list[tuple[int, int]]:
    """The ends of rows and of columns."""
    where, word = ("pad_images", "padding") if sign > 0 else ("crop_images", "cropping")
    names = (f"top_{word}, bottom_{word}, target_height", f"left_{word}, right_{word}, target_width")
    return [
        _solved(known_size(images, axis, where), (before, after), target, sign, name, where)
        for axis, (before, after, target), name in zip((layout.rows, layout.columns), given, names, strict=True)
    ]


@public
def pad_images(
    images: Any,
    top_padding: int | None = None,
    left_padding: int | None = None,
    bottom_padding: int | None = None,
    right_padding: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> Any:
    """Images with zeros around them; two of top, bottom and target height say how many, and so for columns.

    >>> import numpy as np
    >>> pad_images(np.ones((1, 1, 1)), 0, 1, target_height=1, target_width=3).ravel().tolist()
    [0.0, 1.0, 0.0]
    """
    images = ops.convert_to_tensor(images)
    layout = layout_of(images, data_format, "pad_images")
    given = ((top_padding, bottom_padding, target_height), (left_padding, right_padding, target_width))
    rank = len(shape_of(images))
    ends = [(0, 0)] * rank
    found = _ends(images, layout, given, 1)
    for axis, pair in zip((layout.rows, layout.columns), found, strict=True):
        ends[axis_of(axis, rank)] = pair
    return ops.pad(images, ends)


@public
def crop_images(
    images: Any,
    top_cropping: int | None = None,
    left_cropping: int | None = None,
    bottom_cropping: int | None = None,
    right_cropping: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> Any:
    """Images without their edges; two of top, bottom and target height say how much is left, and so for columns.

    >>> import numpy as np
    >>> crop_images(np.arange(4.0).reshape(1, 4, 1), 0, 1, target_height=1, target_width=2).ravel().tolist()
    [1.0, 2.0]
    """
    images = ops.convert_to_tensor(images)
    layout = layout_of(images, data_format, "crop_images")
    given = ((top_cropping, bottom_cropping, target_height), (left_cropping, right_cropping, target_width))
    (top, bottom), (left, right) = _ends(images, layout, given, -1)
    rows, columns = (known_size(images, axis, "crop_images") for axis in (layout.rows, layout.columns))
    return cut(images, layout, (top, left), (rows - top - bottom, columns - left - right))


@public
def extract_patches(
    images: Any,
    size: Given,
    strides: Given | None = None,
    dilation_rate: Given = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> Any:
    """Patches of images, or of volumes where three sizes are given, each laid out as one row of channels.

    >>> import numpy as np
    >>> extract_patches(np.arange(4.0).reshape(2, 2, 1), (2, 1)).tolist()
    [[[0.0, 2.0], [1.0, 3.0]]]
    """
    rank = 2 if isinstance(size, int) else len(size)
    if rank not in (2, 3):
        raise BadValue(f"size is {size!r}", where="extract_patches", expected="one whole number, or two, or three")
    return _patches(images, size, strides, dilation_rate, padding, data_format, rank)


@public
def extract_patches_3d(
    volumes: Any,
    size: Given,
    strides: Given | None = None,
    dilation_rate: Given = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> Any:
    """Patches of volumes, each laid out as one row of channels.

    >>> import numpy as np
    >>> extract_patches_3d(np.arange(8.0).reshape(2, 2, 2, 1), (2, 1, 2)).shape
    (1, 2, 1, 4)
    """
    return _patches(volumes, size, strides, dilation_rate, padding, data_format, 3)


def _patches(
    images: Any, size: Given, strides: Given | None, dilation: Given, padding: str, data_format: str | None, rank: int
) -> Any:
    where = "extract_patches"
    images = ops.convert_to_tensor(images)
    single = len(shape_of(images)) == rank + 1
    x, first = channels_last(ops.expand_dims(images, 0) if single else images, data_format, where)
    kernel = each(size, rank, "size", where)
    steps = kernel if strides is None else each(strides, rank, "strides", where)
    frame = Frame(1, kernel, steps, each(dilation, rank, "dilation_rate", where))
    how = chosen(padding, ("valid", "same"), "padding", where)
    x = padded(x, ends_of(how, shape_of(x)[1:-1], frame.kernel, frame.strides, frame.dilation))
    counts = frame.counts(shape_of(x))
    windows = ops.rows["windows"](x, frame.axis, frame.kernel, frame.strides, frame.dilation)
    depth = product((*kernel, shape_of(x)[-1]))
    result = put_back(ops.reshape(windows, (shape_of(x)[0], *counts, depth)), first)
    return ops.squeeze(result, 0) if single else result
