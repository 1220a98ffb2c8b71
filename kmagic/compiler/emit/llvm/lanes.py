"""Axes in vectors: which elements are worked on together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kmagic.base.shapes import Axis


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
