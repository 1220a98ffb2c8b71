"""Branches and loops: each body is a function of the driver with a context, and memory, of its own.

A step of a scan hands its body addresses of the rows that it walks along and of those where results are stacked, by
changing the body's context; what is carried is copied from step to step. What a body takes from outside and does not
lie in one piece is copied together once, before the loop.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from kmagic.compiler.emit.llvm import movement
from kmagic.compiler.emit.llvm.access import dense, is_whole, offset_of, strides_of
from kmagic.compiler.emit.llvm.kernel import Function
from kmagic.compiler.emit.llvm.text import INDEX, Value
from kmagic.compiler.emit.llvm.walk import Cursor, walk
from kmagic.compiler.fuse import owner
from kmagic.graph.node import Body, Node
from kmagic.graph.ops.loops import Parts

if TYPE_CHECKING:
    from kmagic.compiler.emit.llvm.printer import Printer


def is_native(node: Node) -> bool:
    """Whether a branch or loop can be native: no carry may become another carry's old value."""
    if node.name == "cond":
        return True
    parts = Parts(node.attributes["body"], node.attributes["carries"])
    carries = parts.body.parameters[: parts.carries]
    return all(
        owner(output) is own or owner(output) not in carries for own, output in zip(carries, parts.next, strict=True)
    )


def write(printer: Printer, node: Node) -> None:
    """A control node."""
    {"cond": _cond, "scan": _scan, "while": _while}[node.name](printer, node)


class _Inside:
    """A body printed as a function, and its context in the function around it.

    One that is still holds arrays of NumPy's, which do not see the context change: its values stay where they are.
    """

    def __init__(self, printer: Printer, body: Body, wanted: Sequence[int], shared: Mapping[Node, Node]) -> None:
        self.printer = printer
        self.inner = printer.inside(body, wanted)
        for parameter in body.parameters:
            self.inner.number_of(parameter)
        printed = self.inner.printed()
        self.is_still = printed.has_hosts
        self.context = printer.link_body(printed, dict(shared))
        for parameter, source in shared.items():
            # where it lies may change from step to step of a loop around
            printer.at.store(printer.pointer(source), self.word(parameter))

    def result(self, number: int) -> Node:
        """One of the body's results, in the form that suits the device."""
        return self.inner.plan.schedule.graph.outputs[str(number)]

    def word(self, node: Node) -> Value:
        """Where the body's context has the address of one of its values."""
        return self.printer.word(self.context, self.inner.number_of(node))

    def pointer(self, node: Node) -> Value:
        """The address of one of the body's values, whole in memory."""
        at = self.printer.at
        base = at.load_pointer(self.word(owner(node)))
        return at.address(base, self.printer.extent(offset_of(node)), node.dtype)

    def fill(self, parameter: Node, source: Node) -> None:
        """Copy a value from around to where a parameter lies."""
        self.printer.copy(source, parameter, self.printer.at.load_pointer(self.word(parameter)))

    def copy_out(self, result: Node, target: Node, spot: Value) -> None:
        """Copy one of the body's values to a place."""
        function = Function(self.printer.native.sizes)
        movement.copy(function, result, target, movement.whole(result), self.printer.lanes)
        self.printer.call(function, None, {result: self.pointer(result), target: spot})

    def run(self, node: Node) -> None:
        """Run the body once."""
        self.printer.run_body(self.inner.at.name, self.context, node)


def _shared(parameters: Sequence[Node], sources: Sequence[Node]) -> dict[Node, Node]:
    """Parameters that lie where a value around the body does: those of values in one piece."""
    return {parameter: source for parameter, source in zip(parameters, sources, strict=True) if is_whole(source)}


def _gather_outside(inside: _Inside, parameters: Sequence[Node], sources: Sequence[Node]) -> None:
    for parameter, source in zip(parameters, sources, strict=True):
        if not is_whole(source):
            inside.fill(parameter, source)


def _cond(printer: Printer, node: Node) -> None:
    at = printer.at
    predicate, *taken = node.inputs
    items = printer.plan.items(node)
    flag = at.load("uint8", 0, printer.pointer(predicate))

    def branch(name: str) -> None:
        body: Body = node.attributes[name]
        inside = _Inside(printer, body, list(items), _shared(body.parameters, taken))
        _gather_outside(inside, body.parameters, taken)
        inside.run(node)
        for number, item in items.items():
            inside.copy_out(inside.result(number), item, printer.pointer(item))

    at.either(flag.differs(0), lambda: branch("true"), lambda: branch("false"))


def _scan(printer: Printer, node: Node) -> None:
    attributes = node.attributes
    parts = Parts(attributes["body"], attributes["carries"], attributes["slices"])
    items = printer.plan.items(node)
    stacked = {i: item for i, item in items.items() if parts.carries <= i < parts.history}
    histories = {i - parts.history: item for i, item in items.items() if i >= parts.history}
    carries, slices, outside = parts.split(parts.body.parameters)
    starts, walked, around = parts.split(node.inputs)
    shared = _shared(outside, around)
    inside = _Inside(printer, parts.body, [*range(parts.carries), *stacked], shared)
    for parameter, source in zip(carries, starts, strict=True):
        inside.fill(parameter, source)
    _gather_outside(inside, outside, around)
    direct = set() if inside.is_still else _made_in_place(inside, {i: inside.result(i) for i in stacked})
    at = printer.at
    length = printer.extent(attributes["length"])

    def step(counter: Value, carried: list[Value]) -> list[Value]:
        number = length - 1 - counter if attributes["reverse"] else counter
        for parameter, source in zip(slices, walked, strict=True):
            _walk(inside, parameter, source, number)
        for i, item in histories.items():
            printer.move_bytes(_row(printer, item, number), inside.pointer(carries[i]), printer.bytes_of(carries[i]))
        for i, item in stacked.items():
            if i in direct:
                at.store(_row(printer, item, number), inside.word(inside.result(i)))
        inside.run(node)
        for i, item in stacked.items():
            if i not in direct:
                inside.copy_out(inside.result(i), item, _row(printer, item, number))
        _carry_on(inside, carries)
        return []

    at.loop(0, length, 1, step)
    for i, parameter in enumerate(carries):
        if i in items:
            printer.move_bytes(printer.pointer(items[i]), inside.pointer(parameter), printer.bytes_of(parameter))


def _made_in_place(inside: _Inside, results: Mapping[int, Node]) -> set[int]:
    """Stacked results with memory of their own, which the body can make right where they are stacked."""
    places, every = inside.inner.plan.places, list(results.values())
    return {
        i
        for i, result in results.items()
        if owner(result) is result and places[result].kind == "buffer" and every.count(result) == 1
    }


def _walk(inside: _Inside, parameter: Node, source: Node, number: Value) -> None:
    """Let a parameter be one row of a value: there where it lies, if that is in one piece, else a copy."""
    printer = inside.printer
    row = _row(printer, source, number)
    lies = strides_of(source)[1:]
    if not inside.is_still and all(
        n == 1 or a == b for n, a, b in zip(parameter.shape, lies, dense(parameter.shape), strict=True)
    ):
        printer.at.store(row, inside.word(parameter))
        return
    function = Function(printer.native.sizes)

    def one(cursor: Cursor) -> None:
        cursor.store("row", parameter, cursor.load("source", source))

    walk(function, parameter.shape, {"source": lies, "row": dense(parameter.shape)}, printer.lanes, one)
    printer.call(function, None, {source: row, parameter: inside.pointer(parameter)})


def _row(printer: Printer, node: Node, number: Value) -> Value:
    """The address of one row of a value."""
    at = printer.at
    step = printer.extent(strides_of(node)[0])
    return at.address(printer.pointer(node), number * step, node.dtype)


def _carry_on(inside: _Inside, carries: Sequence[Node]) -> None:
    """What a step gave becomes what the next one takes."""
    for number, parameter in enumerate(carries):
        if inside.result(number) is not parameter:
            inside.copy_out(inside.result(number), parameter, inside.pointer(parameter))


def _while(printer: Printer, node: Node) -> None:
    attributes = node.attributes
    parts = Parts(attributes["body"], attributes["carries"])
    test, limit = attributes["test"], attributes["limit"]
    items = printer.plan.items(node)
    at = printer.at
    carries, _, outside = parts.split(parts.body.parameters)
    starts, _, around = parts.split(node.inputs)
    inside = _Inside(printer, parts.body, list(range(parts.carries)), _shared(outside, around))
    asked = _Inside(printer, test, [0], {})
    for parameter, source in zip(carries, starts, strict=True):
        inside.fill(parameter, source)
    _gather_outside(inside, outside, around)
    for mine, others in zip(parts.body.parameters, test.parameters, strict=True):
        at.store(at.load_pointer(inside.word(mine)), asked.word(others))
    again, on, behind = at.new_label(), at.new_label(), at.new_label()
    before = at.block
    at.jump(again)
    at.begin(again)
    start = len(at.lines)
    at.lines.append("")
    counter = Value(f"%{again}_count", INDEX, 0, at)
    asked.run(node)
    flag = at.load("uint8", 0, asked.pointer(asked.result(0)))
    goes_on = flag.differs(0)
    if limit is not None:
        goes_on = at.bits("and", goes_on, counter < limit)
    at.branch(goes_on, on, behind)
    at.begin(on)
    inside.run(node)
    _carry_on(inside, carries)
    following = counter + 1
    last = at.block
    at.jump(again)
    at.lines[start] = f"  {counter.text} = phi i64 [ 0, %{before} ], [ {following.text}, %{last} ]"
    at.begin(behind)
    for i, parameter in enumerate(carries):
        if i in items:
            printer.move_bytes(printer.pointer(items[i]), inside.pointer(parameter), printer.bytes_of(parameter))
