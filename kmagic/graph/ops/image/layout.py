"""Where the axes of images are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kmagic.base import shapes
from kmagic.base.config import image_data_format
from kmagic.base.dtypes import is_float
from kmagic.base.errors import BadValue, ShapeMismatch
from kmagic.base.shapes import Axis
from kmagic.graph.ops.movement import dtype_of, shape_of
from kmagic.graph.ops.windows.call import chosen
from kmagic.graph.table import ops

FORMATS = ("channels_last", "channels_first")


@dataclass(frozen=True)
class Layout:
    """Whether there is one image or a batch of them, and whether channels come first; axes count from the right."""

    single: bool
    first: bool

    @property
    def channels(self) -> int:
        """The axis of channels."""
        return -3 if self.first else -1

    @property
    def rows(self) -> int:
        """The axis of rows."""
        return -2 if self.first else -3

    @property
    def columns(self) -> int:
        """The axis of columns."""
        return -1 if self.first else -2

    def opened(self, x: Any) -> Any:
        """A batch of images with channels last."""
        x = ops.expand_dims(x, 0) if self.single else x
        return ops.transpose(x, (0, 2, 3, 1)) if self.first else x

    def closed(self, x: Any) -> Any:
        """What `opened` was given, from what it gave."""
        x = ops.transpose(x, (0, 3, 1, 2)) if self.first else x
        return ops.squeeze(x, 0) if self.single else x


def layout_of(images: Any, data_format: str | None, where: str) -> Layout:
    """The layout of images, which have three axes, or four with a batch."""
    how = chosen(data_format or image_data_format(), FORMATS, "data_format", where)
    shape = shape_of(images)
    if len(shape) not in (3, 4):
        axes = "channels height width" if how == "channels_first" else "height width channels"
        raise ShapeMismatch(
            f"images {shapes.written(shape)}", where=where, expected=f"[{axes}], or a batch of them in front"
        )
    return Layout(len(shape) == 3, how == "channels_first")


def known_size(images: Any, axis: int, where: str) -> int:
    """The size of an axis that must be known while tracing."""
    size: Axis = shape_of(images)[axis]
    if not isinstance(size, int):
        raise ShapeMismatch(
            f"images {shapes.written(shape_of(images))}", where=where, expected="a height and width that are known"
        )
    return size


def pair_of(value: Any, name: str, where: str) -> tuple[int, int]:
    """Two whole numbers of at least 1."""
    found = tuple(value) if isinstance(value, list | tuple) else ()
    if len(found) != 2 or any(isinstance(n, bool) or not isinstance(n, int) or n < 1 for n in found):
        raise BadValue(f"{name} is {value!r}", where=where, expected="two whole numbers of at least 1")
    return found[0], found[1]


def expect_channels(images: Any, layout: Layout, counts: tuple[int, ...], where: str) -> int:
    """The number of channels, one of `counts`."""
    size = shape_of(images)[layout.channels]
    if size not in counts:
        raise ShapeMismatch(
            f"images {shapes.written(shape_of(images))} of {size} channels",
            where=where,
            expected=" or ".join(map(str, counts)) + " channels",
        )
    return int(size)


def expect_floats(images: Any, where: str) -> None:
    """Raise where the images are whole numbers."""
    if not is_float(dtype_of(images)):
        raise BadValue(
            f"images of dtype {dtype_of(images)}",
            where=where,
            expected="floats, colours from 0 to 1",
            fix='kmagic.ops.cast(images, "float32") / 255',
        )
