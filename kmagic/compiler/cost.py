"""What kernels cost: floating-point operations and bytes moved, as counts for given sizes.

A scan costs its length times its body, a branch as much as the dearer body, and a loop without a known number of
steps as much as one step.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from kmagic.base import shapes
from kmagic.base.dtypes import BYTES
from kmagic.compiler.body import bodies, graph_of_body
from kmagic.compiler.fuse import Kernel, fuse, owner
from kmagic.graph.interpret import bound
from kmagic.graph.node import Graph, Node


def flops(kernel: Kernel, sizes: Mapping[str, int]) -> int:
    """Floating-point operations: 2·n·k·m for a product, one for each element of anything else that computes."""
    return sum(_node_flops(node, sizes) for node in kernel.nodes)


def _node_flops(node: Node, sizes: Mapping[str, int]) -> int:
    if node.op.kind == "control":
        return _of_bodies(node, sizes, lambda kernel: flops(kernel, sizes))
    if node.op.kind == "product":
        return 2 * _elements(node, sizes) * shapes.bind(node.inputs[0].shape, sizes)[-1]
    if node.op.kind == "reduce":
        return _elements(node.inputs[0], sizes)
    return _elements(node, sizes) if node.op.kind == "pointwise" and node.name != "convert" else 0


def largest_product(graph: Graph, sizes: Mapping[str, int]) -> int:
    """Multiplications of the largest product of two matrices, also within bodies; of a stack of them each counts."""
    found = [0]
    for node in graph.nodes:
        if node.op.kind == "product":
            shared = shapes.bind(node.inputs[0].shape, sizes)[-1]
            found.append(shared * math.prod(shapes.bind(node.shape, sizes)[-2:]))
        elif node.op.kind == "control":
            found += [largest_product(graph_of_body(body), sizes) for _, body in bodies(node)]
    return max(found)


def traffic(kernel: Kernel, sizes: Mapping[str, int], escaping: frozenset[Node]) -> int:
    """Bytes read from outside of the kernel and written for others."""
    if kernel.kind == "control":
        return sum(
            _of_bodies(node, sizes, lambda inner: traffic(inner, sizes, frozenset(inner.nodes)))
            for node in kernel.nodes
        )
    read = {owner(source) for source in kernel.inputs}
    written = {node for node in kernel.nodes if node in escaping}
    return sum(_elements(node, sizes) * BYTES[node.dtype] for node in read | written)


def _of_bodies(node: Node, sizes: Mapping[str, int], figure: Callable[[Kernel], int]) -> int:
    """A figure of a node that runs bodies."""
    of_one = [sum(map(figure, fuse(graph_of_body(body)).kernels)) for _, body in bodies(node)]
    return max(of_one) if node.name == "cond" else repetitions(node, sizes) * sum(of_one)


def repetitions(node: Node, sizes: Mapping[str, int]) -> int:
    """How often a loop runs its body; at most, where a condition decides; 1 where that has no limit."""
    steps: int | None = bound(node.attributes.get("length", node.attributes.get("limit")), sizes)
    return 1 if steps is None else steps


def _elements(node: Node, sizes: Mapping[str, int]) -> int:
    return math.prod(shapes.bind(node.shape, sizes))
