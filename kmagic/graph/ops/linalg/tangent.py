"""Derivatives along a direction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kmagic.base.errors import BadType, ShapeMismatch
from kmagic.base.trees import filled, leaves
from kmagic.graph import eager, trace
from kmagic.graph.interpret import evaluate
from kmagic.graph.ops.gradient import expand, gradients
from kmagic.graph.ops.source import input_symbol
from kmagic.graph.symbol import Symbol
from kmagic.graph.table import ops, public


@public
def jvp(fun: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool = False) -> Any:
    """What a function gives, and how that changes where its arguments change along `tangents`.

    With `has_aux` the function returns a pair, whose second half is passed on as a third result.

    >>> value, change = jvp(lambda x: x * x, (3.0,), (2.0,))
    >>> float(value), float(change)
    (9.0, 12.0)
    """
    points, ways = leaves(list(primals), skip_none=True), leaves(list(tangents), skip_none=True)
    alike = [np.shape(way) == np.shape(point) for point, way in zip(points, ways, strict=False)]
    if len(points) != len(ways) or not all(alike):
        raise ShapeMismatch(f"{len(points)} primals and {len(ways)} tangents", where="jvp", expected="equal shapes")
    if trace.current() is not None or any(eager.as_node(value) is not None for value in (*points, *ways)):
        symbols = [_own(value) for value in (*points, *ways)]
        return _pushed(fun, primals, symbols[: len(points)], symbols[len(points) :], has_aux)
    return _at_once(fun, primals, points, ways, has_aux)


def _own(value: Any) -> Symbol:
    """The same value as a node that only this argument has, so that other uses of it are held fixed."""
    symbol = trace.as_symbol(ops.convert_to_tensor(value))
    own: Symbol = ops.rows["reshape"](symbol, symbol.shape)
    return own


def _pushed(fun: Callable[..., Any], primals: Any, points: Sequence[Any], ways: Sequence[Any], has_aux: bool) -> Any:
    """By two gradients: that of Σ u·f(x) is linear in u, and its own gradient along the tangents is the answer."""
    found = fun(*filled(list(primals), points, skip_none=True))
    if has_aux and not (isinstance(found, tuple) and len(found) == 2):
        raise BadType("a function without a second result", where="jvp", expected="has_aux=False")
    result, aux = found if has_aux else (found, None)
    values = [trace.as_symbol(value) for value in leaves(result, skip_none=True)]
    weights = [_own(ops.zeros_like(value)) for value in values]
    pulled = gradients(_total(values, weights), points)
    changes = gradients(_total(pulled, ways), weights)
    value, change = (filled(result, parts, skip_none=True) for parts in (values, changes))
    return (value, change, aux) if has_aux else (value, change)


def _total(values: Sequence[Any], weights: Sequence[Any]) -> Any:
    total: Any = 0.0
    for value, weight in zip(values, weights, strict=True):
        total = total + ops.sum(value * weight)
    return total


def _at_once(fun: Callable[..., Any], primals: Any, points: Sequence[Any], ways: Sequence[Any], has_aux: bool) -> Any:
    arrays = [np.asarray(ops.convert_to_tensor(value)) for value in (*points, *ways)]
    symbols = [input_symbol(array.shape, str(array.dtype), f"x{i}") for i, array in enumerate(arrays)]
    traced = _pushed(fun, primals, symbols[: len(points)], symbols[len(points) :], has_aux)
    nodes = expand([trace.as_symbol(value).node for value in leaves(traced, skip_none=True)])
    given = {symbol.node: array for symbol, array in zip(symbols, arrays, strict=True)}
    with np.errstate(all="ignore"):
        return filled(traced, evaluate(nodes, given, {}), skip_none=True)
