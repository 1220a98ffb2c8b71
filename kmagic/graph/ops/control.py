"""Control flow: a node that runs one of two bodies. Loops and scans join it here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kmagic.base import dtypes
from kmagic.base.errors import BadType, ShapeMismatch
from kmagic.base.shapes import written
from kmagic.graph import eager, trace
from kmagic.graph.node import Body, Node
from kmagic.graph.ops.gradient import item, reverse
from kmagic.graph.symbol import Symbol
from kmagic.graph.table import ops, primitive, public


def _one_of(predicate: Any, *inputs: Any, true: Body, false: Body) -> Any:
    raise BadType("a branch node cannot be called", expected="kmagic.ops.cond")


def _cond_gradient(g: Any, y: Any, *inputs: Any, true: Body, false: Body) -> list[Any]:
    """A branch of its own, whose bodies are the gradients of the bodies (values are computed anew inside)."""
    places = [i for i, x in enumerate(inputs[1:]) if dtypes.is_float(x.dtype)]
    given = sorted(g)
    bodies = [_gradient_body(body, given, places) for body in (true, false)]
    values = [x.node for x in inputs] + [g[i].node for i in given]
    results = _branch(values, bodies)
    found = dict(zip(places, results, strict=True))
    return [None, *(found.get(i) for i in range(len(inputs) - 1))]


def _gradient_body(body: Body, given: Sequence[int], places: Sequence[int]) -> Body:
    outputs = [body.outputs[i] for i in given]
    seeds = [eager.source_node("placeholder", node.shape, node.dtype, label="seed") for node in outputs]
    sources = [body.parameters[i] for i in places]
    found = reverse(outputs, [Symbol(seed) for seed in seeds], sources)
    return Body((*body.parameters, *seeds), tuple(found))


@primitive(
    "control", numpy=_one_of, gradient=_cond_gradient, shape=lambda *x, true, false: (), compute=None, smooth=False
)
def _cond(*inputs: Any, true: Body, false: Body) -> Any:
    """The outputs of one of two bodies, chosen by the first input."""


@public
def cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """`true_fn()` where `pred` holds, else `false_fn()`; only one of them runs.

    Both must return values of equal shapes and dtypes. Variables may be assigned in either.
    """
    if eager.as_node(pred) is None or trace.is_immediate():
        return true_fn() if pred else false_fn()
    branches = [trace.trace_body(function, ()) for function in (true_fn, false_fn)]
    results = [_flatten(result) for result, _, _ in branches]
    written_variables = list(dict.fromkeys(v for _, inner, _ in branches for v in inner.written))
    outputs = [
        [*(trace.as_symbol(value).node for value in flat), *(inner.value(v) for v in written_variables)]
        for flat, (_, inner, _) in zip(results, branches, strict=True)
    ]
    _check_alike(outputs)
    starts = [start for _, _, start in branches]
    taken = [node for nodes, start in zip(outputs, starts, strict=True) for node in trace.captured(nodes, start)]
    outside = list(dict.fromkeys(taken))
    symbols = _branch([ops.cast(pred, "bool").node, *outside], [trace.close(nodes, outside) for nodes in outputs])
    current = trace.current()
    for variable, value in zip(written_variables, symbols[len(results[0]) :], strict=True):
        if current:
            current.assign(variable, value)
    return _unflatten(branches[0][0], symbols)


def _branch(inputs: Sequence[Node], bodies: Sequence[Body]) -> list[Symbol]:
    row: Any = ops.rows["cond"]
    attributes = {"true": bodies[0], "false": bodies[1]}
    node = Node(row, tuple(inputs), attributes, (), "bool", eager.current_origin())
    return [item(node, i, output) for i, output in enumerate(bodies[0].outputs)]


def _flatten(result: Any) -> list[Any]:
    if result is None:
        return []
    return list(result) if isinstance(result, list | tuple) else [result]


def _unflatten(like: Any, symbols: Sequence[Symbol]) -> Any:
    if like is None:
        return None
    return type(like)(symbols[: len(like)]) if isinstance(like, list | tuple) else symbols[0]


def _check_alike(outputs: Sequence[Sequence[Node]]) -> None:
    kinds = [[written(node.shape, node.dtype) for node in nodes] for nodes in outputs]
    if kinds[0] != kinds[1]:
        raise ShapeMismatch(
            f"branches give {', '.join(kinds[0]) or 'nothing'} and {', '.join(kinds[1]) or 'nothing'}",
            where="cond",
            expected="equal shapes and dtypes from both",
        )
