"""Write composites as the primitives that they are made of.

Promise: before, any operation; after, primitives only, in bodies too.
Method: replay each composite's own definition on its inputs; what that leaves behind is lowered in turn. A result of a
`remat` node, whose rule the gradients have been taken by, is what was computed the first time.
"""

from __future__ import annotations

from typing import Any

from kmagic.graph import eager
from kmagic.graph.node import Body, Graph, Node, topological
from kmagic.graph.symbol import Symbol
from kmagic.graph.trace import rebuilt


def lower(graph: Graph) -> Graph:
    """The same program in primitives."""
    done: dict[Node, Node] = {}
    return graph.with_roots([_lowered(root, done) for root in graph.roots])


def _lowered(root: Node, done: dict[Node, Node]) -> Node:
    for node in topological([root]):
        if node not in done:
            inputs = [done[source] for source in node.inputs]
            forgotten = node.name == "item" and node.inputs[0].name == "remat"
            done[node] = done[_remembered(node)] if forgotten else _primitive(node, inputs, done)
    return done[root]


def _remembered(result: Node) -> Node:
    first: Node = result.inputs[0].inputs[result.attributes["index"]]
    return first


def _primitive(node: Node, inputs: list[Node], done: dict[Node, Node]) -> Node:
    if not node.op.is_primitive:
        with eager.origin(node.origin.layer, node.origin.line, node.origin.phase):
            result = node.op.function(*map(Symbol, inputs), **node.attributes)
        done.update({source: source for source in inputs})
        return _lowered(result.node, done)
    attributes = {name: _body(value) for name, value in node.attributes.items()}
    if any(attributes[name] is not node.attributes[name] for name in attributes):
        return Node(node.op, tuple(inputs), attributes, node.shape, node.dtype, node.origin)
    same = all(a is b for a, b in zip(inputs, node.inputs, strict=True))
    return node if same else rebuilt(node, inputs)


def _body(value: Any) -> Any:
    if not isinstance(value, Body):
        return value
    done = {parameter: parameter for parameter in value.parameters}
    return Body(value.parameters, tuple(_lowered(output, done) for output in value.outputs))
