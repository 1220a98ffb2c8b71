"""Functions that repeat a function: at once on arrays, as one node of `loops` where symbols take part.

Whether they do shows in the arguments, in a program being traced, or in what the function returns the first time.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from kmagic.base import trees
from kmagic.base.errors import BadType, BadValue, ShapeMismatch, TraceError
from kmagic.base.shapes import Axis, Extent
from kmagic.graph import trace
from kmagic.graph.carry import Carry, TracedBody, carried, is_symbolic, parameter
from kmagic.graph.interpret import evaluate
from kmagic.graph.node import Body
from kmagic.graph.ops.control import truth
from kmagic.graph.ops.gradient import item
from kmagic.graph.ops.keeping import offers
from kmagic.graph.ops.loops import Parts, last_carries, scan_node, while_node
from kmagic.graph.ops.movement import shape_of, whole
from kmagic.graph.symbol import Symbol
from kmagic.graph.table import ops, public

Step = Callable[[Any], Any]

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
    steps = _length(xs, length)
    few = isinstance(steps, int) and steps <= (UNROLLED if unroll is True else min(int(unroll), UNROLLED))
    return _Walk(f, xs, steps, bool(reverse), few).run(carried(init))


def _length(xs: Any, length: Any) -> Axis:
    """How many steps a scan has."""
    leaves = trees.leaves(xs, skip_none=True)
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
    few: bool

    def run(self, start: Carry) -> tuple[Any, Any]:
        """At once, step by step in the program, or as one node."""
        symbolic = is_symbolic(start.values, self.xs) or isinstance(self.length, Extent)
        if isinstance(self.length, int) and self.length > 0 and (self.few or not symbolic):
            found = self._step_by_step(start, self.length)
            if found is not None:
                return found
        carry, ys = self._node(start)
        if symbolic or self.length != 0 or trace.is_immediate():
            return carry, ys
        # no step says what one gives, so the body was traced for the shapes
        nodes = [symbol.node for symbol in trees.leaves((carry, ys), skip_none=True)]
        carry, ys = trees.filled((carry, ys), evaluate(nodes, {}, {}), skip_none=True)
        return carry, ys

    def _step_by_step(self, carry: Carry, length: int) -> tuple[Any, Any] | None:
        """The steps one after the other; None where symbols come from within the function, unless there are few."""
        leaves = [ops.convert_to_tensor(leaf) for leaf in trees.leaves(self.xs, skip_none=True)]
        ys = []
        for t in range(length)[:: -1 if self.backwards else 1]:
            x = trees.filled(self.xs, [leaf[t, ...] for leaf in leaves], skip_none=True)
            result, y = _pair(self.f(carry.given, x))
            if not self.few and is_symbolic(result, y):
                return None
            carry = carry.next(result, "scan")
            ys.append(trees.mapped(ops.convert_to_tensor, y, skip_none=True))
        columns = zip(*(trees.leaves(y, skip_none=True) for y in ys[:: -1 if self.backwards else 1]), strict=True)
        return carry.given, trees.filled(ys[0], [ops.stack(list(column)) for column in columns], skip_none=True)

    def _node(self, start: Carry) -> tuple[Any, Any]:
        walked = [trace.as_symbol(leaf).node for leaf in trees.leaves(self.xs, skip_none=True)]
        body = TracedBody(start)
        slices = [parameter(x.shape[1:], x.dtype, f"slice{i}") for i, x in enumerate(walked)]
        with trace.tracing(trace.current(), repeats=True) as inner:
            result, y = _pair(
                self.f(body.carry, trees.filled(self.xs, [Symbol(node) for node in slices], skip_none=True))
            )
            ys = [trace.as_symbol(ops.convert_to_tensor(value)).node for value in trees.leaves(y, skip_none=True)]
            after = start.next(result, "scan")
        if after.dtypes != start.dtypes:
            return self._node(start.following(after.dtypes))
        body.finish(inner, after)
        outputs = [*body.next, *ys]
        outside = body.outside(outputs, slices)
        closed = trace.close(outputs, outside, [*body.carried, *slices, *body.read])
        closed = Body(closed.parameters, (*closed.outputs, *offers(closed.outputs, slices)))
        inputs = [*body.initial, *walked, *body.read.values(), *outside]
        node = scan_node(Parts(closed, len(body.carried), len(slices)), inputs, self.length, self.backwards)
        stacked = [item(node, len(body.carried) + i, value, self.length) for i, value in enumerate(ys)]
        return body.leave(last_carries(node, body.carried), "scan"), trees.filled(y, stacked, skip_none=True)


def _pair(result: Any) -> tuple[Any, Any]:
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise BadType(f"f returned {result!r}", where="scan", expected="a pair of carry and y; y may be None")
    return result[0], result[1]


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

    start = carried(single)
    found = None if is_symbolic(start.values) else _while_at_once(start, test, advance, limit)
    found = _while_node(start, test, advance, limit) if found is None else found
    return found if several else found[0]


def _while_at_once(carry: Carry, test: Step, body: Step, limit: int | None) -> Any:
    """The loop itself; None where symbols come from within its functions."""
    for _ in itertools.count() if limit is None else range(limit):
        holds = test(carry.given)
        if is_symbolic(holds):
            return None
        if not truth(holds, "while_loop"):
            break
        result = body(carry.given)
        if is_symbolic(result):
            return None
        carry = carry.next(result, "while_loop")
    return carry.given


def _while_node(start: Carry, test: Step, advance: Step, limit: int | None) -> Any:
    body = TracedBody(start)
    with trace.tracing(trace.current(), repeats=True) as inner:
        predicate = trace.as_symbol(truth(test(body.carry), "while_loop")).node
        if inner.written or inner.checks:
            raise TraceError("the condition assigns or checks", where="while_loop", expected="both in the body")
        after = start.next(advance(body.carry), "while_loop")
    if after.dtypes != start.dtypes:
        return _while_node(start.following(after.dtypes), test, advance, limit)
    body.finish(inner, after)
    outside = body.outside([*body.next, predicate])
    own = [*body.carried, *body.read]
    condition, closed = (trace.close(outputs, outside, own) for outputs in ([predicate], body.next))
    inputs = [*body.initial, *body.read.values(), *outside]
    node = while_node(Parts(closed, len(body.carried)), inputs, condition, limit)
    return body.leave(last_carries(node, body.carried), "while_loop")


@public
def fori_loop(lower: Any, upper: Any, body_fun: Callable[[Any, Any], Any], init_val: Any) -> Any:
    """`value = body_fun(i, value)` for i from `lower` to `upper − 1`.

    Between numbers (or axes) it is a scan, and has a gradient; between symbols it is a while_loop.

    >>> int(fori_loop(0, 5, lambda i, total: total + i, 0))
    10
    """
    lower, upper = (end if isinstance(end, Extent) else ops.convert_to_tensor(end) for end in (lower, upper))
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
