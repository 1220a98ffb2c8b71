"""Give every value a place in memory.

Promise: before, a schedule; after, each node has a place: a buffer of the workspace, the memory of variables, a part
of a pack, a view of another node, or a value bound from outside. Two values share a buffer only if one is dead before
the other is made.
Method: 1. find when each value is used last, views counting for what they look at; 2. walk the schedule: a pointwise
result takes over a buffer that dies with it, if sizes agree; otherwise the smallest free buffer that always fits, or
a new one; 3. results that only go into a pack are made right there.
Source: the walk is linear-scan allocation, M. Poletto and V. Sarkar, ACM TOPLAS 21 (1999).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kmagic.base import shapes
from kmagic.base.dtypes import BYTES
from kmagic.base.shapes import Axis, Extent
from kmagic.compiler.fuse import Kernel, is_dense, is_view, owner
from kmagic.compiler.order import Schedule, sequence
from kmagic.graph.node import Node, Targets, users

BLOCK = 16384  # elements that a long vector is worked through at a time, so that temporaries stay in the cache


@dataclass(frozen=True)
class Place:
    """Where a value lies.

    `kind`: buffer (number `buffer`), variables (`targets`), pack (from element `offset` of the pack `source`), view (of
    `source`), register (nowhere in memory), or outside (bound by the program).
    """

    kind: str
    buffer: int = -1
    targets: Targets = ()
    source: Node | None = None
    offset: Axis = 0


@dataclass(frozen=True)
class Plan:
    """A schedule with memory: what an emitter prints.

    `buffers` are sizes in bytes for any batch size. `blocked` kernels (by number) run over a long vector a block at a
    time; their `inner` values need only a block.
    """

    schedule: Schedule
    places: dict[Node, Place]
    buffers: tuple[Axis, ...]
    blocked: frozenset[int]
    inner: frozenset[Node]

    def items(self, node: Node) -> dict[int, Node]:
        """The results of a node with several that something asks for, by number."""
        return {
            item.attributes["index"]: item for item in self.places if item.name == "item" and item.inputs[0] is node
        }


def place(schedule: Schedule, is_one_pass: Callable[[Kernel], bool] = lambda kernel: False) -> Plan:
    """The schedule with every value given a place; kernels that are one pass keep their inner values in registers."""
    allocator = _Allocator(schedule, is_one_pass)
    for number, kernel in enumerate(schedule.kernels):
        for node in kernel.nodes:
            allocator.settle(node, hold=number in allocator.blocked or number in allocator.passes)
        allocator.release_held()
    return Plan(
        schedule,
        allocator.places,
        tuple(allocator.buffers),
        frozenset(allocator.blocked),
        frozenset(allocator.inner),
    )


class _Allocator:
    """The state of the walk."""

    def __init__(self, schedule: Schedule, is_one_pass: Callable[[Kernel], bool]) -> None:
        self.schedule = schedule
        self.places: dict[Node, Place] = {}
        self.buffers: list[Axis] = []
        self.free: list[int] = []
        self.free_blocks: list[int] = []
        self.held: list[Node] = []
        self.home: dict[int, Node] = {}
        nodes = schedule.graph.nodes
        self.step = {node: i for i, node in enumerate(sequence(schedule))}
        self.used_by = users(nodes)
        self.roots = {owner(root) for root in schedule.graph.roots}
        self.part_of = _parts(nodes)
        self.last = self._last_uses(nodes)
        self.passes = {i for i, kernel in enumerate(schedule.kernels) if is_one_pass(kernel)}
        self.blocked = {i for i, kernel in enumerate(schedule.kernels) if _is_long(kernel.nodes)} - self.passes
        self.inner = {
            node
            for i in self.blocked
            for node in schedule.kernels[i].nodes
            if not self._escapes(node, schedule.kernels[i].nodes)
        }
        for i in self.passes:
            for node in schedule.kernels[i].nodes:
                if node.op.kind == "pointwise" and not self._escapes(node, schedule.kernels[i].nodes):
                    self.places[node] = Place("register")
        for node in nodes:
            if node.op.kind == "source":
                self.places[node] = Place("outside")
            elif is_view(node):
                self.places[node] = Place("view", source=node.inputs[0])

    def _last_uses(self, nodes: Sequence[Node]) -> dict[Node, int]:
        last: dict[Node, int] = {}
        for node in nodes:
            for source in node.inputs:
                kept = owner(source)
                last[kept] = max(last.get(kept, -1), self.step.get(node, -1))
        last.update(dict.fromkeys(self.roots, len(self.step)))
        for part, (pack, _) in self.part_of.items():
            last[pack] = max(last.get(pack, -1), last.get(part, -1))
        return last

    def _escapes(self, node: Node, members: Sequence[Node]) -> bool:
        """Whether a value is needed outside of its kernel."""
        own = set(members)
        kept = node in self.schedule.in_place or node in self.roots or node in self.part_of
        return kept or any(user not in own for user in self.used_by[node])

    def settle(self, node: Node, hold: bool) -> None:
        """Give `node` a place, then free what died (at the kernel's end if `hold`, since blocks go round again)."""
        if node.op.kind == "control":
            self.places[node] = Place("outside")
            for item in self.used_by[node]:
                self.places[item] = self._allocate(item)
        elif node not in self.places:
            self.places[node] = self._chosen(node)
        for value in {owner(source) for source in node.inputs} | {node}:
            if self.last.get(value, -1) <= self.step[node]:
                if hold and value not in self.inner:
                    self.held.append(value)
                else:
                    self._release(value)

    def release_held(self) -> None:
        """Free what died in a kernel that ran in blocks, and the blocks that its inner values shared."""
        for value in self.held:
            self._release(value)
        self.held = []
        self.free += self.free_blocks
        self.free_blocks = []

    def _chosen(self, node: Node) -> Place:
        if node in self.schedule.in_place:
            return Place("variables", targets=self.schedule.in_place[node])
        if node in self.part_of:
            pack, offset = self.part_of[node]
            if pack not in self.places:
                self.places[pack] = self._allocate(pack)
            return Place("pack", source=pack, offset=offset)
        return self._taken_over(node) or self._allocate(node)

    def _taken_over(self, node: Node) -> Place | None:
        """The place of an input that dies here, if the result may overwrite it."""
        if node.op.kind != "pointwise" or node.name == "convert":
            return None
        for source in node.inputs[2:] if node.name == "where" else node.inputs:
            kept = owner(source)
            spot = self.places[kept]
            if spot.kind == "buffer" and self._dies_alike(source, node) and self.home.get(spot.buffer) is kept:
                self.home[spot.buffer] = node
                return spot
        return None

    def _dies_alike(self, source: Node, node: Node) -> bool:
        """Whether `source` is used last by `node`, and has its elements in the same places."""
        kept = owner(source)
        shared = [other for other in node.inputs if owner(other) is kept]
        return (
            self.last[kept] == self.step[node]
            and source.dtype == node.dtype
            and all(other.shape == node.shape and is_dense(other) for other in shared)
            and (kept in self.inner) == (node in self.inner)
        )

    def _allocate(self, node: Node) -> Place:
        elements = shapes.size(node.shape)
        is_inner = node in self.inner
        needed = (BLOCK if is_inner else elements) * BYTES[node.dtype]
        for free in [self.free_blocks, self.free] if is_inner else [self.free]:
            number = next((number for number in free if _always_fits(needed, self.buffers[number])), -1)
            if number >= 0:
                free.remove(number)
                break
        else:
            self.buffers.append(needed)
            number = len(self.buffers) - 1
        self.home[number] = node
        return Place("buffer", buffer=number)

    def _release(self, value: Node) -> None:
        spot = self.places.get(value)
        if spot and spot.kind == "buffer" and self.home.get(spot.buffer) is value:
            del self.home[spot.buffer]
            # a block is written again in every round, so only other blocks of the same kernel may share it
            (self.free_blocks if value in self.inner else self.free).append(spot.buffer)


def _parts(nodes: Sequence[Node]) -> dict[Node, tuple[Node, Axis]]:
    """For each value that can be made right inside a pack: the pack, and from which element."""
    result: dict[Node, tuple[Node, Axis]] = {}
    for pack in nodes:
        offset: Axis = 0
        for source in pack.inputs if pack.name == "pack" else ():
            kept = owner(source)
            if is_dense(source) and kept.op.kind in ("product", "reduce", "pointwise") and kept not in result:
                result[kept] = (pack, offset)
            offset = shapes.size(source.shape) + offset
    return result


def _is_long(nodes: Sequence[Node]) -> bool:
    """Whether a kernel runs over one long vector, so that it is worked through in blocks."""
    shape = nodes[0].shape
    if len(shape) != 1 or isinstance(shape[0], Extent) or shape[0] <= BLOCK:
        return False
    sources = [source for node in nodes for source in node.inputs]
    # a view in another order would look at blocks that are not there yet
    return all(node.op.kind == "pointwise" and node.shape == shape for node in nodes) and all(
        source.shape == () or (source.shape == shape and is_dense(source)) for source in sources
    )


def _always_fits(needed: Axis, available: Axis) -> bool:
    """Whether `needed` bytes are available for every batch size, and no more than twice as many."""
    small, large = map(_terms, (needed, available))
    return small.keys() == large.keys() and all(small[key] <= large[key] <= 2 * small[key] for key in small)


def _terms(axis: Axis) -> dict[tuple[str, ...], int]:
    """A size as coefficients by the sizes that they multiply."""
    return dict(axis.terms) if isinstance(axis, Extent) else {(): axis}
