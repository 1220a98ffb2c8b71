"""Nodes: a computation as plain, immutable data."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from kmagic.base.shapes import Shape, written

if TYPE_CHECKING:
    from kmagic.graph.table import Operation

_serial = itertools.count()


@dataclass(frozen=True)
class Origin:
    """Where a node comes from: the layer's path, the user's line, and which part of the step it serves."""

    layer: str = ""
    line: str = ""
    phase: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.layer, f"({self.phase})" if self.phase else "", self.line) if part)


NOWHERE = Origin()


@dataclass(frozen=True, eq=False, slots=True)
class Node:
    """One value: an operation applied to other values.

    `serial` counts nodes in the order they were made; inputs always have smaller numbers.
    """

    op: Operation
    inputs: tuple[Node, ...]
    attributes: Mapping[str, Any]
    shape: Shape
    dtype: str
    origin: Origin = NOWHERE
    serial: int = field(default_factory=lambda: next(_serial))

    @property
    def name(self) -> str:
        """The name of the operation."""
        return self.op.name

    def __repr__(self) -> str:
        return f"{self.name}#{self.serial}:{written(self.shape, self.dtype)}"


def next_serial() -> int:
    """A number that every node made later exceeds."""
    return next(_serial)


@dataclass(frozen=True)
class Body:
    """A graph inside a node (a branch, a loop): placeholders for what it takes, and its outputs."""

    parameters: tuple[Node, ...]
    outputs: tuple[Node, ...]


class Target(Protocol):
    """What a graph says of a variable that it reads or writes."""

    @property
    def path(self) -> str:
        """Its name, with those of the layers around it."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The axes, all known."""

    @property
    def dtype(self) -> str:
        """The dtype's name."""

    @property
    def size(self) -> int:
        """The number of elements."""


Targets = tuple[Target, ...]


@dataclass(frozen=True)
class Graph:
    """A whole program before it is compiled.

    `inputs` are placeholders for data, `outputs` named results, `writes` the last value assigned to variables
    (several of them where a pass merged their updates into one vector), and `checks` truth values that must hold
    before anything is written.
    """

    inputs: tuple[Node, ...]
    outputs: Mapping[str, Node]
    writes: tuple[tuple[Targets, Node], ...] = ()
    checks: tuple[Node, ...] = ()

    @property
    def roots(self) -> tuple[Node, ...]:
        """Everything that must be computed."""
        return (*self.outputs.values(), *(node for _, node in self.writes), *self.checks)

    def with_roots(self, roots: Sequence[Node]) -> Graph:
        """The same program with other nodes as its roots, in the order of `roots`."""
        given = iter(roots)
        return Graph(
            self.inputs,
            {name: next(given) for name in self.outputs},
            tuple((targets, next(given)) for targets, _ in self.writes),
            tuple(next(given) for _ in self.checks),
        )

    @property
    def nodes(self) -> list[Node]:
        """All nodes, inputs before users."""
        return topological((*self.inputs, *self.roots))


def topological(roots: Iterable[Node]) -> list[Node]:
    """All nodes that `roots` depend on, each after its inputs (serial numbers already say so)."""
    return sorted(_reach(roots), key=lambda node: node.serial)


def _reach(roots: Iterable[Node]) -> set[Node]:
    seen: set[Node] = set()
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting.extend(node.inputs)
    return seen


def users(nodes: Iterable[Node]) -> dict[Node, list[Node]]:
    """For each node, those that take it as an input."""
    result: dict[Node, list[Node]] = {}
    for node in nodes:
        result.setdefault(node, [])
        for source in dict.fromkeys(node.inputs):
            result.setdefault(source, []).append(node)
    return result
