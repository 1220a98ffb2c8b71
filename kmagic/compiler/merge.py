"""Merge the updates of many variables that are alike into one update of one vector.

Promise: before, one write for each variable; after, the writes whose pointwise formulas are equal but for the
variables that they read are one write over all of them, laid end to end. Values do not change: every element sees the
same formula.
Method: 1. describe each write by its formula, with holes for what has the variable's shape and comes from elsewhere;
2. group the writes whose descriptions are equal; 3. rewrite each group once, on vectors: reads of variables that lie
end to end, and packs of everything else (gradients). 4. A finiteness check of each gradient becomes one of the pack.
Chosen: formulas are compared instead of having optimizers say what is alike, so that a user's own optimizer gains
too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from kmagic.compiler.simplify import simplify
from kmagic.graph import eager
from kmagic.graph.load import ops
from kmagic.graph.node import Graph, Node, Targets
from kmagic.graph.symbol import Symbol

Formula = tuple[object, ...]


@dataclass(frozen=True)
class Update:
    """One write, described: what the formula is, what fills its holes, and the nodes that it is made of."""

    targets: Targets
    root: Node
    formula: Formula
    holes: tuple[Node, ...]
    nodes: tuple[Node, ...]


def merge(graph: Graph) -> Graph:
    """The same program with like updates merged."""
    gradients = {checked_value(check) for check in graph.checks}
    groups: dict[Formula, list[Update]] = {}
    for targets, root in graph.writes:
        update = _described(targets, root, gradients)
        groups.setdefault(update.formula if update.holes else (root, targets), []).append(update)
    families = [members for members in groups.values() if len(members) > 1]
    spans = {_span(members) for members in families}
    packs: dict[tuple[Node, ...], Node] = {}
    writes = [
        (_span(members), _rewritten(members, spans, packs))
        if len(members) > 1
        else (members[0].targets, members[0].root)
        for members in groups.values()
    ]
    # vectors of several variables share what their formulas have in common
    return simplify(Graph(graph.inputs, graph.outputs, tuple(writes), _packed_checks(graph.checks, packs)))


def _span(members: Sequence[Update]) -> Targets:
    return tuple(member.targets[0] for member in members)


def _described(targets: Targets, root: Node, gradients: AbstractSet[Node]) -> Update:
    """The formula of a write; it has no holes where it is not pointwise over the variable's shape."""
    shape = targets[0].shape
    nodes = _formula_nodes(root, gradients)
    if not shape or any(node.shape not in ((), shape) for node in nodes):
        return Update(targets, root, (), (), ())
    numbers: dict[Node, int] = {}
    lines: list[object] = [targets[0].dtype]
    holes: list[Node] = []
    for node in nodes:
        numbers[node] = len(numbers)
        if node.shape == ():
            lines.append(("scalar", node.serial))
        elif _is_leaf(node, gradients):
            holes.append(node)
            lines.append(("hole", node.dtype))
        else:
            attributes = tuple(sorted(node.attributes.items()))
            lines.append((node.name, node.dtype, attributes, *(numbers[source] for source in node.inputs)))
    # a bare hole is a copy: nothing to gain
    return Update(targets, root, tuple(lines), () if root in holes else tuple(holes), nodes)


def _formula_nodes(root: Node, gradients: AbstractSet[Node]) -> tuple[Node, ...]:
    """What a formula is made of, inputs first, in an order that depends on nothing but the formula."""
    result: list[Node] = []
    seen: set[Node] = set()
    waiting = [(root, False)]
    while waiting:
        node, has_inputs = waiting.pop()
        if has_inputs:
            result.append(node)
        elif node not in seen:
            seen.add(node)
            waiting.append((node, True))
            if not _is_leaf(node, gradients):
                waiting.extend((source, False) for source in reversed(node.inputs))
    return tuple(result)


def _is_leaf(node: Node, gradients: AbstractSet[Node]) -> bool:
    """Whether a formula takes a value as it comes."""
    return node.shape == () or node.op.kind != "pointwise" or _bare(node) in gradients


def _rewritten(members: Sequence[Update], spans: set[Targets], packs: dict[tuple[Node, ...], Node]) -> Node:
    """The formula of the first member, on vectors."""
    first = members[0]
    new: dict[Node, Node] = {}
    for place, hole in enumerate(first.holes):
        new[hole] = _vector([member.holes[place] for member in members], spans, packs)
    with eager.origin(layer="optimizer", phase="update"):
        for node in first.nodes:
            if node.shape != () and node not in new:
                inputs = [Symbol(new.get(source, source)) for source in node.inputs]
                new[node] = node.op(*inputs, **node.attributes).node
    return new[first.root]


def _vector(nodes: Sequence[Node], spans: set[Targets], packs: dict[tuple[Node, ...], Node]) -> Node:
    if all(node.name == "read" for node in nodes):
        span = tuple(node.attributes["variables"][0] for node in nodes)
        if span in spans:
            total = sum(variable.size for variable in span)
            return eager.source_node("read", (total,), nodes[0].dtype, variables=span)
    key = tuple(nodes)
    if key not in packs:
        packs[key] = ops.rows["pack"](*map(Symbol, nodes)).node
    return packs[key]


def _packed_checks(checks: Sequence[Node], packs: Mapping[tuple[Node, ...], Node]) -> tuple[Node, ...]:
    """Checks with those of packed values replaced by one check of the pack."""
    holder = {_bare(node): pack for nodes, pack in packs.items() for node in nodes}
    looked_at: dict[Node, Node] = {}
    for check in checks:
        inner = checked_value(check)
        pack = holder.get(inner)
        looked_at.setdefault(pack or inner, ops.all(ops.isfinite(Symbol(pack))).node if pack else check)
    return tuple(looked_at.values())


def checked_value(check: Node) -> Node:
    """What a finiteness check looks at."""
    while check.name in ("reshape", "reduce_min"):
        check = check.inputs[0]
    return _bare(check.inputs[0]) if check.name == "isfinite" else check


def _bare(node: Node) -> Node:
    """A value under its own shape."""
    while node.name == "reshape":
        node = node.inputs[0]
    return node
