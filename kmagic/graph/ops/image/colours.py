"""Colours: grey, and hue, saturation and value."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmagic.base.config import floatx
from kmagic.base.dtypes import is_float
from kmagic.graph.ops.image.layout import expect_channels, expect_floats, layout_of
from kmagic.graph.ops.movement import axis_of, dtype_of, shape_of
from kmagic.graph.table import ops, public


def channels_of(images: Any, axis: int) -> list[Any]:
    """The three channels, each with an axis of size 1."""
    return list(ops.split(images, 3, axis=axis))


@public
def rgb_to_grayscale(images: Any, data_format: str | None = None) -> Any:
    """Red, green and blue as one channel of brightness; images of one channel stay.

    Formula: 0.2989·red + 0.587·green + 0.114·blue

    >>> import numpy as np
    >>> rgb_to_grayscale(np.array([[[1.0, 0.0, 0.0]]])).tolist()
    [[[0.2989]]]
    """
    images = ops.convert_to_tensor(images)
    layout = layout_of(images, data_format, "rgb_to_grayscale")
    if expect_channels(images, layout, (1, 3), "rgb_to_grayscale") == 1:
        return images
    kind = dtype_of(images)
    red, green, blue = channels_of(images if is_float(kind) else ops.cast(images, floatx()), layout.channels)
    return ops.cast(0.2989 * red + 0.587 * green + 0.114 * blue, kind)


@public
def rgb_to_hsv(images: Any, data_format: str | None = None) -> Any:
    """Red, green and blue from 0 to 1 as hue (a share of the circle that begins at red), saturation and value.

    >>> import numpy as np
    >>> rgb_to_hsv(np.array([[[0.0, 0.5, 0.0]]])).tolist()
    [[[0.3333333333333333, 1.0, 0.5]]]
    """
    images = ops.convert_to_tensor(images)
    layout = layout_of(images, data_format, "rgb_to_hsv")
    expect_channels(images, layout, (3,), "rgb_to_hsv")
    expect_floats(images, "rgb_to_hsv")
    least = float(np.finfo(dtype_of(images)).eps) if dtype_of(images) != "bfloat16" else 2.0**-7
    red, green, blue = channels_of(ops.where(abs(images) < least, 0, images), layout.channels)
    value = ops.maximum(ops.maximum(red, green), blue)
    spread = value - ops.minimum(ops.minimum(red, green), blue)
    share = 1 / (6 * ops.where(spread > 0, spread, 1))
    hue = ops.where(
        ops.equal(value, red),
        share * (green - blue),
        ops.where(ops.equal(value, green), share * (blue - red) + 1 / 3, share * (red - green) + 2 / 3),
    )
    hue = ops.where(spread > 0, ops.where(hue < 0, hue + 1, hue), 0)
    saturation = ops.where(value > 0, spread / ops.where(value > 0, value, 1), 0)
    return ops.concatenate([hue, saturation, value], axis=layout.channels)


@public
def hsv_to_rgb(images: Any, data_format: str | None = None) -> Any:
    """Hue (a share of the circle), saturation and value as red, green and blue.

    >>> import numpy as np
    >>> hsv_to_rgb(np.array([[[0.0, 1.0, 0.5]]])).tolist()
    [[[0.5, 0.0, 0.0]]]
    """
    images = ops.convert_to_tensor(images)
    layout = layout_of(images, data_format, "hsv_to_rgb")
    expect_channels(images, layout, (3,), "hsv_to_rgb")
    expect_floats(images, "hsv_to_rgb")
    hue, saturation, value = channels_of(images, layout.channels)
    sixths = ops.mod(hue, 1.0) * 6
    strengths = (abs(sixths - 3) - 1, 2 - abs(sixths - 2), 2 - abs(sixths - 4))
    mixed = [value * (1 - saturation + saturation * ops.clip(strength, 0.0, 1.0)) for strength in strengths]
    return ops.concatenate(mixed, axis=layout.channels)


def with_channel(images: Any, axis: int, place: int, change: Any) -> Any:
    """Images of three channels of which one is replaced by a function of it."""
    parts = channels_of(images, axis_of(axis, len(shape_of(images))))
    parts[place] = change(parts[place])
    return ops.concatenate(parts, axis=axis)
