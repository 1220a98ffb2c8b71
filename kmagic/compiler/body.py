"""Bodies of branches and loops: graphs of their own, compiled to plans of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kmagic.compiler.fuse import fuse
from kmagic.compiler.order import order
from kmagic.compiler.place import Plan, place
from kmagic.graph.node import Body, Graph, Node


def bodies(node: Node) -> Iterator[tuple[str, Body]]:
    """The bodies of a node by name."""
    return ((name, value) for name, value in node.attributes.items() if isinstance(value, Body))


def graph_of_body(body: Body, wanted: Sequence[int] | None = None) -> Graph:
    """A body as a graph with some of its outputs, all by default, under their numbers."""
    numbers = range(len(body.outputs)) if wanted is None else wanted
    return Graph(body.parameters, {str(i): body.outputs[i] for i in numbers})


def planned(body: Body, wanted: Sequence[int] | None = None) -> Plan:
    """The plan of a body whose graph went through the earlier stages with the graph around it."""
    return place(order(fuse(graph_of_body(body, wanted))))
