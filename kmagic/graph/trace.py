"""Tracing: running ordinary code with symbols, so that it leaves a graph behind.

A trace knows the current value of every variable that was read or assigned in it; an assignment replaces that value, so
the order of writes is the order of the code, and the graph has only the last one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from kmagic.base.errors import ShapeMismatch, TraceError
from kmagic.base.shapes import written
from kmagic.graph import eager
from kmagic.graph.names import ops
from kmagic.graph.node import Body, Graph, Node, next_serial, topological
from kmagic.graph.running import running
from kmagic.graph.symbol import Symbol

if TYPE_CHECKING:
    from kmagic.graph.variable import Variable

Look = Callable[[Node], Any]  # the value of a node, or None where it cannot be known


class Trace:
    """The state of one trace: the value of each variable now, and what must be finite.

    In an immediate one `look` finds the values of symbols, so branches are taken at once; what goes on from it knows
    them too. In a trace of something that `repeats`, a variable comes in as a parameter (`entered`), since its value
    may be another one each time.
    """

    def __init__(self, outer: Trace | None = None, look: Look | None = None, repeats: bool = False) -> None:
        self.outer = outer
        self.look: Look | None = look or (outer.look if outer and not repeats else None)
        self.repeats = repeats
        self.values: dict[Variable, Node] = dict(outer.values) if outer and not repeats else {}
        self.entered: dict[Variable, Node] = {}
        self.written: dict[Variable, Node] = {}
        self._before: dict[Variable, list[Node]] = {}
        self.checks: list[Node] = []
        self.cuts = True

    def value(self, variable: Variable) -> Node:
        """The node of a variable's value at this point."""
        if variable not in self.values:
            self.values[variable] = self.enter(variable) if self.repeats else value_of(variable, self.outer)
        return self.values[variable]

    def enter(self, variable: Variable) -> Node:
        """The parameter that stands for a variable's value before each repetition."""
        if variable not in self.entered:
            label = f"variable{len(self.entered)}"
            self.entered[variable] = eager.source_node(
                "placeholder", variable.shape, variable.stored_dtype, label=label
            )
        return self.entered[variable]

    def assign(self, variable: Variable, value: Any) -> None:
        """Make `value` what the variable holds from here on; gradients stop there, if the trace `cuts`."""
        symbol = ops.cast(as_symbol(value, variable.stored_dtype), variable.stored_dtype)
        if symbol.shape != variable.shape:
            raise ShapeMismatch(
                f"value of shape {written(symbol.shape)}",
                where=variable.path,
                expected=written(variable.shape, variable.stored_dtype),
            )
        if variable in self.values:
            self._before.setdefault(variable, []).append(self.values[variable])
        self.written[variable] = symbol.node
        self.values[variable] = (ops.stop_gradient(symbol) if self.cuts else symbol).node

    def hold(self, variable: Variable, value: Node) -> None:
        """Let the variable have this value where it is read, as if it was given with it."""
        self.values[variable] = value

    def earlier(self, variable: Any) -> list[Node]:
        """The values that a variable had in this trace, and in those around, before it was assigned."""
        around = self.outer.earlier(variable) if self.outer and not self.repeats else []
        return [*around, *self._before.get(variable, [])]

    def check(self, value: Any) -> None:
        """Ask the program to write nothing unless `value` is finite."""
        self.checks.append(ops.all(ops.isfinite(as_symbol(value))).node)

    @property
    def passed(self) -> Node:
        """Whether everything that was checked is finite."""
        first, *others = [Symbol(check) for check in self.checks] or [as_symbol(True)]
        for other in others:
            first = ops.logical_and(first, other)
        return first.node


def value_of(variable: Variable, trace: Trace | None) -> Node:
    """The value of a variable now in a trace, or what it holds where there is none."""
    if trace:
        return trace.value(variable)
    return eager.source_node("read", variable.shape, variable.stored_dtype, variables=(variable,))


def leave(variables: Sequence[Variable], values: Sequence[Symbol], checks: Sequence[Symbol], where: str) -> None:
    """Hand what a body assigned and checked to the trace around it."""
    if variables and not running.get():
        raise TraceError(
            f"{variables[0].path} is assigned outside of a program",
            where=where,
            expected="a program around it, or arrays instead of symbols",
        )
    around = running.get()
    if around:
        for variable, value in zip(variables, values, strict=True):
            around.assign(variable, value)
        around.checks.extend(check.node for check in checks)


def current() -> Trace | None:
    """The trace that is running, if one is."""
    return running.get()


def is_immediate() -> bool:
    """Whether the values of symbols are known here."""
    trace = current()
    return trace is not None and trace.look is not None


def as_symbol(value: Any, dtype: str | None = None) -> Symbol:
    """A symbol for any value."""
    node = eager.as_node(value)
    return Symbol(node if node is not None else eager.constant_node(value, dtype))


@contextlib.contextmanager
def tracing(outer: Trace | None = None, look: Look | None = None, repeats: bool = False) -> Iterator[Trace]:
    """Inside, variables are symbols and assignments are recorded."""
    trace = Trace(outer, look, repeats)
    token = running.set(trace)
    try:
        yield trace
    finally:
        running.reset(token)


@contextlib.contextmanager
def not_tracing() -> Iterator[None]:
    """Inside, variables are arrays again (for making them while a program is traced)."""
    token = running.set(None)
    try:
        yield
    finally:
        running.reset(token)


def trace_graph(function: Callable[..., dict[str, Any]], inputs: Sequence[Symbol]) -> Graph:
    """The graph that `function(*inputs)`, which returns named results, leaves behind."""
    with tracing() as trace:
        results = function(*inputs)
    outputs = {name: as_symbol(value).node for name, value in results.items()}
    writes = tuple(((variable,), node) for variable, node in trace.written.items())
    return Graph(tuple(symbol.node for symbol in inputs), outputs, writes, tuple(trace.checks))


def trace_body(function: Callable[..., Any], arguments: Sequence[Symbol]) -> tuple[Any, Trace, int]:
    """Run `function` as part of the trace around it: its result, the inner trace, and where its nodes begin."""
    start = next_serial()
    with tracing(current()) as trace:
        result = function(*arguments)
    return result, trace, start


def captured(outputs: Sequence[Node], start: int, own: Sequence[Node] = ()) -> list[Node]:
    """What a body made from serial `start` on, with parameters of its `own`, takes from outside, in a fixed order."""
    outside = ("read", "placeholder")
    made = {node for node in topological(outputs) if node.serial > start and node.name not in outside}
    inside = made | set(own)
    taken = {source for node in inside for source in node.inputs} | set(outputs)
    # a constant is no less constant inside
    return sorted((node for node in taken - inside if node.name not in _ANYWHERE), key=lambda node: node.serial)


_ANYWHERE = ("constant", "extent", "iota")


def close(outputs: Sequence[Node], outside: Sequence[Node], own: Sequence[Node] = ()) -> Body:
    """A body whose parameters are its `own`, and then what it takes from `outside`."""
    taken = [
        eager.source_node("placeholder", node.shape, node.dtype, label=f"capture{i}") for i, node in enumerate(outside)
    ]
    return Body((*own, *taken), tuple(substitute(outputs, dict(zip(outside, taken, strict=True)))))


def substitute(outputs: Sequence[Node], replaced: dict[Node, Node]) -> list[Node]:
    """The same computation with some nodes exchanged; nodes that need no change are shared."""
    new = dict(replaced)
    for node in topological(outputs):
        if node not in new:
            inputs = tuple(new[source] for source in node.inputs)
            same = all(a is b for a, b in zip(inputs, node.inputs, strict=True))
            new[node] = node if same else rebuilt(node, inputs)
    return [new[node] for node in outputs]


def rebuilt(node: Node, inputs: Sequence[Node]) -> Node:
    """`node` on other inputs."""
    return Node(node.op, tuple(inputs), node.attributes, node.shape, node.dtype, node.origin)
