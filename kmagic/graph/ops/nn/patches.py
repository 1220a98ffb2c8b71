"""Patches of images: cut out, put back together, and traded for channels."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmagic.base import shapes
from kmagic.base.errors import BadValue, ShapeMismatch
from kmagic.base.shapes import Axis, Shape
from kmagic.graph.ops.movement import Slices, shape_of
from kmagic.graph.ops.windows.frame import Frame
from kmagic.graph.table import ops, public

Pair = int | tuple[int, int]


def _pair(option: Pair) -> tuple[int, int]:
    return (option, option) if isinstance(option, int) else (option[0], option[1])


def _expect(x: Any, rank: int, where: str) -> Shape:
    shape = shape_of(x)
    if len(shape) != rank:
        raise ShapeMismatch(f"input {shapes.written(shape)}", where=where, expected=f"a {rank}D input")
    return shape


@public
def unfold(x: Any, kernel_size: Pair, dilation: Pair = 1, padding: Pair = 0, stride: Pair = 1) -> Any:
    """The patches of images, each a column: [n c h w] -> [n c·kh·kw patches]."""
    batch, channels, height, width = _expect(x, 4, "unfold")
    frame = Frame(2, _pair(kernel_size), _pair(stride), _pair(dilation))
    rows, columns = _pair(padding)
    if rows or columns:
        whole = (batch, channels, height + 2 * rows, width + 2 * columns)
        x = ops.rows["embed"](x, whole, _inside(batch, channels, (rows, height), (columns, width)))
    counts = frame.counts(shape_of(x))
    windows = ops.rows["windows"](x, frame.axis, frame.kernel, frame.strides, frame.dilation)
    entries = ops.transpose(windows, (0, 1, 4, 5, 2, 3))
    return ops.reshape(entries, (batch, channels * frame.volume, shapes.size(counts)))


@public
def fold(x: Any, output_size: Pair, kernel_size: Pair, dilation: Pair = 1, padding: Pair = 0, stride: Pair = 1) -> Any:
    """Images from their patches, summed where these overlap: [n c·kh·kw patches] -> [n c h w]."""
    batch, depth, patches = _expect(x, 3, "fold")
    (height, width), (rows, columns) = _pair(output_size), _pair(padding)
    frame = Frame(2, _pair(kernel_size), _pair(stride), _pair(dilation))
    sizes = (height + 2 * rows, width + 2 * columns)
    channels, counts = shapes.exact_quotient(depth, frame.volume), frame.counts((batch, depth, *sizes))
    if channels is None or patches != shapes.size(counts):
        raise ShapeMismatch(
            f"input {shapes.written((batch, depth, patches))}",
            where="fold",
            expected=f"[n c·{frame.volume} {shapes.size(counts)}]",
        )
    windows = ops.transpose(ops.reshape(x, (batch, channels, *frame.kernel, *counts)), (0, 1, 4, 5, 2, 3))
    total = ops.rows["overlap"](windows, sizes, frame.axis, frame.kernel, frame.strides, frame.dilation)
    return ops.rows["slice"](total, _inside(batch, channels, (rows, height), (columns, width)))


def _inside(batch: Axis, channels: Axis, *ways: tuple[int, Axis]) -> Slices:
    """The slices of an image within its padding."""
    return ((0, batch, 1), (0, channels, 1), *((before, size + before, 1) for before, size in ways))


def _divided(size: Axis, divisor: int, what: str, where: str) -> Axis:
    found = shapes.exact_quotient(size, divisor)
    if found is None:
        raise ShapeMismatch(f"{what} {size}", where=where, expected=f"{what} divisible by {divisor}")
    return found


def _check_block(block_size: int, data_format: str, where: str) -> None:
    if isinstance(block_size, bool) or not isinstance(block_size, int) or block_size < 2:
        raise BadValue(f"block_size is {block_size!r}", where=where, expected="a whole number of at least 2")
    if data_format not in ("channels_last", "channels_first"):
        raise BadValue(f"data_format is {data_format!r}", where=where, expected="channels_last or channels_first")


@public
def depth_to_space(x: Any, block_size: int, data_format: str = "channels_last") -> Any:
    """Channels laid out as blocks of pixels: [n h w c·b²] -> [n h·b w·b c]."""
    _check_block(block_size, data_format, "depth_to_space")
    shape, b = _expect(x, 4, "depth_to_space"), block_size
    if data_format == "channels_last":
        n, h, w, depth = shape
        c = _divided(depth, b * b, "channels", "depth_to_space")
        parts = ops.transpose(ops.reshape(x, (n, h, w, b, b, c)), (0, 1, 3, 2, 4, 5))
        return ops.reshape(parts, (n, h * b, w * b, c))
    n, depth, h, w = shape
    c = _divided(depth, b * b, "channels", "depth_to_space")
    parts = ops.transpose(ops.reshape(x, (n, c, b, b, h, w)), (0, 1, 4, 2, 5, 3))
    return ops.reshape(parts, (n, c, h * b, w * b))


@public
def space_to_depth(x: Any, block_size: int, data_format: str = "channels_last") -> Any:
    """Blocks of pixels laid out as channels: [n h·b w·b c] -> [n h w c·b²]."""
    _check_block(block_size, data_format, "space_to_depth")
    shape, b = _expect(x, 4, "space_to_depth"), block_size
    height, width = shape[1:3] if data_format == "channels_last" else shape[2:]
    h = _divided(height, b, "height", "space_to_depth")
    w = _divided(width, b, "width", "space_to_depth")
    if data_format == "channels_last":
        n, c = shape[0], shape[3]
        parts = ops.transpose(ops.reshape(x, (n, h, b, w, b, c)), (0, 1, 3, 2, 4, 5))
        return ops.reshape(parts, (n, h, w, c * b * b))
    n, c = shape[:2]
    parts = ops.transpose(ops.reshape(x, (n, c, h, b, w, b)), (0, 1, 3, 5, 2, 4))
    return ops.reshape(parts, (n, c * b * b, h, w))


@public
def extract_sequences(x: Any, sequence_length: int, sequence_stride: int) -> Any:
    """Pieces of the last axis, which may overlap: (…, n) gives (…, pieces, sequence_length)."""
    size = shape_of(x)[-1]
    if sequence_length < 1 or sequence_stride < 1 or not isinstance(size, int) or size < sequence_length:
        raise BadValue(
            f"sequence_length is {sequence_length}, sequence_stride {sequence_stride}",
            where="extract_sequences",
            expected=f"a length from 1 to {size}, a stride of at least 1",
        )
    starts = np.arange(0, size - sequence_length + 1, sequence_stride)
    return ops.take(x, starts[:, None] + np.arange(sequence_length), axis=-1)
