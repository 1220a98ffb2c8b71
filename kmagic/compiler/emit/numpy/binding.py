"""Tie printed text to memory: every name becomes an array, a view or a closure, once for each batch size."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from kmagic.base import shapes
from kmagic.base.errors import ShapeMismatch
from kmagic.base.shapes import written
from kmagic.compiler.emit.numpy.text import Text, lines_of
from kmagic.compiler.place import BLOCK, Plan
from kmagic.graph.interpret import bound
from kmagic.graph.narrow import to_bfloat16, to_float16
from kmagic.graph.node import Node, Targets
from kmagic.graph.ops.movement import as_slices
from kmagic.graph.ops.special import error_function
from kmagic.graph.ops.windows.cutting import windows_of

Array = np.ndarray[Any, Any]
Step = Callable[..., int]

NAMESPACE: dict[str, Any] = {
    "copyto": np.copyto,
    "dot": np.dot,
    "matmul": np.matmul,
    "concatenate": np.concatenate,
    "error_function": error_function,
    "to_bfloat16": to_bfloat16,
    "to_float16": to_float16,
    "sum_of": np.add.reduce,
    "largest_of": np.maximum.reduce,
    "smallest_of": np.minimum.reduce,
    "product_of": np.multiply.reduce,
}
NAMESPACE |= {name: getattr(np, name) for name in dir(np) if isinstance(getattr(np, name), np.ufunc)}


class Binding:
    """The arrays behind a plan, for given sizes: `binding[node]` is the memory of a node's value.

    `given` holds the arrays of placeholders, `raw` the workspace's buffers, `memory(targets)` that of variables, and
    `room` the bytes that bodies may use.
    """

    def __init__(
        self,
        plan: Plan,
        sizes: Mapping[str, int],
        given: Mapping[Node, Array],
        raw: Sequence[Array],
        memory: Callable[[Targets], Array],
        room: Array | None = None,
    ) -> None:
        self.plan = plan
        self.sizes = dict(sizes)
        self.raw = raw
        self.memory = memory
        self.room = room
        self.inner: dict[int, Binding] = {}
        self._arrays: dict[Node, Array] = dict(given)
        self._kept: dict[Node, Array] = {}

    def __getitem__(self, node: Node) -> Array:
        if node not in self._arrays:
            self._arrays[node] = self._array(node)
        return self._arrays[node]

    def keep(self, output: Node) -> Array:
        """Memory for a copy of an output that is a variable's value."""
        if output not in self._kept:
            self._kept[output] = np.empty(self[output].shape, output.dtype)
        return self._kept[output]

    def output(self, node: Node) -> Array:
        """The memory of a named result."""
        return self._kept.get(node, self[node])

    def _array(self, node: Node) -> Array:
        spot = self.plan.places[node]
        shape = shapes.bind(node.shape, self.sizes)
        match spot.kind:
            case "buffer":
                elements = self.raw[spot.buffer].view(node.dtype)
                # a value inside a blocked kernel has only a block; the kernel's own loop cuts it
                return elements if node in self.plan.inner else elements[: _count(shape)].reshape(shape)
            case "variables":
                return self.memory(spot.targets).reshape(shape)
            case "pack" if spot.source is not None:
                start = bound(spot.offset, self.sizes)
                return self[spot.source][start : start + _count(shape)].reshape(shape)
            case "view":
                return self._view(node, shape)
        return self._outside(node, shape)

    def _view(self, node: Node, shape: tuple[int, ...]) -> Array:
        source = self[node.inputs[0]]
        match node.name:
            case "after":
                return source
            case "reshape":
                return source.reshape(shape)
            case "transpose":
                return source.transpose(node.attributes["axes"])
            case "windows":
                return windows_of(source, **node.attributes)
            case "slice":
                part = source[as_slices(bound(node.attributes["slices"], self.sizes))]
                if part.shape != shape:
                    raise ShapeMismatch(
                        f"a slice {written(node.shape)} of {written(source.shape)}",
                        where=node.origin.layer or None,
                        expected="a batch with as many rows",
                    )
                return part
        return np.broadcast_to(source, shape)

    def _outside(self, node: Node, shape: tuple[int, ...]) -> Array:
        match node.name:
            case "constant":
                return np.asarray(node.attributes["value"], order="C")
            case "read":
                return self.memory(node.attributes["variables"]).reshape(shape)
            case "extent":
                return np.asarray(bound(node.attributes["value"], self.sizes), node.dtype)
            case "iota":
                return np.arange(shape[0], dtype=node.dtype)
        raise KeyError(node)

    def step(self, text: Text) -> Step:
        """The printed step, tied to these arrays."""
        needed = text.inner_room(self.sizes)
        if self.room is None or len(self.room) < needed:
            self.room = _aligned(needed)
        values = [self[node] for node in text.values]
        blocks = [self._blocks(nodes) for nodes in text.blocks]
        extras = [make(self) for make in text.extras]
        step: Step = _compiled(text.source)(values, extras, blocks)
        return step

    def enter(self, plan: Plan, text: Text, given: Mapping[Node, Array]) -> Step:
        """The step of a body, in memory that it shares with the other bodies of this text."""
        assert self.room is not None
        ends = list(itertools.accumulate(text.pieces(self.sizes), initial=0))
        pieces = [self.room[start:end] for start, end in itertools.pairwise(ends)]
        raw, rest = pieces[: len(plan.buffers)], pieces[len(plan.buffers) :]
        own = {node: self._cut(piece, node) for node, piece in zip(text.own, rest, strict=True)}
        binding = Binding(plan, self.sizes, {**given, **own}, raw, self.memory, self.room[ends[-1] :])
        self.inner[id(text)] = binding
        return binding.step(text)

    def _cut(self, memory: Array, node: Node) -> Array:
        shape = shapes.bind(node.shape, self.sizes)
        return memory.view(node.dtype)[: _count(shape)].reshape(shape)

    def _blocks(self, nodes: Sequence[Node]) -> list[tuple[Array, ...]]:
        """The arrays of a blocked kernel, cut into blocks."""
        whole = [(self[node], node in self.plan.inner or not node.shape) for node in nodes]
        length = max(array.size for array, kept in whole if not kept)
        starts = range(0, length, BLOCK)
        return [
            tuple(
                array[: min(BLOCK, length - start)]
                if kept and array.ndim
                else array
                if kept
                else array[start : start + BLOCK]
                for array, kept in whole
            )
            for start in starts
        ]


def allocate(plan: Plan, sizes: Mapping[str, int]) -> list[Array]:
    """Memory for a plan's buffers at these sizes, in bytes, each on its own cache lines."""
    return [_aligned(bound(size, sizes)) for size in plan.buffers]


def _aligned(size: int, line: int = 64) -> Array:
    whole = lines_of(size, line)
    memory = np.empty(whole + line, np.uint8)
    start = -memory.ctypes.data % line
    return memory[start : start + whole]


def _count(shape: Sequence[int]) -> int:
    count = 1
    for axis in shape:
        count *= axis
    return count


@lru_cache(maxsize=256)
def _compiled(source: str) -> Callable[..., Step]:
    """The function that a text defines; equal texts share one."""
    scope = dict(NAMESPACE)
    exec(compile(source, "<kmagic program>", "exec"), scope)
    bind: Callable[..., Step] = scope["bind"]
    return bind
