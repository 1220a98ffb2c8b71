"""Gradients: a node that asks for them, and the reverse pass that answers.

Asking (`gradients`) leaves one `gradient` node, so that a plan can show the program before and after
differentiation; `expand` replaces it by the reverse pass. Every rule is the row's own and is written in operations, so
expanding an inner gradient first makes gradients of gradients work.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kmagic.base.dtypes import is_float
from kmagic.base.errors import ShapeMismatch, Unsupported
from kmagic.base.shapes import Axis, Shape, size, written
from kmagic.graph import eager, trace
from kmagic.graph.node import Body, Node, topological
from kmagic.graph.ops.reduce import sum_to
from kmagic.graph.symbol import Symbol
from kmagic.graph.table import ops, primitive


def _answered_by_the_compiler(*inputs: Any) -> Any:
    raise Unsupported("a gradient node cannot be run", expected="expand it first")


@primitive("control", numpy=_answered_by_the_compiler, shape=lambda *x: (), compute=None, smooth=False)
def _gradient(*inputs: Any) -> Any:
    """Gradients of the first input, a scalar, with respect to the others."""


@primitive(
    "control",
    numpy=lambda values, index: values[index],
    shape=lambda x, index: x,
    compute=None,
    smooth=False,
)
def _item(x: Any, /, index: int) -> Any:
    """One of the results of an operation that has several."""


def item(node: Node, index: int, like: Node, length: Axis | None = None) -> Symbol:
    """Result `index` of `node`, of the shape and dtype of `like`, or `length` of those stacked."""
    row: Any = ops.rows["item"]
    shape: Shape = like.shape if length is None else (length, *like.shape)
    return Symbol(Node(row, (node,), {"index": index}, shape, like.dtype, node.origin))


def gradients(loss: Any, sources: Sequence[Any]) -> list[Symbol]:
    """The gradients of a scalar symbol with respect to symbols or variables."""
    target = trace.as_symbol(loss)
    if size(target.shape) != 1:
        raise ShapeMismatch(
            f"gradient of {written(target.shape, target.dtype)}", expected="a scalar", fix="kmagic.ops.sum(loss)"
        )
    nodes = sources_of(target.node, sources)
    if trace.is_immediate():
        return [Symbol(node) for node in reverse_pass([target.node], [ops.ones_like(target)], nodes)]
    row: Any = ops.rows["gradient"]
    asked = Node(row, (target.node, *nodes), {}, (), target.dtype, eager.current_origin())
    return [item(asked, i, node) for i, node in enumerate(nodes)]


def sources_of(target: Node, sources: Sequence[Any]) -> list[Node]:
    """The nodes that symbols or variables stand for in what leads to `target`.

    Of a variable that was assigned meanwhile it is the latest value that `target` depends on.
    """
    current = trace.current()
    nodes = [trace.as_symbol(source).node for source in sources]
    earlier = [current.earlier(source) if current else [] for source in sources]
    if not any(earlier):
        return nodes
    used = set(topological([target]))
    return [
        next((value for value in (node, *reversed(before)) if value in used), node)
        for node, before in zip(nodes, earlier, strict=True)
    ]


def expand(roots: Sequence[Node]) -> list[Node]:
    """The same roots with every gradient node answered, inner ones first."""
    new: dict[Node, Any] = {}
    for node in topological(roots):
        inputs = tuple(new[source] for source in node.inputs)
        if node.name == "gradient":
            new[node] = reverse_pass([inputs[0]], [ops.ones_like(Symbol(inputs[0]))], inputs[1:])
        elif node.name == "item" and isinstance(inputs[0], list):
            new[node] = inputs[0][node.attributes["index"]]
        else:
            new[node] = _expanded(node, inputs)
    return [new[node] for node in roots]


def _expanded(node: Node, inputs: tuple[Node, ...]) -> Node:
    """`node` on other inputs, with the gradients inside its bodies answered."""
    bodies = {name: value for name, value in node.attributes.items() if isinstance(value, Body)}
    if bodies:
        inner = {name: Body(body.parameters, tuple(expand(body.outputs))) for name, body in bodies.items()}
        return Node(node.op, inputs, {**node.attributes, **inner}, node.shape, node.dtype, node.origin)
    same = all(a is b for a, b in zip(inputs, node.inputs, strict=True))
    return node if same else trace.rebuilt(node, inputs)


def reverse_pass(outputs: Sequence[Node], seeds: Sequence[Any], sources: Sequence[Node]) -> list[Node]:
    """The gradients of Σ seed·output with respect to `sources`; zeros where there is no path."""
    relevant = _between(outputs, sources)
    found: dict[Node, Any] = {}
    for output, seed in zip(outputs, seeds, strict=True):
        found[output] = _plus(found.get(output), seed)
    for node in reversed(topological(outputs)):
        if node in found and node in relevant and node not in sources:
            _send_back(node, found, relevant)
    return [found[source].node if source in found else ops.zeros_like(Symbol(source)).node for source in sources]


def _between(outputs: Sequence[Node], sources: Sequence[Node]) -> set[Node]:
    """Nodes on a path of floats from a source to an output."""
    reached = set(sources)
    for node in topological(outputs):
        if any(source in reached for source in node.inputs) and (is_float(node.dtype) or node.op.kind == "control"):
            reached.add(node)
    return reached


def _send_back(node: Node, found: dict[Node, Any], relevant: set[Node]) -> None:
    if node.name == "item":
        parts = found.setdefault(node.inputs[0], {})
        parts[node.attributes["index"]] = _plus(parts.get(node.attributes["index"]), found[node])
        return
    if node.op.gradient is None:
        raise Unsupported(f"the gradient of {node.name}", where=str(node.origin) or None)
    with eager.origin(node.origin.layer, node.origin.line, "backward"):
        symbols = [Symbol(source) for source in node.inputs]
        parts = node.op.gradient(found[node], Symbol(node), *symbols, **node.attributes)
        for source, part in zip(node.inputs, parts, strict=True):
            if part is not None and source in relevant:
                part = ops.cast(sum_to(part, source.shape), source.dtype)
                found[source] = _plus(found.get(source), part)


def _plus(total: Any, part: Any) -> Any:
    return part if total is None else total + part
