"""Take out of branches and loops what nobody asks for.

Promise: before and after, the same values of everything that is asked for. A body keeps the outputs that are used, the
carries that those need, and the parameters that are left; a carry that every step hands on as it is becomes a value
from outside, and a constant from outside a constant inside.
Method: one walk in order, as in `simplify`; for each loop the carries that are needed are found by growing the set
until it stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from kmagic.compiler.body import bodies
from kmagic.graph.load import ops
from kmagic.graph.node import Body, Node, topological
from kmagic.graph.ops.gradient import item
from kmagic.graph.ops.loops import Parts
from kmagic.graph.symbol import Symbol
from kmagic.graph.trace import rebuilt, substitute

Results = dict[int, Node]  # what takes the place of each result of a node, by number


def pruned(roots: Iterable[Node], keep: Iterable[Node] = ()) -> list[Node]:
    """The same roots with less inside their branches and loops."""
    roots = list(roots)
    nodes = topological(roots)
    asked = _asked(nodes)
    new: dict[Node, Node] = {node: node for node in keep}
    results: dict[Node, Results] = {}
    for node in nodes:
        if node in new:
            continue
        inputs = [new[source] for source in node.inputs]
        if node.name == "item" and node.inputs[0] in results:
            new[node] = results[node.inputs[0]][node.attributes["index"]]
        elif node.name in _PRUNERS:
            new[node], results[node] = _PRUNERS[node.name](node, inputs, asked[node])
        else:
            same = all(a is b for a, b in zip(inputs, node.inputs, strict=True))
            new[node] = node if same else rebuilt(node, inputs)
    return [new[root] for root in roots]


def _asked(nodes: Sequence[Node]) -> dict[Node, dict[int, Node]]:
    """The results of each node that are used, by number."""
    asked: dict[Node, dict[int, Node]] = {}
    for node in nodes:
        if node.name == "item":
            asked.setdefault(node.inputs[0], {})[node.attributes["index"]] = node
    return asked


def _with(node: Node, inputs: Sequence[Node], **attributes: object) -> Node:
    return Node(node.op, tuple(inputs), {**node.attributes, **attributes}, node.shape, node.dtype, node.origin)


def _settled(body: Body, inputs: Sequence[Node], outputs: Sequence[int]) -> Body:
    """A body with some of its outputs, constants put in, and its own bodies pruned."""
    constants = {
        parameter: source
        for parameter, source in zip(body.parameters[len(body.parameters) - len(inputs) :], inputs, strict=True)
        if source.name == "constant"
    }
    wanted = pruned((body.outputs[i] for i in outputs), keep=body.parameters)
    return Body(body.parameters, tuple(substitute(wanted, constants)))


def _used(given: Sequence[Body]) -> list[int]:
    """The numbers of the parameters that one of the bodies uses."""
    reached = [set(topological(body.outputs)) for body in given]
    return [
        i
        for i in range(len(given[0].parameters))
        if any(body.parameters[i] in nodes for body, nodes in zip(given, reached, strict=True))
    ]


def _select(body: Body, parameters: Sequence[int]) -> Body:
    return replace(body, parameters=tuple(body.parameters[i] for i in parameters))


def _cond(node: Node, inputs: Sequence[Node], asked: dict[int, Node]) -> tuple[Node, Results]:
    predicate, *taken = inputs
    outputs = sorted(asked)
    given = {name: _settled(body, taken, outputs) for name, body in bodies(node)}
    kept = _used(list(given.values()))
    left = {name: _select(body, kept) for name, body in given.items()}
    result = _with(node, [predicate, *(taken[i] for i in kept)], **left)
    return result, {i: item(result, place, asked[i]).node for place, i in enumerate(outputs)}


def _loop(node: Node, inputs: Sequence[Node], asked: dict[int, Node]) -> tuple[Node, Results]:
    """Carries that stay as they are leave first, then what is not needed."""
    parts = Parts(node.attributes["body"], node.attributes["carries"], node.attributes.get("slices", 0))
    test: Body | None = node.attributes.get("test")
    needed = _needed(parts, test, asked)
    carries, slices, _ = parts.split(range(len(inputs)))
    fixed = [i for i in needed if parts.next[i] is parts.body.parameters[i]]
    moving = [i for i in needed if i not in fixed]
    stacked = sorted(i for i in asked if parts.carries <= i < parts.history)
    outside = [i for i in range(len(inputs)) if i not in carries and i not in slices] + fixed
    order = [*moving, *slices, *outside]
    outer = [inputs[i] for i in outside]
    body = _settled(_select(parts.body, order), outer, [*moving, *stacked])
    tests = {} if test is None else {"test": _settled(_select(test, order), outer, [0])}
    used = set(_used([body, *tests.values()]))
    left = [place for place in range(len(order)) if place < len(moving) or place in used]
    walked = {"slices": sum(order[place] in slices for place in left)} if node.name == "scan" else {}
    result = _with(
        node,
        [inputs[order[place]] for place in left],
        body=_select(body, left),
        carries=len(moving),
        **{name: _select(own, left) for name, own in tests.items()},
        **walked,
    )
    return result, _renamed(parts, result, asked, moving, stacked, inputs)


def _needed(parts: Parts, test: Body | None, asked: dict[int, Node]) -> list[int]:
    """The carries that results, the condition, or other needed carries depend on."""
    roots = [parts.body.outputs[i] for i in asked if parts.carries <= i < parts.history]
    needed = {i for i in asked if i < parts.carries} | {i - parts.history for i in asked if i >= parts.history}
    if test is not None:
        conditions = set(topological(test.outputs))
        needed |= {i for i in range(parts.carries) if test.parameters[i] in conditions}
    while True:
        reached = set(topological([*roots, *(parts.next[i] for i in needed)]))
        grown = needed | {i for i in range(parts.carries) if parts.body.parameters[i] in reached}
        if grown == needed:
            return sorted(needed)
        needed = grown


def _renamed(
    parts: Parts,
    result: Node,
    asked: dict[int, Node],
    moving: Sequence[int],
    stacked: Sequence[int],
    inputs: Sequence[Node],
) -> Results:
    """Where each result that was asked for is now."""
    numbers = {old: new for new, old in enumerate([*moving, *stacked, *(i + parts.history for i in moving)])}
    renamed: Results = {}
    for i, old in asked.items():
        if i in numbers:
            renamed[i] = item(result, numbers[i], old).node
        else:  # a carry that stays as it is, at the end or at every step
            start = Symbol(inputs[i % parts.history])
            renamed[i] = ops.broadcast_to(start, old.shape).node
    return renamed


_PRUNERS = {"cond": _cond, "scan": _loop, "while": _loop}
