"""What kernels cost: floating-point operations and bytes moved, as counts for given sizes."""

from __future__ import annotations

import math
from collections.abc import Mapping

from kmagic.base import shapes
from kmagic.base.dtypes import BYTES
from kmagic.compiler.fuse import Kernel, owner
from kmagic.graph.node import Node


def flops(kernel: Kernel, sizes: Mapping[str, int]) -> int:
    """Floating-point operations: 2·n·k·m for a product, one for each element of anything else that computes."""
    return sum(_node_flops(node, sizes) for node in kernel.nodes)


def _node_flops(node: Node, sizes: Mapping[str, int]) -> int:
    if node.op.kind == "product":
        return 2 * _elements(node, sizes) * shapes.bind(node.inputs[0].shape, sizes)[-1]
    if node.op.kind == "reduce":
        return _elements(node.inputs[0], sizes)
    return _elements(node, sizes) if node.op.kind == "pointwise" and node.name != "convert" else 0


def traffic(kernel: Kernel, sizes: Mapping[str, int], escaping: frozenset[Node]) -> int:
    """Bytes read from outside of the kernel and written for others."""
    read = {owner(source) for source in kernel.inputs}
    written = {node for node in kernel.nodes if node in escaping}
    return sum(_elements(node, sizes) * BYTES[node.dtype] for node in read | written)


def _elements(node: Node, sizes: Mapping[str, int]) -> int:
    return math.prod(shapes.bind(node.shape, sizes))
