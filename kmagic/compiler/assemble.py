"""Arrays that are put together from parts, each in zeros of its own: one array in which the parts lie side by side.

The gradient of an array that was cut into parts is such a sum.
"""

from __future__ import annotations

from kmagic.graph.load import ops
from kmagic.graph.node import Node
from kmagic.graph.symbol import Symbol


def assembled(node: Node) -> Node | None:
    """The parts one after the other, where `node` is a sum of parts in zeros that fill an axis, none over another."""
    terms = _terms(node)
    axis = _axis(terms)
    if axis is None:
        return None
    ordered = sorted(terms, key=lambda term: _span(term, axis)[0])
    ends = [0]
    for term in ordered:
        start, stop, step = _span(term, axis)
        if start != ends[-1] or step != 1:
            return None
        ends.append(stop)
    if ends[-1] != node.shape[axis]:
        return None
    parts = [Symbol(term.inputs[0]) for term in ordered]
    joined: Node = ops.concatenate(parts, axis).node
    return joined


def _terms(node: Node) -> list[Node]:
    """The terms of a sum of sums, if each has the whole shape; else none."""
    if node.name != "add":
        return [node]
    if any(source.shape != node.shape for source in node.inputs):
        return []
    found = [_terms(source) for source in node.inputs]
    return [term for terms in found for term in terms] if all(found) else []


def _axis(terms: list[Node]) -> int | None:
    """The one axis along which parts in zeros are shorter than the whole."""
    if len(terms) < 2 or any(term.name != "embed" for term in terms):
        return None
    shorter = {axis for term in terms for axis, size in enumerate(term.shape) if term.inputs[0].shape[axis] != size}
    return shorter.pop() if len(shorter) == 1 else None


def _span(term: Node, axis: int) -> tuple[int, int, int]:
    start, stop, step = term.attributes["slices"][axis]
    return start, stop, step
