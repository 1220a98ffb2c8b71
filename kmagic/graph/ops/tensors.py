"""What a value is, and functions that act on functions: gradients of one's own, and one entry after the other."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from kmagic.base.dtypes import standard
from kmagic.base.errors import BadType, Unsupported
from kmagic.graph import trace
from kmagic.graph.eager import as_node
from kmagic.graph.narrow import Bfloat16
from kmagic.graph.node import Body
from kmagic.graph.ops.movement import shape_of
from kmagic.graph.ops.source import input_symbol
from kmagic.graph.symbol import Symbol
from kmagic.graph.table import composite, ops, public


@public
def is_tensor(x: Any) -> bool:
    """Whether x is an array, a symbol or a variable.

    >>> is_tensor(np.zeros(2)), is_tensor([0.0])
    (True, False)
    """
    return isinstance(x, np.ndarray | np.generic | Bfloat16) or hasattr(x, "as_node")


@public
def dtype(x: Any) -> str:
    """The name of the dtype of an array or symbol."""
    return standard(x.dtype if hasattr(x, "dtype") else np.asarray(x).dtype)


@public
def ndim(x: Any) -> int:
    """The number of axes."""
    return len(shape_of(x))


def _rule_gradient(g: Any, y: Any, computed: Any, *inputs: Any, rule: Body) -> list[Any]:
    """What the rule makes of the upstream gradient; it has parameters for that, and for what it takes besides."""
    outside = inputs[len(inputs) - len(rule.parameters) + 1 :]
    values = [g.node, *(symbol.node for symbol in outside)]
    found = trace.substitute(rule.outputs, dict(zip(rule.parameters, values, strict=True)))
    return [None, *map(Symbol, found), *[None] * (len(inputs) - len(found))]


@composite(
    gradient=_rule_gradient,
    shape=lambda computed, *inputs, rule: computed,
    dtype=lambda computed, *inputs, rule: computed,
    compute=None,
    smooth=False,
)
def _own_gradient(*values: Any, rule: Body) -> Any:
    """The first value, whose gradient goes to the next ones by a rule; those after them are what the rule takes."""
    return values[0]


@public
def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """A function with a gradient of its own: `f` returns its result and `grad(upstream)`.

    `grad` gets the gradient of the result, and returns that of each argument (of the only one as it is); if it takes
    arguments by position as well, they are those of `f`.

    >>> @custom_gradient
    ... def square(x):
    ...     return x * x, lambda upstream: upstream * 3.0
    >>> float(square(2.0))
    4.0
    """

    @functools.wraps(f)
    def differentiated(*arguments: Any) -> Any:
        if all(as_node(argument) is None for argument in arguments):
            return f(*arguments)[0]
        symbols = [trace.as_symbol(argument) for argument in arguments]
        result, gradient = f(*symbols)
        computed = trace.as_symbol(result)
        upstream = input_symbol(computed.shape, computed.dtype, "upstream")
        found, _, start = trace.trace_body(lambda: gradient(*_leading(gradient, symbols), upstream=upstream), ())
        parts = list(found) if isinstance(found, list | tuple) else [found]
        rows = [
            trace.as_symbol(ops.zeros_like(symbol) if part is None else part).node
            for part, symbol in zip(parts, symbols, strict=False)
        ]
        outside = trace.captured(rows, start, [upstream.node])
        rule = trace.close(rows, outside, [upstream.node])
        return ops.rows["own_gradient"](computed, *symbols, *map(Symbol, outside), rule=rule)

    return differentiated


def _leading(gradient: Callable[..., Any], inputs: Any) -> Any:
    """The inputs, where a gradient function takes them by position before `upstream`."""
    parameters = inspect.signature(gradient).parameters.values()
    return inputs if any(p.kind is p.VAR_POSITIONAL for p in parameters) else ()


@public
def vectorize(pyfunc: Callable[..., Any], *, excluded: Any = None, signature: str | None = None) -> Callable[..., Any]:
    """A function of arrays that applies `pyfunc` to their entries, arguments stretched against each other.

    On symbols `pyfunc` is called once with all of them, so it must be written in operations that act on each entry.

    >>> vectorize(lambda a, b: a if a > b else b)(np.array([1, 5]), 3).tolist()
    [3, 5]
    """
    if not callable(pyfunc):
        raise BadType(f"pyfunc is {pyfunc!r}", where="vectorize", expected="a function")
    entries = np.vectorize(pyfunc, excluded=excluded, signature=signature)

    @functools.wraps(pyfunc)
    def vectorized(*arguments: Any, **named: Any) -> Any:
        if all(as_node(argument) is None for argument in (*arguments, *named.values())):
            return entries(*arguments, **named)
        if signature is not None:
            raise Unsupported("vectorize(signature=…) of a symbol", expected="kmagic.ops.vectorized_map")
        return pyfunc(*arguments, **named)

    return vectorized
