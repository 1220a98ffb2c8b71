"""What a scan keeps of each step, so that its gradient need not run the step anew.

Anew is cheap where a step is arithmetic on what is carried, and dear where it has products: the gates of an LSTM take
as much room as the inputs of its step, which the way back needs no more once it has the gates. So a scan offers such
values as further outputs. Its gradient asks for them if they take hardly more room than the slices that they stand
for; those that nobody asks for fall away with the other idle outputs of bodies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from kmagic.base import shapes
from kmagic.base.dtypes import is_float
from kmagic.graph.interpret import bound
from kmagic.graph.node import Node, topological

_CHEAP = ("composite", "movement", "pointwise", "source")  # kinds of operations that may run once more
_ROOM = 1.25  # times what is kept without


def offers(outputs: Sequence[Node], slices: Iterable[Node]) -> list[Node]:
    """Values of a body that its gradient may want: what curves, and what is multiplied, past slices and products."""
    nodes = topological(outputs)
    far = _far(nodes, slices, lambda node: False)
    found: dict[Node, None] = {}
    for node in nodes:
        curved = len(node.inputs) == 1 and node.op.kind in ("composite", "pointwise")
        for value in (*(node.inputs if curved or node.name in ("multiply", "divide") else ()), *([node] * curved)):
            if value in far and is_float(value.dtype) and value.op.kind != "source":
                found[value] = None
    return list(found)


def chosen(
    outputs: Sequence[Node], forward: Sequence[Node], carries: Sequence[Node], slices: Sequence[Node]
) -> list[Node]:
    """The offers that a gradient with these outputs takes; none where it rather runs the step anew.

    `forward` are the outputs of the step itself, of which the first are carried on, and the others can be had.
    """
    own = set(topological(forward))
    used = [node for node in topological(outputs) if node not in own]
    read = {source for node in used for source in node.inputs if source in own} | (set(outputs) & own)
    kept: dict[Node, None] = {}

    def take(node: Node) -> bool:
        if node in read:
            kept[node] = None
        return node in read

    if not any(_is_dear(node) for node in _before(read, own)):
        return []
    _far(topological(forward), slices, take)
    if not set(kept) <= set(forward[len(carries) :]):
        return []
    before = _size([*carries, *(x for x in slices if x in _before(read, own))])
    left = _before(read, own, kept)
    after = _size([*carries, *kept, *(x for x in slices if x in left)])
    return list(kept) if after <= _ROOM * before else []


def _far(nodes: Sequence[Node], slices: Iterable[Node], taken: Callable[[Node], bool]) -> set[Node]:
    """The nodes that depend on slices of floats, or on what is dear, but through those that are taken."""
    far = {x for x in slices if is_float(x.dtype)}
    for node in nodes:
        if (_is_dear(node) or any(source in far for source in node.inputs)) and not taken(node):
            far.add(node)
    return far


def _is_dear(node: Node) -> bool:
    return node.op.kind not in _CHEAP and node.name != "windows"


def _before(roots: Iterable[Node], own: set[Node], kept: Iterable[Node] = ()) -> set[Node]:
    """What roots are made of within `own`, but for what is kept."""
    stop = set(kept)
    found: set[Node] = set()
    waiting = [node for node in roots if node not in stop]
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting.extend(source for source in node.inputs if source in own and source not in stop)
    return found


def _size(nodes: Iterable[Node]) -> int:
    """The room of values, for sizes that are somewhere in the middle."""
    return sum(_elements(node) for node in nodes)


def _elements(node: Node) -> int:
    names = {name for axis in node.shape if isinstance(axis, shapes.Extent) for name in axis.names}
    total = 1
    for axis in bound(node.shape, dict.fromkeys(names, 64)):
        total *= axis
    return total
