"""A kernel as a function: its parameters are addresses of values and the sizes that only run time knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from kmagic.base.shapes import Axis, Extent
from kmagic.compiler.emit.llvm.scalars import in_registers, narrowed, widened
from kmagic.compiler.emit.llvm.text import INDEX, Module, Value, Writer
from kmagic.graph.node import Node

NAME = "kernel"  # a placeholder until the text is known, which names it


@dataclass
class Function:
    """A kernel while it is written: the writer, and the values whose addresses it takes."""

    sizes: tuple[str, ...]
    pointers: dict[Node, Value] = field(default_factory=dict)
    module: Module = field(default_factory=Module)

    def __post_init__(self) -> None:
        self.at = Writer(self.module, NAME, [], INDEX)
        self._extents: dict[Axis, Value] = {}
        self._sizes = {name: Value(f"%{name}", INDEX, 0, self.at) for name in self.sizes}
        self._others: dict[Node, Value] = {}

    def pointer(self, node: Node) -> Value:
        """The address of a value's first element."""
        if node in self._others:
            return self._others[node]
        if node not in self.pointers:
            self.pointers[node] = Value(f"%p{len(self.pointers)}", "pointer", 0, self.at)
        return self.pointers[node]

    def also(self, node: Node, target: Node) -> None:
        """A value that is written where another lies."""
        self._others[node] = self.pointer(target)

    def extent(self, axis: Axis) -> Value:
        """A size as a number."""
        return as_number(self.at, axis, self._sizes.__getitem__)

    def count(self, axis: Axis) -> int | Value:
        """A size for a loop: a number where it is known."""
        return axis if isinstance(axis, int) else self.extent(axis)

    def load(self, node: Node, place: Value, width: int = 0, step: Axis = 1) -> Value:
        """Elements of a value from a place on, so many elements apart, as they are computed with."""
        at, base, dtype = self.at, self.pointer(node), node.dtype
        if not width or step == 1:
            return widened(at.load(dtype, width, at.address(base, place, dtype)), dtype)
        places = [place + self.extent(step * number) for number in range(width)]
        return widened(at.gathered([at.load(dtype, 0, at.address(base, one, dtype)) for one in places]), dtype)

    def store(self, node: Node, value: Value, place: Value, step: Axis = 1) -> None:
        """Write what was computed to elements of a value from a place on, so many elements apart."""
        at, base, dtype = self.at, self.pointer(node), node.dtype
        value = narrowed(value, dtype)
        if not value.width or step == 1:
            at.store(value, at.address(base, place, dtype))
            return
        for number in range(value.width):
            at.store(at.lane(value, number), at.address(base, place + self.extent(step * number), dtype))

    @property
    def values(self) -> tuple[Node, ...]:
        """The values whose addresses it takes, in order."""
        return tuple(self.pointers)

    def finish(self, result: Value | None = None) -> str:
        """The text of the module with the finished function, which returns 0 or the given number."""
        self.at.parameters = [*self.pointers.values(), *self._sizes.values()]
        self.at.finish(result or self.at.index(0))
        return self.module.text


def as_number(at: Writer, axis: Axis, size: Callable[[str], Value]) -> Value:
    """A size as a number, from those that have names."""
    if not isinstance(axis, Extent):
        return at.index(axis)
    total = at.index(0)
    for names, count in axis.terms:
        term = at.index(count)
        for name in names:
            term = term * size(name)
        total = total + term
    return total


def is_immediate(node: Node) -> bool:
    """Whether a value is a number that instructions can hold, known now or computed from sizes."""
    if node.name == "constant":
        return np.size(node.attributes["value"]) == 1
    return node.name in ("extent", "iota")


def immediate(at: Writer, node: Node) -> Value:
    """The number that a constant of one element is."""
    value = np.asarray(node.attributes["value"]).reshape(-1)[0].item()
    return at.constant(in_registers(node.dtype), value)
