"""Products with windows where they lie.

Promise: before, a graph whose products take copies of windows, or are added up as windows; after, one that takes the
windows from where they are and adds products where they belong, without the copy.
Method: 1. a product with a matrix that is a copy of windows becomes `contract`, which walks along the axes of the view;
2. a sum of windows that a product gave becomes `spread`, for which a turned matrix is laid out row by row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kmagic.base import shapes
from kmagic.base.shapes import Axis
from kmagic.compiler.emit.llvm.access import is_whole
from kmagic.compiler.fuse import is_view
from kmagic.graph.node import Graph, Node, topological
from kmagic.graph.table import row_called


@dataclass(frozen=True)
class Factored:
    """A matrix as a view of more axes, some of which are its rows and the others its columns."""

    base: Node
    rows: tuple[int, ...]
    columns: tuple[int, ...]


def tile(graph: Graph) -> Graph:
    """The graph with products of windows in place."""
    new: dict[Node, Node] = {}
    for node in topological((*graph.inputs, *graph.roots)):
        inputs = tuple(new[source] for source in node.inputs)
        own = node if inputs == node.inputs else _with(node, inputs)
        new[node] = _contracted(own) or _spread(own) or own
    if all(old is made for old, made in new.items()):
        return graph
    return graph.with_roots([new[root] for root in graph.roots])


def _with(node: Node, inputs: Sequence[Node]) -> Node:
    return Node(node.op, tuple(inputs), node.attributes, node.shape, node.dtype, node.origin)


def _contracted(node: Node) -> Node | None:
    if node.name != "product" or len(node.shape) != 2:
        return None
    left, right = node.inputs
    found = _factored(left)
    if found is None:
        return None
    attributes = {"rows": found.rows, "inner": found.columns}
    return Node(row_called("contract"), (found.base, right), attributes, node.shape, node.dtype, node.origin)


def _factored(node: Node) -> Factored | None:
    """A matrix that is a copy of windows, as the view that was copied."""
    if node.name == "transpose" and len(node.shape) == 2:
        found = _factored(node.inputs[0])
        return Factored(found.base, found.columns, found.rows) if found else None
    if node.name != "reshape" or is_view(node) or len(node.shape) != 2 or not _is_of_windows(node.inputs[0]):
        return None
    (base,) = node.inputs
    count: Axis = 1
    for axis, size in enumerate(base.shape):
        if count == node.shape[0] and axis:
            axes = tuple(range(len(base.shape)))
            return Factored(base, axes[:axis], axes[axis:])
        count = size * count
    return None


def _is_of_windows(node: Node) -> bool:
    while node.name in ("transpose", "windows"):
        if node.name == "windows":
            return True
        node = node.inputs[0]
    return False


def _spread(node: Node) -> Node | None:
    if node.name != "overlap":
        return None
    (windows,) = node.inputs
    if windows.name != "reshape" or windows.inputs[0].name != "product" or len(windows.inputs[0].shape) != 2:
        return None
    a, b = windows.inputs[0].inputs
    axis, rank = node.attributes["axis"], len(node.attributes["kernel"])
    counts = windows.shape[: axis + rank]
    if len(windows.shape) != axis + 2 * rank + 1 or shapes.size(counts) != a.shape[0]:
        return None
    attributes = {"counts": counts, **node.attributes}
    return Node(row_called("spread"), (a, _laid_out(b)), attributes, node.shape, node.dtype, node.origin)


def _laid_out(matrix: Node) -> Node:
    """The same matrix with its rows in one piece: a reshape of what is not makes a copy."""
    if is_whole(matrix):
        return matrix
    return Node(row_called("reshape"), (matrix,), {"shape": matrix.shape}, matrix.shape, matrix.dtype, matrix.origin)
