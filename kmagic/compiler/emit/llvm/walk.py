"""A walk over the elements of a shape, the last axis in vectors: for kernels that are not one formula per element."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from kmagic.base.shapes import Axis, Shape
from kmagic.compiler.emit.llvm.access import Strides, merged
from kmagic.compiler.emit.llvm.kernel import Function
from kmagic.compiler.emit.llvm.lanes import Point, pieces, volume
from kmagic.compiler.emit.llvm.scalars import narrowed, widened
from kmagic.compiler.emit.llvm.text import Value
from kmagic.graph.node import Node

Segment = tuple[int | Value, int | Value, int, Sequence[Point]]


@dataclass(frozen=True)
class Cursor:
    """Where a walk is: the first element of this step in each operand, and how many lie side by side."""

    function: Function
    offsets: Mapping[str, Value]
    steps: Mapping[str, Axis]
    width: int

    def load(self, name: str, node: Node, shift: Axis = 0) -> Value:
        """The elements of an operand, `shift` elements on."""
        at, function = self.function.at, self.function
        base, place = function.pointer(node), self.offsets[name] + function.extent(shift)
        step = self.steps[name]
        if not self.width or step == 0:
            value = widened(at.load(node.dtype, 0, at.address(base, place, node.dtype)), node.dtype)
            return at.spread(value, self.width) if self.width else value
        if step == 1:
            return widened(at.load(node.dtype, self.width, at.address(base, place, node.dtype)), node.dtype)
        places = [place + function.extent(step * number) for number in range(self.width)]
        lanes = [widened(at.load(node.dtype, 0, at.address(base, one, node.dtype)), node.dtype) for one in places]
        return at.gathered(lanes)

    def store(self, name: str, node: Node, value: Value, shift: Axis = 0) -> None:
        """Write the elements of an operand."""
        at, function = self.function.at, self.function
        base, place = function.pointer(node), self.offsets[name] + function.extent(shift)
        if self.width:
            value = at.spread(value, self.width)
        value = narrowed(value, node.dtype)
        if not self.width or self.steps[name] == 1:
            at.store(value, at.address(base, place, node.dtype))
            return
        for number in range(self.width):
            one = place + function.extent(self.steps[name] * number)
            at.store(at.lane(value, number), at.address(base, one, node.dtype))


def walk(
    function: Function,
    shape: Shape,
    strides: Mapping[str, Strides],
    lanes: int,
    body: Callable[[Cursor], None],
    offsets: Mapping[str, Value] | None = None,
) -> None:
    """`body(cursor)` for all elements; with `lanes` 0 one by one. `offsets` say where operands begin."""
    groups = merged(shape, list(strides.values()))
    sizes = [volume(shape[axis] for axis in group) for group in groups]
    ways = {name: [steps[group[-1]] for group in groups] for name, steps in strides.items()}
    begin = {name: function.at.index(0) for name in strides} | dict(offsets or {})
    _Walk(function, sizes, ways, lanes, body).loop(0, begin)


@dataclass(frozen=True)
class _Walk:
    """Loops over axes, outermost first."""

    function: Function
    sizes: Sequence[Axis]
    ways: Mapping[str, Sequence[Axis]]
    lanes: int
    body: Callable[[Cursor], None]

    def loop(self, level: int, now: Mapping[str, Value]) -> None:
        """The loops from `level` on."""
        at = self.function.at
        if level == len(self.sizes):
            self.body(Cursor(self.function, now, dict.fromkeys(self.ways, 0), 0))
            return
        if level == len(self.sizes) - 1 and self.lanes:
            self._vectors(level, now)
            return

        def one(index: Value, carried: list[Value]) -> list[Value]:
            self.loop(level + 1, self._moved(now, level, index))
            return []

        at.loop(0, self.function.count(self.sizes[level]), 1, one)

    def _vectors(self, level: int, now: Mapping[str, Value]) -> None:
        for start, stop, step, points in self._segments(self.sizes[level]):

            def several(index: Value, carried: list[Value], points: Sequence[Point] = points) -> list[Value]:
                here = self._moved(now, level, index)
                for point in points:
                    self._at_point(here, level, point)
                return []

            self.function.at.loop(start, stop, step, several)

    def _moved(self, now: Mapping[str, Value], level: int, index: Value) -> dict[str, Value]:
        extent = self.function.extent
        return {
            name: offset if self.ways[name][level] == 0 else offset + index * extent(self.ways[name][level])
            for name, offset in now.items()
        }

    def _at_point(self, now: Mapping[str, Value], level: int, point: Point) -> None:
        extent = self.function.extent
        here = {name: offset + extent(self.ways[name][level]) * point.shift for name, offset in now.items()}
        self.body(Cursor(self.function, here, {name: way[level] for name, way in self.ways.items()}, point.width))

    def _segments(self, size: Axis) -> list[Segment]:
        lanes = self.lanes
        if isinstance(size, int):
            whole = size // lanes * lanes
            found: list[Segment] = [(0, whole, lanes, (Point(0, lanes),))]
            if size > whole:
                found.append((whole, size, size - whole, tuple(pieces(size - whole, lanes))))
            return found
        end = self.function.extent(size)
        middle = end / lanes * lanes
        return [(0, middle, lanes, (Point(0, lanes),)), (middle, end, 1, (Point(0, 0),))]
