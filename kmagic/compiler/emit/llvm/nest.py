"""The loop nest: pointwise nodes and reductions over the same elements, as one pass over them.

Axes that all accesses walk through alike become one. One axis is worked through in vectors, several of them at a time;
values inside the kernel stay in registers. A reduction is kept in registers across the innermost loops that run over
its axes, and added up in memory where other loops lie around those.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from kmagic.base.shapes import Axis
from kmagic.compiler.emit.llvm.access import Strides, dense, merged, stretched, strides_of
from kmagic.compiler.emit.llvm.kernel import Function, immediate, is_immediate
from kmagic.compiler.emit.llvm.lanes import Point, Segment, segments, volume
from kmagic.compiler.emit.llvm.scalars import (
    STEPS,
    computed,
    converted,
    narrowed,
    start_of,
)
from kmagic.compiler.emit.llvm.text import INDEX, Value
from kmagic.compiler.fuse import owner
from kmagic.graph.node import Node

BLOCK = 256  # rows of a long sum that are added up before they join the whole, so that rounding stays small
UNROLLED = 64  # entries of inner loops that are written out one by one


@dataclass(frozen=True)
class Target:
    """Where a result goes that does not lie in one piece: strides along its axes, and its first element."""

    strides: Strides
    offset: Axis = 0


Offsets = dict[Node, Value]
Sums = dict[Node, list[Value]]


class Nest:
    """One pass over the elements of a space."""

    def __init__(
        self,
        function: Function,
        nodes: Sequence[Node],
        stored: Sequence[Node],
        lanes: int,
        targets: Mapping[Node, Target] = MappingProxyType({}),
    ) -> None:
        self.function, self.at, self.lanes = function, function.at, lanes
        self.nodes = list(nodes)
        first = nodes[0]
        space = first.inputs[0].shape if first.op.kind == "reduce" else first.shape
        self.reductions = [node for node in nodes if node.op.kind == "reduce"]
        self.stored = [node for node in stored if node.op.kind != "reduce"]
        own = set(nodes)
        sources = dict.fromkeys(source for node in nodes for source in node.inputs if source not in own)
        self.inputs = [source for source in sources if not is_immediate(owner(source)) or owner(source).name == "iota"]
        self.immediates = [source for source in sources if source not in self.inputs]
        full = {node: stretched(strides_of(node), node.shape, space) for node in self.inputs}
        self.targets = targets
        full |= {node: targets[node].strides if node in targets else dense(space) for node in self.stored}
        full |= {node: _reduced_strides(node, space) for node in self.reductions}
        reduced = [frozenset(node.attributes["axes"]) for node in self.reductions]
        groups = merged(space, list(full.values()), reduced)
        self.sizes: list[Axis] = [volume(space[axis] for axis in group) for group in groups]
        self.strides = {node: tuple(strides[group[-1]] for group in groups) for node, strides in full.items()}
        self.reduced = {
            node: frozenset(n for n, group in enumerate(groups) if group[0] in node.attributes["axes"])
            for node in self.reductions
        }
        self._choose_order()

    # ---- the order of loops ----

    def _choose_order(self) -> None:
        """Loops from the outermost on, and which of them walks in vectors (the last axis, wherever it stands)."""
        axes = list(range(len(self.sizes)))
        self.order = axes
        last = len(axes) - 1
        if self.reductions and axes and all(last not in reduced for reduced in self.reduced.values()):
            inner = [axis for axis in axes if all(axis in reduced for reduced in self.reduced.values())]
            self.order = [axis for axis in axes if axis not in inner and axis != last] + [last] + inner
        self.vector = self.order.index(last) if axes else -1
        self.level = {
            node: max((n for n, axis in enumerate(self.order) if strides[axis] != 0), default=-1)
            for node, strides in self.strides.items()
        }
        self.opens = {node: self._opening(node) for node in self.reductions}

    def _opening(self, node: Node) -> int:
        """The outermost of the innermost loops that all run over axes of a reduction."""
        level = len(self.order)
        while level and self.order[level - 1] in self.reduced[node]:
            level -= 1
        return level

    def _closes(self, node: Node) -> bool:
        """Whether the innermost loops are all that a reduction runs over."""
        return all(axis in self.order[self.opens[node] :] for axis in self.reduced[node])

    # ---- writing ----

    def write(self) -> None:
        """The whole nest."""
        self.fixed = {node: self._immediate(node) for node in self.immediates}
        for node in self.reductions:
            if not self._closes(node):
                self._fill(node)
        offsets = {node: self.function.extent(self._offset(node)) for node in self.strides}
        self._level(0, offsets, {}, (Point(0, 0),), {})

    def _offset(self, node: Node) -> Axis:
        return self.targets[node].offset if node in self.targets else 0

    def _immediate(self, node: Node) -> Value:
        root = owner(node)
        if root.name == "constant":
            return immediate(self.at, root)
        value = self.function.extent(root.attributes["value"])
        return converted(value, INDEX, node.dtype)

    def _fill(self, node: Node) -> None:
        """Where a reduction begins in memory."""
        base, start = self.function.pointer(node), narrowed(start_of(self.at, node), node.dtype)

        def body(index: Value, carried: list[Value]) -> list[Value]:
            self.at.store(start, self.at.address(base, index, node.dtype))
            return []

        self.at.loop(0, self.function.count(volume(node.shape)), 1, body)

    def _level(
        self, level: int, offsets: Offsets, values: dict[tuple[Node, int], Value], points: tuple[Point, ...], sums: Sums
    ) -> Sums:
        """The loops from `level` on; gives what the reductions that are open have come to."""
        opened = [node for node in self.reductions if self.opens[node] == level]
        sums = {**sums, **{node: self._start(node, points) for node in opened}}
        values = {**values, **self._loaded(level - 1, offsets, points)}
        if level == len(self.order):
            sums = self._body(offsets, values, points, sums)
        elif level == self.vector:
            sums = self._vectors(level, offsets, values, sums)
        else:
            sums = self._loop(level, offsets, values, points, sums)
        for node in opened:
            self._settle(node, sums.pop(node), offsets, points)
        return sums

    def _start(self, node: Node, points: tuple[Point, ...]) -> list[Value]:
        """Registers of a reduction: one for each point; full vectors and a scalar where they are folded in the end."""
        if self.opens[node] <= self.vector:
            several = [start_of(self.at, node, self.lanes) for _ in range(self._tile())]
            return [*several, start_of(self.at, node)]
        return [start_of(self.at, node, point.width) for point in points]

    def _tile(self) -> int:
        """How many vectors are worked on together: several sums hide each other's latency."""
        size = len(self.nodes)
        if size > 12:
            return 1
        return 4 if self.reductions and size <= 6 else 2

    def _loop(
        self, level: int, offsets: Offsets, values: dict[tuple[Node, int], Value], points: tuple[Point, ...], sums: Sums
    ) -> Sums:
        axis = self.order[level]
        size = self.sizes[axis]
        if isinstance(size, int) and size <= 9 and self._is_small(level):
            for number in range(size):
                sums = self._inside(level, self.at.index(number), offsets, values, points, sums)
            return sums
        is_long = not isinstance(size, int) or size > 2 * BLOCK
        summing = bool(sums) and is_long and all(self.opens[node] <= level for node in sums) and level > self.vector
        if summing:
            return self._long_loop(level, offsets, values, points, sums)
        return self._counted(level, 0, self.function.count(size), offsets, values, points, sums)

    def _is_small(self, level: int) -> bool:
        """Whether the loops from a level on are few enough rounds to be written out."""
        total = volume(self.sizes[axis] for axis in self.order[level:])
        return isinstance(total, int) and total <= UNROLLED

    def _counted(
        self,
        level: int,
        start: int | Value,
        stop: int | Value,
        offsets: Offsets,
        values: dict[tuple[Node, int], Value],
        points: tuple[Point, ...],
        sums: Sums,
    ) -> Sums:
        def body(index: Value, carried: list[Value]) -> list[Value]:
            return _flat(self._inside(level, index, offsets, values, points, _like(sums, carried)))

        return _like(sums, self.at.loop(start, stop, 1, body, _flat(sums)))

    def _long_loop(
        self, level: int, offsets: Offsets, values: dict[tuple[Node, int], Value], points: tuple[Point, ...], sums: Sums
    ) -> Sums:
        """A long sum in blocks."""
        end = self.function.extent(self.sizes[self.order[level]])

        def block(first: Value, carried: list[Value]) -> list[Value]:
            past = first + BLOCK
            last = self.at.select(past < end, past, end)
            fresh = {node: [_blank(value, node, self) for value in held] for node, held in sums.items()}
            found = self._counted(level, first, last, offsets, values, points, fresh)
            steps = [STEPS[node.name] for node, held in sums.items() for _ in held]
            return [step(a, b) for step, a, b in zip(steps, carried, _flat(found), strict=True)]

        return _like(sums, self.at.loop(0, end, BLOCK, block, _flat(sums)))

    def _inside(
        self,
        level: int,
        index: Value,
        offsets: Offsets,
        values: dict[tuple[Node, int], Value],
        points: tuple[Point, ...],
        sums: Sums,
    ) -> Sums:
        return self._level(level + 1, self._moved(offsets, level, index), values, points, sums)

    def _moved(self, offsets: Offsets, level: int, index: Value) -> Offsets:
        axis = self.order[level]
        return {
            node: offset
            if self.strides[node][axis] == 0
            else offset + index * self.function.extent(self.strides[node][axis])
            for node, offset in offsets.items()
        }

    # ---- vectors ----

    def _vectors(self, level: int, offsets: Offsets, values: dict[tuple[Node, int], Value], sums: Sums) -> Sums:
        for segment in segments(self.function, self.sizes[self.order[level]], self.lanes, self._tile()):

            def body(index: Value, carried: list[Value], segment: Segment = segment, like: Sums = sums) -> list[Value]:
                moved = self._moved(offsets, level, index)
                return _flat(self._level(level + 1, moved, values, segment.points, _like(like, carried)))

            sums = _like(sums, self.at.loop(segment.start, segment.stop, segment.step, body, _flat(sums)))
        return sums

    # ---- the body ----

    def _loaded(self, level: int, offsets: Offsets, points: tuple[Point, ...]) -> dict[tuple[Node, int], Value]:
        """Inputs that no deeper loop moves along."""
        ready = [node for node in self.inputs if self.level[node] == level]
        varies = level >= self.vector >= 0
        found = {}
        for node in ready:
            stride = self.strides[node][self.order[self.vector]] if self.order else 0
            for number, point in enumerate(points):
                spread = varies and stride != 0
                found[node, number if varies else -1] = self._load(
                    node, offsets[node], point if spread else Point(0, 0), stride
                )
        return found

    def _load(self, node: Node, offset: Value, point: Point, stride: Axis) -> Value:
        place = offset + self.at.index(point.shift) * self.function.extent(stride) if point.shift else offset
        if owner(node).name == "iota":
            return self._counting(node, place, point, stride)
        return self.function.load(node, place, point.width, stride)

    def _counting(self, node: Node, place: Value, point: Point, stride: Axis) -> Value:
        """0, 1, 2, …: the element is its own offset."""
        at = self.at
        if point.width:
            steps = at.lanes(INDEX, range(point.width)) * self.function.extent(stride)
            place = at.spread(place, point.width) + steps
        return converted(place, INDEX, node.dtype)

    def _body(
        self, offsets: Offsets, values: dict[tuple[Node, int], Value], points: tuple[Point, ...], sums: Sums
    ) -> Sums:
        results = {node: list(held) for node, held in sums.items()}
        stores: list[tuple[Node, Value, Point]] = []
        for number, point in enumerate(points):
            known: dict[Node, Value] = dict(self.fixed)
            for node in self.inputs:
                known[node] = values[node, number] if (node, number) in values else values[node, -1]
            for node in self.nodes:
                if node.op.kind == "reduce":
                    self._reduce(node, known[node.inputs[0]], number, point, results)
                else:
                    known[node] = computed(node, [known[source] for source in node.inputs])
            for node in self.stored:
                value = known[node]
                if point.width:
                    value = self.at.spread(value, point.width)
                stores.append((node, value, point))
        for node, value, point in stores:
            self._write(node, value, offsets[node], point)
        return results

    def _write(self, node: Node, value: Value, offset: Value, point: Point) -> None:
        step = self.strides[node][self.order[self.vector]] if self.order else 1
        self.function.store(node, value, offset + self.function.extent(step) * point.shift, step)

    def _element(self, node: Node, value: Value) -> Value:
        return converted(value, node.inputs[0].dtype, node.dtype)

    def _reduce(self, node: Node, value: Value, number: int, point: Point, sums: dict[Node, list[Value]]) -> None:
        step, held = STEPS[node.name], sums[node]
        value = self._element(node, value)
        if point.width:
            value = self.at.spread(value, point.width)
        if self.opens[node] <= self.vector:
            if point.width == self.lanes:
                held[number] = step(held[number], value)
            else:
                held[-1] = step(held[-1], self.at.folded(step, value))
        else:
            held[number] = step(held[number], value)

    def _settle(self, node: Node, held: list[Value], offsets: Offsets, points: tuple[Point, ...]) -> None:
        """Store what a reduction came to, or add it to what other rounds left in memory."""
        step = STEPS[node.name]
        if self.opens[node] <= self.vector:
            *vectors, total = held
            while len(vectors) > 1:
                vectors = [step(a, b) for a, b in zip(vectors[::2], vectors[1::2], strict=True)]
            held, points = [step(total, self.at.folded(step, vectors[0]))], (Point(0, 0),)
        for value, point in zip(held, points, strict=True):
            if self._closes(node):
                self.function.store(node, value, offsets[node] + point.shift)
            else:
                self._add_in_memory(node, value, offsets, point)

    def _add_in_memory(self, node: Node, value: Value, offsets: Offsets, point: Point) -> None:
        at, step = self.at, STEPS[node.name]
        along = self.strides[node][self.order[self.vector]] if self.order else 0
        place = offsets[node] + (point.shift if along != 0 else 0)
        if point.width and along == 0:
            value = at.folded(step, at.spread(value, point.width))
        self.function.store(node, step(self.function.load(node, place, value.width), value), place)


def _reduced_strides(node: Node, space: tuple[Axis, ...]) -> Strides:
    """Strides of a reduction's result along the axes that it runs over: none along those that vanish."""
    axes = node.attributes["axes"]
    kept = tuple(1 if axis in axes else size for axis, size in enumerate(space))
    return tuple(0 if axis in axes else stride for axis, stride in enumerate(dense(kept)))


def _blank(value: Value, node: Node, nest: Nest) -> Value:
    return start_of(nest.at, node, value.width)


def _flat(sums: Sums) -> list[Value]:
    return [value for held in sums.values() for value in held]


def _like(sums: Sums, values: Sequence[Value]) -> Sums:
    given = iter(values)
    return {node: [next(given) for _ in held] for node, held in sums.items()}
