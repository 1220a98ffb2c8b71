"""Axes in vectors and in tiles: which elements are worked on together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kmagic.base.shapes import Axis
from kmagic.compiler.emit.llvm.kernel import Function
from kmagic.compiler.emit.llvm.text import Value


@dataclass(frozen=True)
class Point:
    """A place on the vector axis relative to where the loop is: so many elements on, and how many lanes from there."""

    shift: int
    width: int


def pieces(count: int, lanes: int) -> Iterator[Point]:
    """So many elements as vectors, each half as wide as the last.

    >>> [(point.shift, point.width) for point in pieces(11, 8)]
    [(0, 8), (8, 2), (10, 0)]
    """
    shift, width = 0, lanes
    while shift < count:
        while width > count - shift:
            width //= 2
        yield Point(shift, width if width > 1 else 0)
        shift += width


def volume(sizes: Iterable[Axis]) -> Axis:
    """How many elements axes of these sizes have together."""
    total: Axis = 1
    for size in sizes:
        total = size * total
    return total


@dataclass(frozen=True)
class Segment:
    """A part of the vector axis, walked through in steps, all points of a step together."""

    start: int | Value
    stop: int | Value
    step: int
    points: tuple[Point, ...]


def segments(function: Function, size: Axis, lanes: int, several: int = 1) -> Iterator[Segment]:
    """The vector axis: tiles of several vectors, then what is left in single and narrower ones."""
    full = several * lanes
    tile = tuple(Point(number * lanes, lanes) for number in range(several))
    if isinstance(size, int):
        whole = size // full * full
        if whole:
            yield Segment(0, whole, full, tile)
        if size > whole:
            yield Segment(whole, size, size - whole, tuple(pieces(size - whole, lanes)))
        return
    end, past = function.extent(size), function.at.index(0)
    for points, step in ((tile, full), ((Point(0, lanes),), lanes), ((Point(0, 0),), 1)):
        if step == lanes == full and points is not tile:
            continue
        stop = end if step == 1 else past + (end - past) / step * step
        yield Segment(past, stop, step, points)
        past = stop


def heights(function: Function, size: Axis, tall: int) -> list[tuple[int | Value, int | Value, int]]:
    """Rows in tiles: where tiles of a height start and stop, and the height, which is at most `tall`."""
    if isinstance(size, int):
        # tiles of nearly equal height leave no thin last one
        height = -(-size // max(1, -(-size // tall))) or 1
        whole = size // height * height
        return [(0, whole, height), (whole, size, max(size - whole, 1))]
    end = function.extent(size)
    middle = end / tall * tall
    return [(0, middle, tall), (middle, end, 1)]
