"""Products whose rows or columns are several axes of a view: convolutions and their gradients, without copies.

A tile of the result is kept in registers while the inner axes are gone through. Where the inner axes begin with the
batch, as in the gradient of weights, each row of the batch is added to the result in memory, so that what is read again
and again stays in the cache.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kmagic.base.shapes import Axis, Shape
from kmagic.compiler.emit.llvm.access import Strides, dense, entries, firsts, merged, strides_of
from kmagic.compiler.emit.llvm.kernel import Function
from kmagic.compiler.emit.llvm.lanes import Point, heights, segments, volume
from kmagic.compiler.emit.llvm.movement import fill
from kmagic.compiler.emit.llvm.scalars import in_registers
from kmagic.compiler.emit.llvm.text import Value
from kmagic.graph.node import Node
from kmagic.graph.ops.windows.frame import Frame


@dataclass(frozen=True)
class Way:
    """One axis to go along: how long it is, and how far apart its entries lie in two values."""

    size: Axis
    steps: tuple[Axis, Axis]


def ways(sizes: Sequence[Axis], first: Sequence[Axis], second: Sequence[Axis]) -> list[Way]:
    """Axes that two values share, as few as possible."""
    groups = merged(tuple(sizes), [tuple(first), tuple(second)])
    return [Way(volume(sizes[axis] for axis in group), (first[group[-1]], second[group[-1]])) for group in groups]


def contract(function: Function, node: Node, lanes: int, accumulators: int) -> None:
    """Some axes of a view as rows, the others as columns, times a matrix."""
    a, b = node.inputs
    rows, inner = node.attributes["rows"], node.attributes["inner"]
    source, right, result = strides_of(a), strides_of(b), dense(node.shape)
    down = ways(_sizes(a, rows), _along(source, rows), _scaled(_sizes(a, rows), result[0]))
    across = ways(_sizes(a, inner), _along(source, inner), _scaled(_sizes(a, inner), right[0]))
    tile = _Tile(function, a, b, node, lanes, accumulators)
    if across and not isinstance(across[0].size, int) and len(across) > 1:
        fill(function, node, 0, lanes)
        first, *across = across

        def one(number: Value, carried: list[Value]) -> list[Value]:
            start = tile.moved(tile.begin(), number, first.steps[0], first.steps[1], 0)
            tile.columns(node.shape[-1], lambda at: tile.rows(down, across, at, adds=True), start)
            return []

        function.at.loop(0, function.count(first.size), 1, one)
        return
    tile.columns(node.shape[-1], lambda at: tile.rows(down, across, at, adds=False), tile.begin())


def spread(function: Function, node: Node, lanes: int, accumulators: int) -> None:
    """A product for each entry of windows, added to where the entry lies."""
    a, b = node.inputs
    frame = Frame.of(node.attributes)
    counts = node.attributes["counts"]
    source, right, result = strides_of(a), strides_of(b), dense(node.shape)
    down = ways(counts, _scaled(counts, source[0]), firsts(frame, result)[: frame.axis + frame.rank])
    across = [Way(a.shape[-1], (source[1], right[0]))]
    tile = _Tile(function, a, b, node, lanes, accumulators)
    fill(function, node, 0, lanes)
    width = node.shape[-1]

    def row(around: Here, last: Sequence[Way]) -> None:
        for number, shift in enumerate(entries(frame, result)):
            here = tile.shifted(around, 0, right[1] * width * number, shift)
            tile.columns(width, lambda at: tile.rows(last, across, at, adds=True), here)

    # every entry of a row of windows is done before the next row, which meets the same places
    tile.around(down[:-1], tile.begin(), lambda around: row(around, down[-1:]))


@dataclass(frozen=True)
class Here:
    """Where a tile begins in a, b and the result, and which columns it has."""

    a: Value
    b: Value
    c: Value
    points: tuple[Point, ...] = ()


class _Tile:
    """Loops around a tile of the result."""

    def __init__(self, function: Function, a: Node, b: Node, c: Node, lanes: int, accumulators: int) -> None:
        self.function, self.at = function, function.at
        self.a, self.b, self.c = a, b, c
        self.lanes, self.accumulators = lanes, accumulators
        self.across = strides_of(b)[1]

    def begin(self) -> Here:
        """The first elements."""
        zero = self.at.index(0)
        return Here(zero, zero, zero)

    def moved(self, here: Here, number: Value, a: Axis, b: Axis, c: Axis) -> Here:
        """So many steps on."""
        extent = self.function.extent

        def on(offset: Value, step: Axis) -> Value:
            return offset if step == 0 else offset + number * extent(step)

        return Here(on(here.a, a), on(here.b, b), on(here.c, c), here.points)

    def shifted(self, here: Here, a: Axis, b: Axis, c: Axis) -> Here:
        """So many elements on."""
        return self.moved(here, self.at.index(1), a, b, c)

    def around(self, several: Sequence[Way], here: Here, body: Callable[[Here], None]) -> None:
        """Loops along rows, one inside the other."""
        if not several:
            body(here)
            return
        first, *rest = several

        def one(number: Value, carried: list[Value]) -> list[Value]:
            self.around(rest, self.moved(here, number, first.steps[0], 0, first.steps[1]), body)
            return []

        self.at.loop(0, self.function.count(first.size), 1, one)

    def columns(self, size: Axis, body: Callable[[Here], None], here: Here) -> None:
        """Columns in tiles of two vectors, and what is left."""
        for segment in segments(self.function, size, self.lanes, 2):

            def one(number: Value, carried: list[Value], points: tuple[Point, ...] = segment.points) -> list[Value]:
                moved = self.moved(here, number, 0, self.across, 1)
                body(Here(moved.a, moved.b, moved.c, points))
                return []

            self.at.loop(segment.start, segment.stop, segment.step, one)

    def rows(self, down: Sequence[Way], across: Sequence[Way], here: Here, adds: bool) -> None:
        """Rows in tiles of several."""
        tall = max(1, self.accumulators // len(here.points))
        last = down[-1] if down else Way(1, (0, 0))

        def inside(around: Here) -> None:
            for start, stop, height in heights(self.function, last.size, tall):

                def one(number: Value, carried: list[Value], height: int = height) -> list[Value]:
                    at = self.moved(around, number, last.steps[0], 0, last.steps[1])
                    self._tile(at, last, height, across, adds)
                    return []

                self.at.loop(start, stop, height, one)

        self.around(down[:-1], here, inside)

    def _tile(self, here: Here, down: Way, height: int, across: Sequence[Way], adds: bool) -> None:
        at, extent = self.at, self.function.extent
        kind = in_registers(self.c.dtype)
        spots = [
            (here.c + extent(down.steps[1]) * n + point.shift, point.width)
            for n in range(height)
            for point in here.points
        ]
        sums = [self.function.load(self.c, *spot) if adds else at.constant(kind, 0, spot[1]) for spot in spots]
        sums = self._inner(here, down, height, across, sums)
        for (place, _), value in zip(spots, sums, strict=True):
            self.function.store(self.c, value, place)

    def _inner(self, here: Here, down: Way, height: int, across: Sequence[Way], sums: list[Value]) -> list[Value]:
        """All products along the inner axes, added to the sums."""
        if not across:
            return self._terms(here, down, height, sums)
        first, *rest = across

        def one(number: Value, carried: list[Value]) -> list[Value]:
            return self._inner(self.moved(here, number, first.steps[0], first.steps[1], 0), down, height, rest, carried)

        if isinstance(first.size, int) and first.size <= 3:
            for number in range(first.size):
                sums = one(self.at.index(number), sums)
            return sums
        return self.at.loop(0, self.function.count(first.size), 1, one, sums)

    def _terms(self, here: Here, down: Way, height: int, sums: list[Value]) -> list[Value]:
        at, extent = self.at, self.function.extent
        right = [self._right(here, point) for point in here.points]
        found = []
        for n in range(height):
            left = self.function.load(self.a, here.a + extent(down.steps[0]) * n)
            for m, value in enumerate(right):
                total = sums[n * len(right) + m]
                found.append(at.fused(at.spread(left, value.width), value, total))
        return found

    def _right(self, here: Here, point: Point) -> Value:
        place = here.b + self.function.extent(self.across) * point.shift
        return self.function.load(self.b, place, point.width, self.across)


def _sizes(node: Node, axes: Sequence[int]) -> Shape:
    return tuple(node.shape[axis] for axis in axes)


def _along(strides: Strides, axes: Sequence[int]) -> Strides:
    return tuple(strides[axis] for axis in axes)


def _scaled(sizes: Sequence[Axis], step: Axis) -> Strides:
    """Strides of axes that together are one axis with this step."""
    return tuple(stride * step for stride in dense(tuple(sizes)))


WRITERS = {"contract": contract, "spread": spread}
