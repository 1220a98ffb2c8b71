"""Remove what need not be computed.

Promise: before and after, a graph of primitives with the same values. NaN and infinity are kept: x·0 stays a product.
Method: one walk in order. For each node 1. apply the first rule that fits, 2. fold it if all inputs are small
constants, 3. look whether the same was computed before. Nodes that nothing needs any more fall away with the walk
from the roots. 4. Where there are branches or loops, `prune` them and walk once more.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from kmagic.base import shapes
from kmagic.base.shapes import Extent
from kmagic.compiler.assemble import assembled
from kmagic.compiler.prune import pruned
from kmagic.graph import eager
from kmagic.graph.interpret import run_node
from kmagic.graph.load import ops
from kmagic.graph.node import Body, Graph, Node, topological
from kmagic.graph.symbol import Symbol
from kmagic.graph.trace import rebuilt

_FOLD_LIMIT = 4096  # elements; larger constants are not worth keeping in a program


def simplify(graph: Graph) -> Graph:
    """The same program with less to do."""
    roots = _simplified(graph.roots)
    if any(node.op.kind == "control" for node in topological(roots)):
        # what was found to be constant or unchanged makes parts of bodies idle, and the other way round
        roots = _simplified(pruned(roots))
    return graph.with_roots(roots)


def _simplified(roots: Iterable[Node], keep: Iterable[Node] = ()) -> list[Node]:
    roots = list(roots)
    new: dict[Node, Node] = {node: node for node in keep}
    known: dict[Any, Node] = {}
    for node in topological(roots):
        if node not in new:
            inputs = [new[source] for source in node.inputs]
            same = all(a is b for a, b in zip(inputs, node.inputs, strict=True))
            new[node] = _settled(node if same else rebuilt(node, inputs), known)
    return [new[root] for root in roots]


def _settled(node: Node, known: dict[Any, Node]) -> Node:
    """Apply rules until none fits; then share equal nodes."""
    for _ in range(20):
        with eager.origin(node.origin.layer, node.origin.line, node.origin.phase):
            better = _better(node)
        if better is None:
            break
        node = better
    if any(isinstance(value, Body) for value in node.attributes.values()):
        bodies = {name: _simple_body(value) for name, value in node.attributes.items()}
        return Node(node.op, node.inputs, bodies, node.shape, node.dtype, node.origin)
    return known.setdefault(_key(node), node)


def _simple_body(value: Any) -> Any:
    if not isinstance(value, Body):
        return value
    return Body(value.parameters, tuple(_simplified(value.outputs, keep=value.parameters)))


def _better(node: Node) -> Node | None:
    rule = RULES.get(node.name)
    found = rule(node) if rule else None
    if found is None and node.op.kind == "pointwise":
        found = _without_broadcast(node)
    if found is None and _is_foldable(node):
        return eager.constant_node(run_node(node, [source.attributes["value"] for source in node.inputs], {}))
    return found


def _is_foldable(node: Node) -> bool:
    if node.op.kind in ("source", "random", "control") or not node.inputs:
        return False
    if any(isinstance(axis, Extent) for axis in node.shape):  # also where another axis of 0 makes the size a number
        return False
    return math.prod(shapes.bind(node.shape, {})) <= _FOLD_LIMIT and all(s.name == "constant" for s in node.inputs)


def _key(node: Node) -> Any:
    if node.name == "placeholder":
        return node
    return node.name, node.inputs, _frozen(node.attributes), node.shape, node.dtype


def _frozen(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.dtype.name, value.shape, value.tobytes()
    if isinstance(value, dict):
        return tuple(sorted((name, _frozen(item)) for name, item in value.items()))
    return value if isinstance(value, tuple) else (type(value).__name__, value)


def _is_constant(node: Node, value: float) -> bool:
    """Whether a node is a constant that equals `value` everywhere."""
    if node.name in ("broadcast_to", "reshape"):
        return _is_constant(node.inputs[0], value)
    return node.name == "constant" and bool(np.all(node.attributes["value"] == value))


def _alone(node: Node, kept: Node) -> Node | None:
    """`kept` in place of `node`, where that is the same shape and dtype."""
    return kept if kept.shape == node.shape and kept.dtype == node.dtype else None


def _add(node: Node) -> Node | None:
    left, right = node.inputs
    if _is_constant(right, 0):
        return _alone(node, left)
    if _is_constant(left, 0):
        return _alone(node, right)
    if right.name == "negative" and right.dtype != "bool":
        return _call("subtract", left, right.inputs[0])
    if left.name == "negative" and left.dtype != "bool":
        return _call("subtract", right, left.inputs[0])
    return assembled(node)


def _subtract(node: Node) -> Node | None:
    left, right = node.inputs
    if _is_constant(right, 0):
        return _alone(node, left)
    if right.name == "negative":
        return _call("add", left, right.inputs[0])
    if _is_constant(left, 0) and right.shape == node.shape:
        return _call("negative", right)
    return None


def _multiply(node: Node) -> Node | None:
    left, right = node.inputs
    for kept, other in ((left, right), (right, left)):
        if _is_constant(other, 1):
            return _alone(node, kept)
        if _is_constant(other, -1) and kept.shape == node.shape:
            return _call("negative", kept)
    if left.name == right.name == "negative":
        return _call("multiply", left.inputs[0], right.inputs[0])
    return None


def _divide(node: Node) -> Node | None:
    return _alone(node, node.inputs[0]) if _is_constant(node.inputs[1], 1) else None


def _negative(node: Node) -> Node | None:
    (source,) = node.inputs
    if source.name == "negative":
        return source.inputs[0]
    if source.name == "subtract":
        return _call("subtract", source.inputs[1], source.inputs[0])
    if source.name == "broadcast_to" and source.dtype != "bool":
        return _call("broadcast_to", _call("negative", source.inputs[0]), shape=node.shape)
    return None


def _power(node: Node) -> Node | None:
    base, exponent = node.inputs
    if base.shape != node.shape:
        return None
    if _is_constant(exponent, 1):
        return base
    return _call("square", base) if _is_constant(exponent, 2) else None


def _where(node: Node) -> Node | None:
    condition, x1, x2 = node.inputs
    if condition.name != "constant":
        return None
    value = condition.attributes["value"]
    if value.all():
        return _alone(node, x1)
    return None if value.any() else _alone(node, x2)


def _convert(node: Node) -> Node | None:
    (source,) = node.inputs
    return source if source.dtype == node.dtype else None


def _pass(node: Node) -> Node | None:
    return node.inputs[0]


def _reshape(node: Node) -> Node | None:
    (source,) = node.inputs
    if source.shape == node.shape:
        return source
    if source.name == "reshape":
        return _call("reshape", source.inputs[0], shape=node.shape)
    if source.name == "broadcast_to" and source.inputs[0].shape == ():
        return _call("broadcast_to", source.inputs[0], shape=node.shape)
    # a sign that has gone outwards meets others, or the sum that makes it cheap
    return _outwards("reshape", node, shape=node.shape)


def _outwards(name: str, node: Node, **attributes: Any) -> Node | None:
    """The negative of what `node` makes of x, where it makes it of −x."""
    (source,) = node.inputs
    if source.name != "negative" or source.inputs[0].dtype != node.dtype:
        return None
    return _call("negative", _call(name, source.inputs[0], **attributes))


def _transpose(node: Node) -> Node | None:
    (source,) = node.inputs
    if source.name != "transpose":
        return None
    axes = tuple(source.attributes["axes"][i] for i in node.attributes["axes"])
    inner = source.inputs[0]
    return inner if axes == tuple(range(len(axes))) else _call("transpose", inner, axes=axes)


def _broadcast(node: Node) -> Node | None:
    (source,) = node.inputs
    if source.shape == node.shape:
        return source
    # axes of size 1 in front of a number make no difference to what it is stretched to
    is_number = source.name == "reshape" and source.inputs[0].shape == ()
    if source.name == "broadcast_to" or is_number:
        return _call("broadcast_to", source.inputs[0], shape=node.shape)
    return None


def _slice(node: Node) -> Node | None:
    (source,) = node.inputs
    whole = tuple((0, n, 1) for n in source.shape)
    return source if node.attributes["slices"] == whole else None


def _reduce(node: Node) -> Node | None:
    """A reduction over axes of size 1 only moves nothing."""
    (source,) = node.inputs
    single = all(source.shape[axis] == 1 for axis in node.attributes["axes"])
    return _call("reshape", source, shape=node.shape) if single and source.dtype == node.dtype else None


def _sum(node: Node) -> Node | None:
    return _reduce(node) or _outwards("reduce_sum", node, **node.attributes)


def _without_broadcast(node: Node) -> Node | None:
    """Pointwise operations stretch their inputs themselves."""
    if not any(source.name == "broadcast_to" for source in node.inputs):
        return None
    inputs = [_unstretched(source) for source in node.inputs]
    if shapes.broadcast(*(source.shape for source in inputs)) != node.shape:
        return None
    return rebuilt(node, inputs)


def _unstretched(node: Node) -> Node:
    return node.inputs[0] if node.name == "broadcast_to" else node


def _call(name: str, *inputs: Node, **attributes: Any) -> Node:
    result: Node = ops.rows[name](*map(Symbol, inputs), **attributes).node
    return result


RULES: dict[str, Callable[[Node], Node | None]] = {
    "add": _add,
    "subtract": _subtract,
    "multiply": _multiply,
    "divide": _divide,
    "negative": _negative,
    "power": _power,
    "where": _where,
    "convert": _convert,
    "stop_gradient": _pass,
    "reshape": _reshape,
    "transpose": _transpose,
    "broadcast_to": _broadcast,
    "slice": _slice,
    "reduce_sum": _sum,
    "reduce_max": _reduce,
    "reduce_min": _reduce,
    "reduce_prod": _reduce,
}
