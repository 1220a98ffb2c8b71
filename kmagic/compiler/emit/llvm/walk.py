"""A walk over the elements of a shape, the last axis in vectors: for kernels that are not one formula per element."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from kmagic.base.shapes import Axis, Shape
from kmagic.compiler.emit.llvm.access import Strides, merged
from kmagic.compiler.emit.llvm.kernel import Function
from kmagic.compiler.emit.llvm.lanes import Point, Segment, segments, volume
from kmagic.compiler.emit.llvm.text import Value
from kmagic.graph.node import Node


@dataclass(frozen=True)
class Cursor:
    """Where a walk is: the first element of this step in each operand, and how many lie side by side."""

    function: Function
    offsets: Mapping[str, Value]
    steps: Mapping[str, Axis]
    width: int

    def load(self, name: str, node: Node, shift: Axis = 0) -> Value:
        """The elements of an operand, `shift` elements on."""
        function, step = self.function, self.steps[name]
        place = self.offsets[name] + function.extent(shift)
        if self.width and step == 0:
            return function.at.spread(function.load(node, place), self.width)
        return function.load(node, place, self.width, step)

    def store(self, name: str, node: Node, value: Value, shift: Axis = 0) -> None:
        """Write the elements of an operand."""
        function = self.function
        if self.width:
            value = function.at.spread(value, self.width)
        function.store(node, value, self.offsets[name] + function.extent(shift), self.steps[name])


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
        for segment in segments(self.function, self.sizes[level], self.lanes):

            def several(index: Value, carried: list[Value], segment: Segment = segment) -> list[Value]:
                here = self._moved(now, level, index)
                for point in segment.points:
                    self._at_point(here, level, point)
                return []

            self.function.at.loop(segment.start, segment.stop, segment.step, several)

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
