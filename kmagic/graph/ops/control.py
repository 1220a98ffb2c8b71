"""Branches: a node that runs one of two bodies. Loops are in `loops`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kmagic.base import dtypes, trees
from kmagic.base.errors import BadType, BadValue, ShapeMismatch
from kmagic.base.shapes import written
from kmagic.graph import eager, trace
from kmagic.graph.node import Body, Node
from kmagic.graph.ops.gradient import item, reverse_pass
from kmagic.graph.ops.movement import dtype_of, shape_of
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
    found = reverse_pass(outputs, [Symbol(seed) for seed in seeds], sources)
    return Body((*body.parameters, *seeds), tuple(found))


@primitive(
    "control", numpy=_one_of, gradient=_cond_gradient, shape=lambda *x, true, false: (), compute=None, smooth=False
)
def _cond(*inputs: Any, true: Body, false: Body) -> Any:
    """The outputs of one of two bodies, chosen by the first input."""


@public
def cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """`true_fn()` where `pred` holds, else `false_fn()`; only one of them runs.

    Both must return values of equal structure, shapes and dtypes. Variables may be assigned in either.
    """
    predicate = truth(pred, "cond")
    if not isinstance(predicate, Symbol):
        return true_fn() if predicate else false_fn()
    traced = [trace.trace_body(function, ()) for function in (true_fn, false_fn)]
    results = _values([trees.leaves(result, skip_none=True) for result, _, _ in traced])
    assigned = list(dict.fromkeys(v for _, inner, _ in traced for v in inner.written))
    checked = any(inner.checks for _, inner, _ in traced)
    outputs = [
        [
            *flat,
            *(inner.value(variable) for variable in assigned),
            *([inner.passed] if checked else []),
        ]
        for flat, (_, inner, _) in zip(results, traced, strict=True)
    ]
    _check_alike([result for result, _, _ in traced], outputs)
    taken = [
        node for nodes, (_, _, start) in zip(outputs, traced, strict=True) for node in trace.captured(nodes, start)
    ]
    outside = list(dict.fromkeys(taken))
    symbols = _branch([predicate.node, *outside], [trace.close(nodes, outside) for nodes in outputs])
    first, last = len(results[0]), len(results[0]) + len(assigned)
    trace.leave(assigned, symbols[first:last], symbols[last:], "cond")
    return trees.filled(traced[0][0], symbols[:first], skip_none=True)


def truth(value: Any, where: str) -> bool | Symbol:
    """What a value of one element means as a condition: a truth value, or a scalar symbol of one."""
    if shape_of(value) not in ((), (1,)):
        raise ShapeMismatch(
            f"a condition of {written(shape_of(value), dtype_of(value))}",
            where=eager.place(where),
            expected="one truth value",
            fix="kmagic.ops.all, kmagic.ops.any, or kmagic.ops.where for a choice by element",
        )
    if eager.as_node(value) is None or trace.is_immediate():
        return bool(np.asarray(value))
    symbol: Symbol = ops.reshape(ops.cast(value, "bool"), ())
    return symbol


def _branch(inputs: Sequence[Node], bodies: Sequence[Body]) -> list[Symbol]:
    row: Any = ops.rows["cond"]
    attributes = {"true": bodies[0], "false": bodies[1]}
    node = Node(row, tuple(inputs), attributes, (), "bool", eager.current_origin())
    return [item(node, i, output) for i, output in enumerate(bodies[0].outputs)]


def _values(results: Sequence[Sequence[Any]]) -> list[list[Node]]:
    """Nodes for what the branches return; a plain number takes the dtype of what the other branch has there."""
    first, second = results
    pairs = [eager.dtypes_of(pair) for pair in zip(first, second, strict=False)]
    return [
        [trace.as_symbol(value, pairs[i][branch] if i < len(pairs) else None).node for i, value in enumerate(flat)]
        for branch, flat in enumerate(results)
    ]


def _check_alike(results: Sequence[Any], outputs: Sequence[Sequence[Node]]) -> None:
    kinds = [", ".join(written(node.shape, node.dtype) for node in nodes) or "nothing" for nodes in outputs]
    texts = [trees.described(result) for result in results]
    if kinds[0] != kinds[1]:
        raise ShapeMismatch(
            f"branches give {kinds[0]} and {kinds[1]}", where="cond", expected="equal shapes and dtypes from both"
        )
    if texts[0] != texts[1]:
        raise ShapeMismatch(
            f"branches give {texts[0]} and {texts[1]}", where="cond", expected="equal structures from both"
        )


@public
def switch(index: Any, branches: Sequence[Callable[..., Any]], *operands: Any) -> Any:
    """`branches[index](*operands)`; an index outside counts as the nearest one, and only one branch runs.

    >>> switch(1, [lambda x, y: x + y, lambda x, y: x - y], 2.0, 0.5)
    1.5
    """
    if not branches:
        raise BadValue("no branches", where="switch", expected="at least one function")
    if eager.as_node(index) is None:
        return branches[int(np.clip(index, 0, len(branches) - 1))](*operands)
    return _halved(index, branches, 0, operands)


def _halved(index: Any, branches: Sequence[Callable[..., Any]], first: int, operands: Sequence[Any]) -> Any:
    """Nested branches, so that the one that runs is found in log₂ n steps; `first` is the number of the first."""
    if len(branches) == 1:
        return branches[0](*operands)
    middle = len(branches) // 2
    return cond(
        ops.less(index, first + middle),
        lambda: _halved(index, branches[:middle], first, operands),
        lambda: _halved(index, branches[middle:], first + middle, operands),
    )
