"""Detach a graph from its variables, so that a program that is kept keeps no model and no data alive.

Promise: before, reads and writes name variables; after, they name slots, which say what the compiler asks of a
variable, and everything else is as it was. Bodies take variables as parameters, so they need no change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kmagic.graph.node import Graph, Node, Target, Targets


@dataclass(frozen=True, eq=False)
class Slot:
    """Where a run puts a variable of its own."""

    path: str
    shape: tuple[int, ...]
    dtype: str
    size: int


def detach(graph: Graph, variables: Sequence[Target]) -> tuple[Graph, tuple[Slot, ...]]:
    """The same graph on slots, one for each of its variables."""
    slots = {id(variable): Slot(variable.path, variable.shape, variable.dtype, variable.size) for variable in variables}
    new: dict[Node, Node] = {}
    for node in graph.nodes:
        new[node] = _on_slots(node, tuple(new[source] for source in node.inputs), slots)
    moved = graph.with_roots([new[root] for root in graph.roots])
    writes = tuple((_in_place_of(targets, slots), node) for targets, node in moved.writes)
    return replace(moved, writes=writes), tuple(slots.values())


def _on_slots(node: Node, inputs: tuple[Node, ...], slots: dict[int, Slot]) -> Node:
    """A node on other inputs; its number stays, so that the order of all nodes does."""
    attributes = node.attributes
    if node.name == "read":
        attributes = {"variables": _in_place_of(attributes["variables"], slots)}
    elif all(new is old for new, old in zip(inputs, node.inputs, strict=True)):
        return node
    return Node(node.op, inputs, attributes, node.shape, node.dtype, node.origin, node.serial)


def _in_place_of(targets: Targets, slots: dict[int, Slot]) -> Targets:
    return tuple(slots[id(variable)] for variable in targets)
