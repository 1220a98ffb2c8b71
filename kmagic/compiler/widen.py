"""Compute in float32 what is kept in 16 bits.

Promise: before, a graph of primitives; after, no value of float16 or bfloat16 but inputs, variables and outputs. The
numbers are those of float32 arithmetic, rounded to 16 bits where a chain of pointwise operations ends: once for each
kernel, so that a kernel's own steps lose nothing. Casts that a program asks for round always.
Method: one walk in order. A value of 16 bits becomes one of float32, and is rounded unless it is exact anyway (moved,
chosen, taken from rounded values) or all that takes it goes on pointwise, or sums, in 16 bits.
Chosen: buffers between kernels stay float32, whose numbers 16 bits hold, since NumPy would have to widen whatever a
kernel reads; an emitter with 16-bit memory may store the rounded values narrow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kmagic.base.dtypes import NARROW, held_as
from kmagic.compiler.body import bodies
from kmagic.graph import eager
from kmagic.graph.load import ops
from kmagic.graph.narrow import widened
from kmagic.graph.node import Body, Graph, Node, topological, users
from kmagic.graph.symbol import Symbol

WIDE = "float32"
# pointwise operations whose result is one of their inputs, or its opposite
_CHOOSING = ("where", "maximum", "minimum", "negative", "absolute", "floor", "ceil", "round", "sign", "stop_gradient")
_MOVING = ("movement", "index", "source")


def widen(graph: Graph) -> Graph:
    """The same program in float32 where it is in 16 bits."""
    nodes = graph.nodes
    if not _is_narrow(nodes):
        return graph
    walk = _Walk(nodes, {*graph.roots})
    roots = [walk.new[root] for root in graph.roots]
    kept = [*graph.outputs.values(), *(node for _, node in graph.writes), *graph.checks]
    stored = [_stored(new, old.dtype) for new, old in zip(roots, kept, strict=True)]
    inputs = tuple(walk.inputs.get(node, node) for node in graph.inputs)
    return Graph(inputs, graph.outputs, graph.writes, graph.checks).with_roots(stored)


def _is_narrow(nodes: Iterable[Node]) -> bool:
    """Whether something, in bodies too, is of 16 bits."""
    nodes = list(nodes)
    return any(node.dtype in NARROW for node in nodes) or any(
        _is_narrow(topological(body.outputs)) for node in nodes if node.op.kind == "control" for _, body in bodies(node)
    )


def _stored(node: Node, dtype: str) -> Node:
    """A rounded value as it is kept."""
    return ops.cast(Symbol(node), held_as(dtype)).node  # type: ignore[no-any-return]


class _Walk:
    """The state of one walk: `new` is what stands for a node, `inputs` what stands for those of the program."""

    def __init__(self, nodes: Iterable[Node], roots: set[Node], given: Mapping[Node, Node] | None = None) -> None:
        self.new: dict[Node, Node] = dict(given or {})
        self.inputs: dict[Node, Node] = {}
        self.used_by = users(nodes)
        self.roots = roots
        self.rounded: set[Node] = set(self.new.values())
        for node in nodes:
            if node not in self.new:
                with eager.origin(node.origin.layer, node.origin.line, node.origin.phase):
                    self.new[node] = self._widened(node)

    def _widened(self, node: Node) -> Node:
        if node.op.kind == "source":
            return self._source(node)
        if node.name == "convert":
            return self._converted(node)
        inputs = tuple(self.new[source] for source in node.inputs)
        if node.op.reads_memory:
            return self._of_memory(node, inputs)
        made = Node(node.op, inputs, _attributes(node), node.shape, _wide(node.dtype), node.origin)
        if node.dtype not in NARROW:
            return made
        if self._is_exact(node, inputs):
            return self._known(made)
        return made if self._goes_on(node) else self._known(_rounded(made, node.dtype))

    def _known(self, node: Node) -> Node:
        """A node whose numbers 16 bits hold."""
        self.rounded.add(node)
        return node

    def _source(self, node: Node) -> Node:
        if node.dtype not in NARROW:
            return node
        if node.name == "constant":
            return self._known(eager.constant_node(widened(node.attributes["value"]), WIDE))
        if node.name in ("placeholder", "read") and node.dtype == "float16":
            return self._known(ops.cast(Symbol(node), WIDE).node)
        wide = eager.source_node(node.name, node.shape, WIDE, **node.attributes)
        if node.name == "placeholder":
            self.inputs[node] = wide
        return self._known(wide)

    def _converted(self, node: Node) -> Node:
        (source,) = node.inputs
        given = self.new[source]
        if node.dtype in NARROW:
            return self._known(_rounded(_stored(given, WIDE), node.dtype))
        return _stored(given, node.dtype)

    def _of_memory(self, node: Node, inputs: tuple[Node, ...]) -> Node:
        """An operation that looks at the memory of a number gets it as it is kept."""
        stored = [_stored(new, old.dtype) for new, old in zip(inputs, node.inputs, strict=True)]
        made = Node(node.op, tuple(stored), node.attributes, node.shape, node.dtype, node.origin)
        return self._known(_stored(made, WIDE)) if node.dtype in NARROW else made

    def _goes_on(self, node: Node) -> bool:
        """Whether all that takes a value is computed with it, in 16 bits too, before anything is kept."""
        takers = self.used_by[node]
        if node in self.roots or node.op.kind not in ("pointwise", "product", "reduce") or not takers:
            return False
        return all(
            user.name != "convert"
            and user.dtype in NARROW
            and (user.op.kind == "pointwise" and user.shape == node.shape or user.op.kind == "reduce")
            for user in takers
        )

    def _is_exact(self, node: Node, inputs: Iterable[Node]) -> bool:
        """Whether a result has 16 bits because its inputs have."""
        exact = node.op.kind in _MOVING or node.name in (*_CHOOSING, "reduce_max", "reduce_min", "item")
        return exact and all(self._is_known(new, old) for new, old in zip(inputs, node.inputs, strict=True))

    def _is_known(self, new: Node, old: Node) -> bool:
        return old.dtype not in NARROW or new in self.rounded


def _wide(dtype: str) -> str:
    return WIDE if dtype in NARROW else dtype


def _rounded(node: Node, dtype: str) -> Node:
    return ops.rows[f"to_{dtype}"](Symbol(node)).node  # type: ignore[no-any-return]


def _attributes(node: Node) -> dict[str, Any]:
    return {name: _body(value) if isinstance(value, Body) else value for name, value in node.attributes.items()}


def _body(body: Body) -> Body:
    """A body that takes and gives float32 in place of 16 bits."""
    taken = {
        node: eager.source_node(node.name, node.shape, _wide(node.dtype), **node.attributes) for node in body.parameters
    }
    nodes = topological((*body.parameters, *body.outputs))
    walk = _Walk(nodes, {*body.outputs}, taken)
    return Body(tuple(taken.values()), tuple(walk.new[output] for output in body.outputs))
