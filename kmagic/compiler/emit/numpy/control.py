"""Print branches and loops: each body is a plan and a text of its own, in memory of its own, bound once.

A step of a scan hands the body views of what it walks along and of where results are stacked, or copies them where the
body wants them in one place; then it copies what is carried on. All views are made when the program is bound, so a step
allocates nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kmagic.compiler.body import planned
from kmagic.compiler.emit.numpy.text import Extra, Text
from kmagic.compiler.fuse import owner
from kmagic.compiler.legality import check
from kmagic.compiler.place import Plan
from kmagic.graph.interpret import bound
from kmagic.graph.node import Body, Node, users
from kmagic.graph.ops.loops import Parts

if TYPE_CHECKING:
    from kmagic.compiler.emit.numpy.binding import Binding

Array = np.ndarray[Any, Any]
Emit = Callable[[Plan], Text]
Given = Callable[["Binding"], dict[Node, Array]]


class _Inner:
    """A body inside a text: its step, and names for its memory in the text around it.

    One that runs `beside` another, whose carries it looks at, has memory behind that one's.
    """

    def __init__(
        self,
        text: Text,
        body: Body,
        wanted: Sequence[int],
        emit: Emit,
        given: Given,
        own: Sequence[Node] = (),
        beside: _Inner | None = None,
    ) -> None:
        self.outer, self.body, self.beside = text, body, beside
        self.plan = planned(body, wanted)
        check("place", self.plan)
        self.text = emit(self.plan)
        self.text.buffers, self.text.own = self.plan.buffers, tuple(own)
        self.step = text.extra(lambda at: self._around(at).enter(self.plan, self.text, given(at)))
        (beside.text if beside else text).inner.append((self.step, self.text))

    def _around(self, at: Binding) -> Binding:
        return self.beside.binding(at) if self.beside else at

    def binding(self, at: Binding) -> Binding:
        """The body's own memory, given that around it."""
        return self._around(at).inner[id(self.text)]

    def take(self, values: Sequence[Node]) -> None:
        """Make some values arguments of the step, in this order."""
        self.text.arguments = [self.text.name(value) for value in values]

    def memory(self, node: Node) -> Extra:
        """What finds the memory of one of the body's values."""
        return lambda at: self.binding(at)[node]

    def name(self, node: Node) -> str:
        """A name for the memory of one of the body's values."""
        return self.outer.extra(self.memory(node))


def _cond(text: Text, plan: Plan, node: Node, emit: Emit) -> None:
    predicate, *taken = node.inputs
    items = plan.items(node)
    for keyword, name in (("if " + text.name(predicate), "true"), ("else", "false")):
        body: Body = node.attributes[name]
        inner = _Inner(text, body, list(items), emit, _taken(body.parameters, taken))
        text.add(f"{keyword}:")
        text.add(f"    if {inner.step}(): return {text.status(node)}")
        for i, item in items.items():
            text.add(f"    copyto({text.name(item)}, {inner.name(body.outputs[i])})")


def _taken(parameters: Sequence[Node], sources: Sequence[Node]) -> Given:
    return lambda at: {parameter: at[source] for parameter, source in zip(parameters, sources, strict=True)}


def _scan(text: Text, plan: Plan, node: Node, emit: Emit) -> None:
    attributes = node.attributes
    parts = Parts(attributes["body"], attributes["carries"], attributes["slices"])
    items = plan.items(node)
    stacked = [i for i in items if parts.carries <= i < parts.history]
    kept = [i for i in items if i >= parts.history]
    inner = _Inner(text, parts.body, [*range(parts.carries), *stacked], emit, *_memory(parts, node, items))
    carries, slices, _ = parts.split(parts.body.parameters)
    walked = parts.split(node.inputs)[1]
    views = text.extra(_rounds(node, [*walked, *(items[i] for i in (*kept, *stacked))]))
    names = [f"r{i}" for i in range(len(walked) + len(kept) + len(stacked))]
    seen, before, made = names[: len(walked)], names[len(walked) :][: len(kept)], names[len(walked) + len(kept) :]
    results = [parts.body.outputs[i] for i in stacked]
    read, written = _readable(inner.plan, slices), _writable(inner.plan, results)
    passed = {
        **{value: name for value, name in zip(slices, seen, strict=True) if value in read},
        **{value: name for value, name in zip(results, made, strict=True) if value in written},
    }
    inner.take(list(passed))
    _start(text, inner, parts, node)
    text.add(f"for {' '.join(f'{name},' for name in names) or '_'} in {views}:")
    for parameter, name in zip(slices, seen, strict=True):
        if parameter not in passed:
            text.add(f"    {inner.name(parameter)}[...] = {name}")
    for i, name in zip(kept, before, strict=True):
        text.add(f"    {name}[...] = {inner.name(carries[i - parts.history])}")
    text.add(f"    if {inner.step}({', '.join(passed.values())}): return {text.status(node)}")
    for result, name in zip(results, made, strict=True):
        if result not in written:
            text.add(f"    {name}[...] = {passed.get(result) or inner.name(result)}")
    _carry_on(text, inner, parts, passed)


def _readable(plan: Plan, parameters: Sequence[Node]) -> list[Node]:
    """Parameters that pointwise lines alone name, so that they may lie elsewhere in each step."""
    used_by = users(plan.schedule.graph.nodes)
    blocked = _blocked(plan)
    return [
        parameter
        for parameter in parameters
        if all(user.op.kind == "pointwise" and user not in blocked for user in used_by[parameter])
    ]


def _writable(plan: Plan, results: Sequence[Node]) -> list[Node]:
    """Results with memory of their own that lines alone name, so that they can be made right where they are stacked."""
    own = [
        result
        for result in _readable(plan, [node for node in results if node in plan.places])
        if result.op.kind in ("pointwise", "product") and result not in _blocked(plan)
    ]
    return [result for result in own if results.count(result) == 1 and plan.places[result].kind == "buffer"]


def _blocked(plan: Plan) -> set[Node]:
    return {node for number in plan.blocked for node in plan.schedule.kernels[number].nodes}


def _while(text: Text, plan: Plan, node: Node, emit: Emit) -> None:
    attributes = node.attributes
    parts = Parts(attributes["body"], attributes["carries"])
    test, limit = attributes["test"], attributes["limit"]
    items = plan.items(node)
    inner = _Inner(text, parts.body, list(range(parts.carries)), emit, *_memory(parts, node, items))

    def alike(at: Binding) -> dict[Node, Array]:
        own = inner.binding(at)
        return {there: own[here] for there, here in zip(test.parameters, parts.body.parameters, strict=True)}

    asked = _Inner(text, test, [0], emit, alike, beside=inner)
    _start(text, inner, parts, node)
    text.add("while True:" if limit is None else f"for _ in range({limit}):")
    text.add(f"    if {asked.step}(): return {text.status(node)}")
    text.add(f"    if not {asked.name(test.outputs[0])}: break")
    text.add(f"    if {inner.step}(): return {text.status(node)}")
    _carry_on(text, inner, parts, {})


def _memory(parts: Parts, node: Node, items: dict[int, Node]) -> tuple[Given, list[Node]]:
    """Memory for the parameters of a loop's body, and those that have none yet.

    Carries lie where their last values are wanted.
    """
    carries, slices, outside = parts.split(parts.body.parameters)
    lasting = {carry: items[i] for i, carry in enumerate(carries) if i in items}

    def given(at: Binding) -> dict[Node, Array]:
        sources = zip(outside, parts.split(node.inputs)[2], strict=True)
        return {parameter: at[source] for parameter, source in (*sources, *lasting.items())}

    return given, [parameter for parameter in (*carries, *slices) if parameter not in lasting]


def _rounds(node: Node, arrays: Sequence[Node]) -> Extra:
    """The views of each step, in the order of the steps."""

    def make(at: Binding) -> Any:
        length = bound(node.attributes["length"], at.sizes)
        steps = range(length)[::-1] if node.attributes["reverse"] else range(length)
        return [tuple(at[array][t, ...] for array in arrays) for t in steps] if arrays else steps

    return make


def _start(text: Text, inner: _Inner, parts: Parts, node: Node) -> None:
    for parameter, source in zip(parts.split(parts.body.parameters)[0], parts.split(node.inputs)[0], strict=True):
        text.add(f"copyto({inner.name(parameter)}, {text.name(source)})")


def _carry_on(text: Text, inner: _Inner, parts: Parts, elsewhere: Mapping[Node, str]) -> None:
    """Make what a step gave the carries of the next one; some of it was made elsewhere."""
    carries = parts.split(parts.body.parameters)[0]
    moves = [(old, new) for old, new in zip(carries, parts.next, strict=True) if new is not old]
    waiting = []
    for old, new in moves:
        value = elsewhere.get(new) or inner.name(new)
        if owner(new) in carries:  # it looks at a carry that is about to change
            spare = text.extra(_empty_like(inner.memory(new)))
            text.add(f"    {spare}[...] = {value}")
            value = spare
        waiting.append(f"    {inner.name(old)}[...] = {value}")
    for line in waiting:
        text.add(line)


def _empty_like(memory: Extra) -> Extra:
    return lambda at: np.empty_like(memory(at))


CONTROLS: dict[str, Callable[[Text, Plan, Node, Emit], None]] = {"cond": _cond, "scan": _scan, "while": _while}
