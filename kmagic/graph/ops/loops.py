"""Loops as nodes: `scan`, a known number of steps along an axis, and `while`, as long as a condition holds.

Inputs of both are the start values of what is carried from step to step, for a scan the arrays that it walks along,
and what the body takes from outside. Results of a scan are the last carries, one stacked result for each further
output of the body, and the carries before each step (the history, made only where a gradient asks for it).

The gradient of a scan is a scan the other way. It carries the gradients of the carries, and runs each step anew from
the history, but for what takes no more room than inputs of the step (see `keeping`). Gradients of what came from
outside are summed over the steps: afterwards where that is one product (see `hoisting`), else as a further carry.
Source: A. Griewank and A. Walther, Evaluating Derivatives, 2nd edition, 2008, section 12.3 (checkpoints).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kmagic.base.dtypes import is_float
from kmagic.base.errors import BadType, Unsupported
from kmagic.base.shapes import Axis
from kmagic.graph import eager
from kmagic.graph.node import Body, Node
from kmagic.graph.ops.gradient import item, reverse_pass
from kmagic.graph.ops.hoisting import factors_of, summed
from kmagic.graph.ops.keeping import chosen
from kmagic.graph.symbol import Symbol
from kmagic.graph.table import ops, primitive
from kmagic.graph.trace import substitute


@dataclass(frozen=True)
class Parts:
    """What is what among the parameters, inputs and results of a loop's body."""

    body: Body
    carries: int
    slices: int = 0

    def split(self, values: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any], Sequence[Any]]:
        """Parameters or inputs: what is carried, what is walked along, what comes from outside."""
        end = self.carries + self.slices
        return values[: self.carries], values[self.carries : end], values[end:]

    @property
    def next(self) -> Sequence[Node]:
        """The outputs that are carried to the next step."""
        return self.body.outputs[: self.carries]

    @property
    def stacked(self) -> Sequence[Node]:
        """The outputs whose values of all steps are kept."""
        return self.body.outputs[self.carries :]

    @property
    def history(self) -> int:
        """The number of the first result that is a history of a carry."""
        return len(self.body.outputs)


def _refuse(*inputs: Any, **attributes: Any) -> Any:
    raise BadType("a loop node cannot be called", expected="kmagic.ops.scan or kmagic.ops.while_loop")


def _scan_gradient(
    g: Any, y: Any, *inputs: Any, body: Body, length: Axis, reverse: bool, carries: int, slices: int
) -> list[Any]:
    """A scan the other way, whose body is the gradient of the body."""
    parts = Parts(body, carries, slices)
    back = _Backward(parts, sorted(i for i in g if is_float(_like(parts, i).dtype)))
    starts, walked, outside = parts.split(inputs)
    histories = [item(y.node, parts.history + i, c, length) for i, c in enumerate(parts.split(body.parameters)[0])]
    initial = [*(g.get(i, ops.zeros_like(starts[i])) for i in back.carried), *_zeros(outside, back.summed)]
    kept = [item(y.node, body.outputs.index(value, carries), value, length) for value in back.kept]
    along = [*histories, *walked, *kept, *(g[i] for i in back.given)]
    back_parts = Parts(back.body, len(initial), len(along))
    node = scan_node(back_parts, [x.node for x in (*initial, *along, *outside)], length, reverse=not reverse)
    known = dict(zip((*body.parameters[: carries + slices], *back.kept), [*histories, *walked, *kept], strict=True))
    results = back.results(node, length, known)
    return [results.get(parameter) for parameter in body.parameters]


def _zeros(values: Sequence[Any], places: Sequence[int]) -> list[Any]:
    return [ops.zeros_like(values[i]) for i in places]


def _like(parts: Parts, index: int) -> Node:
    """What a result of a loop is made of at each step."""
    outputs = parts.body.outputs
    return outputs[index] if index < len(outputs) else parts.body.parameters[index - len(outputs)]


class _Backward:
    """The body of the scan that goes back: one step's carries, slices and seeds to gradients.

    Its outputs are the gradients of the carries, the sums for what came from outside, and what is stacked: the
    gradients of the slices, and factors of sums that are taken afterwards.
    """

    def __init__(self, parts: Parts, given: Sequence[int]) -> None:
        carries, slices, outside = parts.split(parts.body.parameters)
        self.given = [i for i in given if i >= parts.carries]
        self.carried, self.walked, shared = map(_floats, (carries, slices, outside))
        self.sources = [carries[i] for i in self.carried], [slices[i] for i in self.walked]
        incoming = _stand_ins(self.sources[0])
        seeds = dict(zip(self.given, _stand_ins([_like(parts, i) for i in self.given]), strict=True))
        stacked = [i for i in seeds if i < parts.history]
        found = reverse_pass(
            [*(parts.next[i] for i in self.carried), *(parts.body.outputs[i] for i in stacked)],
            [Symbol(seed) for seed in (*incoming, *(seeds[i] for i in stacked))],
            [*self.sources[0], *self.sources[1], *(outside[i] for i in shared)],
        )
        first, last = len(incoming), len(incoming) + len(self.walked)
        # what was asked of a carry before the step joins what comes through the step
        sent = [_plus(node, seeds.get(i + parts.history)) for i, node in zip(self.carried, found[:first], strict=True)]
        shares = dict(zip(shared, found[last:], strict=True))
        free = {*carries, *slices, *found[first:last]}
        free.update(factor for share in shares.values() for factor in factors_of(share, free) or ())
        factors = {i: factors_of(share, free) for i, share in shares.items()}
        self.hoisted = {outside[i]: shares[i] for i, needed in factors.items() if needed is not None}
        self.summed = [i for i, needed in factors.items() if needed is None]
        self.shared = [outside[i] for i in self.summed]
        sums = _stand_ins(self.shared)
        totals = [_plus(shares[i], total) for i, total in zip(self.summed, sums, strict=True)]
        needed = [factor for found in factors.values() for factor in found or ()]
        self.kept = chosen([*sent, *totals, *found[first:last], *needed], parts.body.outputs, carries, slices)
        there = {*carries, *slices, *self.kept}
        self.slopes = found[first:last]
        self.stacked = list(dict.fromkeys([*self.slopes, *(factor for factor in needed if factor not in there)]))
        known = _stand_ins(self.kept)
        parameters = (*incoming, *sums, *carries, *slices, *known, *seeds.values(), *outside)
        outputs = substitute([*sent, *totals, *self.stacked], dict(zip(self.kept, known, strict=True)))
        self.body = Body(parameters, tuple(outputs))

    def results(self, node: Node, length: Axis, known: dict[Node, Symbol]) -> dict[Node, Symbol]:
        """The gradient by each parameter that has one; `known` has the values of carries and slices at every step."""
        carries, slices = self.sources
        owners = [*carries, *self.shared]
        lasts = {owner: item(node, i, owner) for i, owner in enumerate(owners)}
        every = {value: item(node, len(owners) + i, value, length) for i, value in enumerate(self.stacked)}
        slopes = {owner: every[slope] for owner, slope in zip(slices, self.slopes, strict=True)}
        sums = {owner: summed(share, (every | known).__getitem__) for owner, share in self.hoisted.items()}
        return {**lasts, **slopes, **sums}


def _floats(nodes: Sequence[Node]) -> list[int]:
    return [i for i, node in enumerate(nodes) if is_float(node.dtype)]


def _stand_ins(nodes: Sequence[Node]) -> list[Node]:
    return [eager.source_node("placeholder", node.shape, node.dtype, label="seed") for node in nodes]


def _plus(node: Node, other: Node | None) -> Node:
    result: Node = (Symbol(node) + Symbol(other)).node if other else node
    return result


@primitive("control", numpy=_refuse, gradient=_scan_gradient, shape=lambda *x, **a: (), compute=None, smooth=False)
def _scan(*inputs: Any, body: Body, length: Axis, reverse: bool, carries: int, slices: int) -> Any:
    """A body once for each step along the first axis of some inputs, with values carried from step to step."""


def _while_gradient(g: Any, y: Any, *inputs: Any, test: Body, body: Body, carries: int, limit: int | None) -> list[Any]:
    """That of a scan of `limit` steps, which do nothing once the condition fails."""
    if limit is None:
        raise Unsupported(
            "the gradient of a while_loop of any number of steps",
            where=eager.current_origin().layer or "while_loop",
            expected="maximum_iterations=…, or kmagic.ops.scan, or kmagic.ops.fori_loop between numbers",
        )
    # nodes of their own, so that a value that comes in twice has two gradients
    own = [ops.rows["reshape"](x, x.shape).node for x in inputs]
    node = scan_node(Parts(_step_if(test, body, carries), carries), own, limit)
    places = _floats([x.node for x in inputs])
    results = [item(node, i, body.outputs[i]).node for i in sorted(g)]
    found = reverse_pass(results, [g[i] for i in sorted(g)], [own[i] for i in places])
    gradients = dict(zip(places, map(Symbol, found), strict=True))
    return [gradients.get(i) for i in range(len(inputs))]


def _step_if(test: Body, body: Body, carries: int) -> Body:
    """One step where the condition holds, and nothing where it does not."""
    parameters = _stand_ins(body.parameters)
    (predicate,) = substitute(test.outputs, dict(zip(test.parameters, parameters, strict=True)))
    row: Any = ops.rows["cond"]
    attributes = {"true": body, "false": Body(body.parameters, body.parameters[:carries])}
    node = Node(row, (predicate, *parameters), attributes, (), "bool", eager.current_origin())
    return Body(tuple(parameters), tuple(item(node, i, c).node for i, c in enumerate(body.outputs)))


@primitive("control", numpy=_refuse, gradient=_while_gradient, shape=lambda *x, **a: (), compute=None, smooth=False)
def _while(*inputs: Any, test: Body, body: Body, carries: int, limit: int | None) -> Any:
    """A body again and again as long as a condition on what it carries holds, but at most `limit` times."""


def scan_node(parts: Parts, inputs: Sequence[Node], length: Axis, reverse: bool = False) -> Node:
    """A scan of `length` steps, backwards with `reverse`."""
    attributes = {
        "body": parts.body,
        "length": length,
        "reverse": reverse,
        "carries": parts.carries,
        "slices": parts.slices,
    }
    return _node("scan", inputs, attributes)


def while_node(parts: Parts, inputs: Sequence[Node], test: Body, limit: int | None) -> Node:
    """A loop that runs as long as `test` holds."""
    return _node("while", inputs, {"test": test, "body": parts.body, "carries": parts.carries, "limit": limit})


def _node(name: str, inputs: Sequence[Node], attributes: dict[str, Any]) -> Node:
    row: Any = ops.rows[name]
    return Node(row, tuple(inputs), attributes, (), "bool", eager.current_origin())


def last_carries(node: Node, parameters: Sequence[Node]) -> list[Symbol]:
    """The first results of a loop."""
    return [item(node, i, parameter) for i, parameter in enumerate(parameters)]
