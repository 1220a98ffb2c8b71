"""Group nodes into kernels.

Promise: before, a graph of primitives; after, a list of kernels in an order that respects every dependency, which
together hold each node that does work exactly once. Sources and views do no work.
Method: 1. split nodes into those that outputs, checks and index operations need (phase 0) and those that only updates
need (phase 1), so that nothing is written before the checks; 2. walk in order: a pointwise node joins the last kernel
that runs over the same elements and is not before its inputs; a reduction joins as a last node; 3. everything else is
a kernel of its own. A node never joins a kernel before its inputs, so kernels can never wait for each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kmagic.base.shapes import Shape, written
from kmagic.graph.node import Body, Graph, Node, Origin, topological

VIEWS = ("after", "reshape", "transpose", "slice", "broadcast_to", "windows")


@dataclass(frozen=True)
class Kernel:
    """Nodes that run together over the same elements, in order.

    `kind` is pointwise, product, reduce, movement, index, window, random or control; `phase` 1 kernels run after the
    checks.
    """

    kind: str
    nodes: tuple[Node, ...]
    phase: int

    @property
    def origins(self) -> list[Origin]:
        """Where its nodes come from, each once."""
        return list(dict.fromkeys(node.origin for node in self.nodes))

    @property
    def inputs(self) -> list[Node]:
        """What it reads from outside."""
        own = set(self.nodes)
        return list(dict.fromkeys(source for node in self.nodes for source in node.inputs if source not in own))

    def __str__(self) -> str:
        names = " ".join(node.name for node in self.nodes)
        layers = ", ".join(dict.fromkeys(str(origin) for origin in self.origins if str(origin)))
        return f"{self.kind} {written(self.nodes[-1].shape, self.nodes[-1].dtype)} = {names}" + (
            f"   # {layers}" if layers else ""
        )


@dataclass(frozen=True)
class Kernels:
    """A graph with its work grouped."""

    graph: Graph
    kernels: tuple[Kernel, ...]


def fuse(graph: Graph) -> Kernels:
    """The graph's work as kernels."""
    early = set(topological(_early_roots(graph)))
    groups: list[tuple[str, int, list[Node]]] = []
    place: dict[Node, int] = {}
    for node in graph.nodes:
        if node.op.kind == "source" or node.name == "item" or is_view(node):
            place[node] = max((place[source] for source in node.inputs), default=-1)
            continue
        phase = 0 if node in early else 1
        latest = max((place[source] for source in node.inputs), default=-1)
        joined = next((i for i in reversed(range(max(latest, 0), len(groups))) if _joins(node, phase, groups[i])), None)
        if joined is not None:
            groups[joined][2].append(node)
            place[node] = joined
        else:
            groups.append((node.op.kind, phase, [node]))
            place[node] = len(groups) - 1
    return Kernels(graph, tuple(Kernel(kind, tuple(nodes), phase) for kind, phase, nodes in groups))


def is_view(node: Node) -> bool:
    """Whether a node only looks at its input's memory in another way."""
    return node.name in VIEWS and (node.name != "reshape" or is_dense(node.inputs[0]))


def is_dense(node: Node) -> bool:
    """Whether a value's elements lie one after the other, in order."""
    if node.name == "after":
        return is_dense(node.inputs[0])
    return node.name not in ("transpose", "slice", "broadcast_to", "windows")


def owner(node: Node) -> Node:
    """The node whose memory `node` looks at."""
    while is_view(node):
        node = node.inputs[0]
    return node


def _early_roots(graph: Graph) -> Iterable[Node]:
    """What must be computed before anything may be written."""
    yield from graph.outputs.values()
    yield from graph.checks
    yield from filter(_may_stop, graph.nodes)


def _may_stop(node: Node) -> bool:
    """Whether an index outside its axis may stop the step here, or in a body."""
    bodies = [value for value in node.attributes.values() if isinstance(value, Body)]
    return node.op.kind == "index" or any(_may_stop(inner) for body in bodies for inner in topological(body.outputs))


def _joins(node: Node, phase: int, group: tuple[str, int, Sequence[Node]]) -> bool:
    kind, group_phase, members = group
    if kind != "pointwise" or phase != group_phase or node.op.kind not in ("pointwise", "reduce"):
        return False
    if _space(node) != members[0].shape:
        return False
    inside = {source for source in node.inputs if owner(source) in members}
    # element by element: no sum of all, and no view in which another element stands
    return all(source in members and source.op.kind != "reduce" for source in inside)


def _space(node: Node) -> Shape:
    """The elements that a node runs over."""
    return node.inputs[0].shape if node.op.kind == "reduce" else node.shape
