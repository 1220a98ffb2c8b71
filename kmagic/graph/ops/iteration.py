"""Functions that repeat a function: at once on arrays, as one node of `loops` where symbols take part.

Whether they do shows in the arguments, in a program being traced, or in what the function returns the first time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kmagic.base.dtypes import promote
from kmagic.base.errors import BadType, BadValue, ShapeMismatch, TraceError
from kmagic.base.shapes import Axis, Extent, written
from kmagic.graph import eager, structure, trace
from kmagic.graph.interpret import evaluate
from kmagic.graph.node import Node, next_serial
from kmagic.graph.ops.loops import Parts, item_of, scan_node, while_node
from kmagic.graph.ops.movement import dtype_of, shape_of, whole
from kmagic.graph.symbol import Symbol
from kmagic.graph.table import ops, public

UNROLLED = 16  # steps; more of them would only make a program long


@public
def scan(
    f: Callable[[Any, Any], Any],
    init: Any,
    xs: Any = None,
    length: Any = None,
    reverse: bool = False,
    unroll: int | bool = 1,
) -> tuple[Any, Any]:
    """`carry, y = f(carry, x)` for each x along the first axis of `xs`: the last carry, and all y stacked.

    Carries, xs and ys may be nested structures. `unroll` is a hint: a program has the steps one by one only if at
    most 16 are to be unrolled, all of them.

    >>> total, sums = scan(lambda c, x: (c + x, c + x), 0, np.arange(1, 5, dtype="int32"))
    >>> int(total), sums.tolist()
    (10, [1, 3, 6, 10])
    """
    if not callable(f):
        raise BadType(f"f is {f!r}", where="scan", expected="a function of carry and x")
    if not isinstance(unroll, bool) and (not isinstance(unroll, int) or unroll < 1):
        raise BadValue(f"unroll is {unroll!r}", where="scan", expected="a positive integer or boolean")
    walk = _Walk(f, xs, _length(xs, length), bool(reverse))
    few = isinstance(walk.length, int) and walk.length <= (UNROLLED if unroll is True else min(int(unroll), UNROLLED))
    carry, ys = _settled(init, lambda start: walk.run(start, few))
    return carry, ys


@dataclass(frozen=True)
class Start:
    """What is carried into a loop: the values, and which of them are plain numbers, whose dtype may follow."""

    like: Any
    values: list[Any]
    weak: list[bool]

    def given(self, values: Sequence[Any]) -> Any:
        """Carried values in the user's structure."""
        return structure.filled(self.like, values)

    def check(self, result: Any, where: str) -> list[Any]:
        """The values of a result, if they can be carried on; raises _Follow where plain numbers should follow."""
        if structure.described(result) != structure.described(self.like):
            raise ShapeMismatch(
                f"carry {structure.described(self.like)} becomes {structure.described(result)}",
                where=where,
                expected="one structure in each step",
            )
        after = [ops.convert_to_tensor(value) for value in structure.flatten(result)]
        kinds = [dtype_of(value) for value in self.values]
        for i, (kind, value) in enumerate(zip(kinds, after, strict=True)):
            if self.weak[i] and kind != dtype_of(value) and promote(kind, dtype_of(value)) == dtype_of(value):
                kinds[i] = dtype_of(value)
        if kinds != [dtype_of(value) for value in self.values]:
            raise _Follow(kinds)
        for before, value in zip(self.values, after, strict=True):
            if (shape_of(before), dtype_of(before)) != (shape_of(value), dtype_of(value)):
                first, then = (written(shape_of(v), dtype_of(v)) for v in (before, value))
                raise ShapeMismatch(
                    f"carry {first} becomes {then}",
                    where=where,
                    expected="one shape and dtype in each step",
                    fix="kmagic.ops.cast" if shape_of(before) == shape_of(value) else None,
                )
        return after


class _Follow(Exception):
    """Plain numbers among the start values should have these dtypes."""

    def __init__(self, kinds: list[str]) -> None:
        super().__init__(kinds)
        self.kinds = kinds


def _settled(init: Any, run: Callable[[Start], Any]) -> Any:
    """`run` from start values, again where plain numbers must follow the dtype of what the body makes of them."""
    leaves = structure.flatten(init)
    weak = [isinstance(leaf, bool | int | float) and not isinstance(leaf, np.generic) for leaf in leaves]
    try:
        return run(Start(init, [ops.convert_to_tensor(leaf) for leaf in leaves], weak))
    except _Follow as follow:
        values = [ops.convert_to_tensor(leaf, kind) for leaf, kind in zip(leaves, follow.kinds, strict=True)]
        return run(Start(init, values, [False] * len(leaves)))


def _is_symbolic(*structures: Any) -> bool:
    """Whether a node is to be made."""
    if trace.is_immediate():
        return False
    leaves = structure.flatten(structures)
    return trace.current() is not None or any(eager.as_node(leaf) is not None for leaf in leaves)


def _length(xs: Any, length: Any) -> Axis:
    """How many steps a scan has."""
    leaves = structure.flatten(xs)
    if not leaves and length is None:
        raise BadValue("no xs to scan over and no length", where="scan", expected="either of them")
    if any(shape_of(leaf) == () for leaf in leaves):
        raise ShapeMismatch("xs holds a scalar", where="scan", expected="arrays with an axis to walk along")
    found = [shape_of(leaf)[0] for leaf in leaves]
    if length is not None:
        found = [length if isinstance(length, Extent) else whole(length), *found]
    if any(axis != found[0] for axis in found):
        raise ShapeMismatch(
            f"lengths {', '.join(str(axis) for axis in found)}",
            where="scan",
            expected="xs with equal first axes, and that length",
        )
    return found[0]


@dataclass(frozen=True)
class _Walk:
    """A scan that is to be run."""

    f: Callable[[Any, Any], Any]
    xs: Any
    length: Axis
    backwards: bool

    def run(self, start: Start, few: bool) -> tuple[Any, Any]:
        """At once, step by step in the program, or as one node."""
        symbolic = _is_symbolic(start.values, self.xs) or isinstance(self.length, Extent)
        if isinstance(self.length, int) and self.length > 0 and (few or not symbolic):
            found = self._step_by_step(start, may_be_symbolic=few)
            if found is not None:
                return found
        results = self._node(start)
        if symbolic or self.length != 0 or trace.is_immediate():
            return results
        # no step says what one gives, so the body was traced for the shapes
        nodes = [symbol.node for symbol in structure.flatten(results)]
        return structure.filled(results, evaluate(nodes, {}, {}))  # type: ignore[no-any-return]

    def _step_by_step(self, start: Start, may_be_symbolic: bool) -> tuple[Any, Any] | None:
        """The steps one after the other; None where symbols come from within the function."""
        assert isinstance(self.length, int)
        leaves = [ops.convert_to_tensor(leaf) for leaf in structure.flatten(self.xs)]
        carry, ys = start.values, []
        for t in reversed(range(self.length)) if self.backwards else range(self.length):
            x = structure.filled(self.xs, [leaf[t, ...] for leaf in leaves])
            result, y = _pair(self.f(start.given(carry), x))
            if not may_be_symbolic and _is_symbolic(result, y):
                return None
            carry = start.check(result, "scan")
            ys.append(y)
        order = ys[::-1] if self.backwards else ys
        leaves = [structure.flatten(structure.mapped(ops.convert_to_tensor, y)) for y in order]
        stacked = [ops.stack(list(column)) for column in zip(*leaves, strict=True)]
        return start.given(carry), structure.filled(ys[0], stacked)

    def _node(self, start: Start) -> tuple[Any, Any]:
        walked = [trace.as_symbol(leaf) for leaf in structure.flatten(self.xs)]
        loop = _Loop(start)
        slices = [_parameter(x.shape[1:], x.dtype, f"slice{i}") for i, x in enumerate(walked)]
        with trace.tracing(trace.current(), repeats=True) as inner:
            result, y = _pair(self.f(loop.carry, structure.filled(self.xs, [Symbol(node) for node in slices])))
            ys = [trace.as_symbol(value).node for value in structure.flatten(y)]
            after = start.check(result, "scan")
        loop.finish(inner, after)
        outside = loop.outside([*loop.next, *ys], slices)
        body = trace.close([*loop.next, *ys], outside, [*loop.carried, *slices, *loop.read_only])
        inputs = [*loop.initial, *walked, *loop.read_only_values, *(Symbol(node) for node in outside)]
        parts = Parts(body, len(loop.carried), len(slices))
        node = scan_node(parts, inputs, self.length, self.backwards)
        carry = loop.leave(node, "scan")
        stacked = [item_of(node, len(loop.carried) + i, self.length, value) for i, value in enumerate(ys)]
        return carry, structure.filled(y, stacked)


def _pair(result: Any) -> tuple[Any, Any]:
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise BadType(f"f returned {result!r}", where="scan", expected="a pair of carry and y; y may be None")
    return result[0], result[1]


def _parameter(shape: Any, dtype: str, label: str) -> Node:
    return eager.source_node("placeholder", shape, dtype, label=label)


class _Loop:
    """A loop being traced: its carries are the user's, then the variables that it assigns, then what it checks."""

    def __init__(self, start: Start) -> None:
        self.start = start
        self.serial = next_serial()
        self.initial = [trace.as_symbol(value) for value in start.values]
        self.carried = [_parameter(x.shape, x.dtype, f"carry{i}") for i, x in enumerate(self.initial)]
        self.next: list[Node] = []
        self.variables: list[Any] = []
        self.read_only: list[Node] = []
        self.read_only_values: list[Symbol] = []

    @property
    def carry(self) -> Any:
        """The carries at the start of a step, in the user's structure."""
        return self.start.given([Symbol(node) for node in self.carried])

    def finish(self, inner: trace.Trace, after: Sequence[Any]) -> None:
        """Note what a step gave, read, assigned and checked."""
        self.next = [trace.as_symbol(value).node for value in after]
        self.variables = list(inner.written)
        for variable in self.variables:
            self.initial.append(Symbol(trace.value_of(variable, trace.current())))
            self.carried.append(inner.enter(variable))
            self.next.append(inner.written[variable])
        if inner.checks:
            passed = _parameter((), "bool", "passed")
            self.initial.append(trace.as_symbol(True))
            self.carried.append(passed)
            self.next.append(ops.logical_and(Symbol(passed), Symbol(inner.passed)).node)
        for variable, node in inner.entered.items():
            if variable not in inner.written:
                self.read_only.append(node)
                self.read_only_values.append(Symbol(trace.value_of(variable, trace.current())))

    def outside(self, outputs: Sequence[Node], slices: Sequence[Node] = ()) -> list[Node]:
        """What the body takes from outside, but for variables."""
        return trace.captured(outputs, self.serial, [*self.carried, *slices, *self.read_only])

    def leave(self, node: Node, where: str) -> Any:
        """The user's carries after the last step; variables and checks go to the trace around."""
        results = [item_of(node, i, None, parameter) for i, parameter in enumerate(self.carried)]
        first, last = len(self.start.values), len(self.start.values) + len(self.variables)
        trace.leave(self.variables, results[first:last], results[last:], where)
        return self.start.given(results)


@public
def while_loop(
    cond: Callable[..., Any], body: Callable[..., Any], loop_vars: Any, maximum_iterations: int | None = None
) -> Any:
    """`loop_vars = body(*loop_vars)` again and again as long as `cond(*loop_vars)` holds.

    A tuple or list of variables is passed as positions, anything else as one value. Has a gradient only with
    `maximum_iterations`.

    >>> x, y = while_loop(lambda x, y: x < 10, lambda x, y: (x + 1, y + 2), (0, 1))
    >>> int(x), int(y)
    (10, 21)
    """
    limit = None if maximum_iterations is None else whole(maximum_iterations)
    several = isinstance(loop_vars, list | tuple)
    single = tuple(loop_vars) if several else (loop_vars,)

    def test(values: Any) -> Any:
        return cond(*values)

    def advance(values: Any) -> Any:
        result = body(*values)
        return tuple(result) if isinstance(result, list | tuple) and several else (result,)

    found = _settled(single, lambda start: _while(start, test, advance, limit))
    return found if several else found[0]


def _while(start: Start, test: Callable[..., Any], body: Callable[..., Any], limit: int | None) -> Any:
    if not _is_symbolic(start.values):
        values = start.values
        number = 0
        while limit is None or number < limit:
            holds = test(start.given(values))
            if _is_symbolic(holds):
                break
            if not holds:
                return start.given(values)
            result = body(start.given(values))
            if _is_symbolic(result):
                break
            values = start.check(result, "while_loop")
            number += 1
        else:
            return start.given(values)
    return _while_symbolic(start, test, body, limit)


def _while_symbolic(start: Start, test: Callable[..., Any], body: Callable[..., Any], limit: int | None) -> Any:
    loop = _Loop(start)
    with trace.tracing(trace.current(), repeats=True) as inner:
        predicate = _predicate(test(loop.carry))
        if inner.written or inner.checks:
            raise TraceError("the condition assigns or checks", where="while_loop", expected="both in the body")
        after = start.check(body(loop.carry), "while_loop")
    loop.finish(inner, after)
    outside = loop.outside([*loop.next, predicate])
    own = [*loop.carried, *loop.read_only]
    bodies = [trace.close(outputs, outside, own) for outputs in ([predicate], loop.next)]
    inputs = [*loop.initial, *loop.read_only_values, *(Symbol(node) for node in outside)]
    node = while_node(Parts(bodies[1], len(loop.carried)), inputs, bodies[0], limit)
    return loop.leave(node, "while_loop")


def _predicate(value: Any) -> Node:
    symbol = ops.cast(trace.as_symbol(value), "bool")
    if symbol.shape not in ((), (1,)):
        raise ShapeMismatch(
            f"a condition of {written(symbol.shape, symbol.dtype)}", where="while_loop", expected="one truth value"
        )
    node: Node = ops.reshape(symbol, ()).node
    return node


@public
def fori_loop(lower: Any, upper: Any, body_fun: Callable[[Any, Any], Any], init_val: Any) -> Any:
    """`value = body_fun(i, value)` for i from `lower` to `upper − 1`.

    Between numbers (or axes) it is a scan, and has a gradient; between symbols it is a while_loop.

    >>> int(fori_loop(0, 5, lambda i, total: total + i, 0))
    10
    """
    if any(isinstance(end, Symbol) for end in (lower, upper)):
        _, value = while_loop(
            lambda i, value: ops.less(i, upper),
            lambda i, value: (i + 1, body_fun(i, value)),
            (ops.cast(lower, "int32"), init_val),
        )
        return value
    first, last = (end if isinstance(end, Extent) else whole(end) for end in (lower, upper))
    steps = last - first
    numbers = ops.arange(max(steps, 0) if isinstance(steps, int) else steps) + _start(first)
    return scan(lambda value, i: (body_fun(i, value), None), init_val, numbers)[0]


def _start(first: Axis) -> Any:
    return np.int32(first) if isinstance(first, int) else trace.as_symbol(first)


@public
def map(f: Callable[[Any], Any], xs: Any) -> Any:
    """`f` of each entry along the first axis of `xs`, stacked.

    >>> map(lambda x: x * x, np.arange(4.0)).tolist()
    [0.0, 1.0, 4.0, 9.0]
    """
    return scan(lambda _, x: (None, f(x)), None, xs)[1]


@public
def vectorized_map(function: Callable[[Any], Any], elements: Any) -> Any:
    """`function` of each entry along the first axis of `elements`, stacked; several arrays come in together.

    >>> vectorized_map(lambda pair: pair[0] + pair[1], [np.arange(3.0), np.ones(3)]).tolist()
    [1.0, 2.0, 3.0]
    """
    return scan(lambda _, x: (None, function(x)), None, elements)[1]
