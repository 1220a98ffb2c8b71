"""Resizing: each new pixel a mixture of old ones, by a curve of their distance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kmagic.base import shapes
from kmagic.base.config import floatx
from kmagic.base.dtypes import is_float
from kmagic.base.errors import BadValue
from kmagic.graph.ops.image.layout import Layout, known_size, layout_of, pair_of
from kmagic.graph.ops.movement import axis_of, dtype_of, shape_of
from kmagic.graph.ops.windows.call import chosen
from kmagic.graph.table import ops, public

# fewer numbers than this behind an axis are turned in front of it, so that there is one large product
_NARROW = 16
# below this the curve has missed all pixels
_NOTHING = 1000 * float(np.finfo(np.float32).eps)


def _linear(x: Any) -> Any:
    return np.maximum(1 - x, 0)


def _cubic(x: Any) -> Any:
    """R. Keys, IEEE Transactions on Acoustics, Speech, and Signal Processing 29 (1981), a = −½."""
    near = (1.5 * x - 2.5) * x * x + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x < 1, near, np.where(x < 2, far, 0.0))


def _lanczos(radius: int) -> Callable[[Any], Any]:
    """C. Lanczos' window of a sinc."""
    return lambda x: np.where(x < radius, np.sinc(x) * np.sinc(x / radius), 0.0)


CURVES = {"bilinear": _linear, "bicubic": _cubic, "lanczos3": _lanczos(3), "lanczos5": _lanczos(5)}
INTERPOLATIONS = ("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5")
_METHODS = {
    **CURVES,
    **dict.fromkeys(("linear", "trilinear"), _linear),
    **dict.fromkeys(("cubic", "tricubic"), _cubic),
}


def mixture(
    size: int, count: int, scale: Any, translation: Any, curve: Callable[[Any], Any], antialias: bool = False
) -> Any:
    """How much each of `size` entries counts in each of `count` new ones: columns sum to 1, or are 0 outside."""
    centres = (np.arange(count) + 0.5) / scale - translation / scale - 0.5
    distances = abs(ops.reshape(centres, (1, count)) - np.arange(size)[:, None])
    weights = curve(distances / ops.maximum(1 / scale, 1.0) if antialias else distances)
    total = ops.sum(weights, 0)
    weights = ops.where(abs(total) > _NOTHING, weights / ops.where(total == 0, 1.0, total), 0.0)
    return ops.where(ops.logical_and(centres >= -0.5, centres <= size - 0.5), weights, 0.0)


def _mixed(x: Any, axis: int, weights: Any) -> Any:
    """The entries along an axis mixed by weights [old new], in products of matrices that lie in one piece."""
    shape = shape_of(x)
    place = axis_of(axis, len(shape))
    weights = ops.cast(weights, dtype_of(x))
    old, new = shape_of(weights)
    lead, rest = shapes.size(shape[:place]), shapes.size(shape[place + 1 :])
    if isinstance(rest, int) and rest < _NARROW:
        turned = ops.transpose(ops.reshape(x, (lead, old, rest)), (0, 2, 1))
        mixed = ops.matmul(ops.reshape(turned, (lead * rest, old)), weights)
        found = ops.transpose(ops.reshape(mixed, (lead, rest, new)), (0, 2, 1))
    else:
        found = ops.matmul(ops.transpose(weights), ops.reshape(x, (lead, old, rest)))
    return ops.reshape(found, (*shape[:place], new, *shape[place + 1 :]))


def resized(x: Any, axis: int, count: int, interpolation: str, antialias: bool, where: str) -> Any:
    """The entries of one axis as `count` new ones."""
    size = known_size(x, axis, where)
    if size == count:
        return x
    if interpolation == "nearest":
        # in float32, which decides at the corners between two pixels
        places = (np.arange(count, dtype="float32") + np.float32(0.5)) * np.float32(size) / np.float32(count)
        return ops.take(x, np.floor(places).astype("int32"), axis=axis)
    return _mixed(x, axis, mixture(size, count, count / size, 0.0, CURVES[interpolation], antialias))


@public
def resize(
    images: Any,
    size: Sequence[int],
    interpolation: str = "bilinear",
    antialias: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    fill_mode: str = "constant",
    fill_value: float = 0.0,
    data_format: str | None = None,
) -> Any:
    """Images of another height and width, stretched unless they are cropped or padded to the new ratio first.

    `antialias` takes wider mixtures when an image shrinks. Whole numbers are rounded.

    >>> import numpy as np
    >>> resize(np.array([1.0, 2.0]).reshape(1, 2, 1), (1, 4)).ravel().tolist()
    [1.0, 1.25, 1.75, 2.0]
    """
    images = ops.convert_to_tensor(images)
    layout = layout_of(images, data_format, "resize")
    height, width = pair_of(size, "size", "resize")
    how = chosen(interpolation, INTERPOLATIONS, "interpolation", "resize")
    chosen(fill_mode, ("constant",), "fill_mode", "resize")
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise BadValue("crop_to_aspect_ratio and pad_to_aspect_ratio are both True", where="resize", expected="one")
    if crop_to_aspect_ratio:
        images = widest(images, layout, (height, width), "resize")
    if pad_to_aspect_ratio:
        images = _padded(images, layout, (height, width), fill_value)
    kind = dtype_of(images)
    exact = is_float(kind) or how == "nearest"
    x = images if exact else ops.cast(images, floatx())
    for axis, count in ((layout.rows, height), (layout.columns, width)):
        x = resized(x, axis, count, how, antialias, "resize")
    return x if exact else ops.saturate_cast(ops.round(x), kind)


def widest(images: Any, layout: Layout, size: tuple[int, int], where: str) -> Any:
    """The middle of images, as much of it as has the ratio of `size`."""
    height, width = (known_size(images, axis, where) for axis in (layout.rows, layout.columns))
    rows = max(min(height, int(width * size[0] / size[1])), 1)
    columns = max(min(width, int(height * size[1] / size[0])), 1)
    return cut(images, layout, ((height - rows) // 2, (width - columns) // 2), (rows, columns))


def cut(images: Any, layout: Layout, starts: tuple[int, int], size: tuple[int, int]) -> Any:
    """A piece of images, by where it begins and its size."""
    rank = len(shape_of(images))
    keys = [slice(None)] * rank
    for axis, start, count in zip((layout.rows, layout.columns), starts, size, strict=True):
        keys[axis_of(axis, rank)] = slice(start, start + count)
    return images[tuple(keys)]


def _padded(images: Any, layout: Layout, size: tuple[int, int], fill_value: float) -> Any:
    """Images with a border of which they are the middle, until the ratio is that of `size`."""
    height, width = (known_size(images, axis, "resize") for axis in (layout.rows, layout.columns))
    above = (max(height, int(width * size[0] / size[1])) - height) // 2
    beside = (max(width, int(height * size[1] / size[0])) - width) // 2
    rank = len(shape_of(images))
    ends = [(0, 0)] * rank
    # one of the two, as in Keras, where both could only come from rounding
    axis, border = (layout.rows, above) if above else (layout.columns, beside)
    ends[axis_of(axis, rank)] = (border, border)
    return ops.pad(images, ends, constant_values=fill_value) if border else images


@public
def scale_and_translate(
    images: Any,
    output_shape: Sequence[int],
    scale: Any,
    translation: Any,
    spatial_dims: Sequence[int],
    method: str,
    antialias: bool = True,
) -> Any:
    """Arrays resampled along some axes: what was at place p is at p·scale + translation; 0 where nothing was.

    >>> import numpy as np
    >>> x = np.array([1.0, 2.0, 3.0])
    >>> scale_and_translate(x, (3,), np.ones(1), np.ones(1), (0,), "linear").tolist()
    [0.0, 1.0, 2.0]
    """
    curve = _METHODS[chosen(method, tuple(_METHODS), "method", "scale_and_translate")]
    x = ops.convert_to_tensor(images)
    x = x if is_float(dtype_of(x)) else ops.cast(x, floatx())
    scale, translation = ops.convert_to_tensor(scale), ops.convert_to_tensor(translation)
    for place, axis in enumerate(spatial_dims):
        size = known_size(x, axis, "scale_and_translate")
        weights = mixture(size, output_shape[axis], scale[place], translation[place], curve, antialias)
        x = _mixed(x, axis_of(axis, len(shape_of(x))), weights)
    return x
