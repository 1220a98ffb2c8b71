"""Immediate tracing: symbols whose values can be looked at while the code that makes them still runs.

`print(x)`, `float(x)`, `if x > 0:` and a debugger work, because the values of the inputs are known: whatever is asked
for is computed then and kept. This is what `run_eagerly=True` runs.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from kmagic.base.errors import ShapeMismatch
from kmagic.base.shapes import written
from kmagic.base.trees import mapped
from kmagic.graph import trace
from kmagic.graph.interpret import run_node
from kmagic.graph.names import ops
from kmagic.graph.node import Node, topological
from kmagic.graph.symbol import Symbol
from kmagic.graph.trace import Trace
from kmagic.graph.variable import Variable

Array = np.ndarray[Any, Any]


class Values:
    """The values of nodes, computed when they are asked for."""

    def __init__(self, given: Mapping[Node, Array]) -> None:
        self._known: dict[Node, Any] = dict(given)

    def __call__(self, node: Node) -> Any:
        """The value of one node; None where it depends on an input of something else."""
        for source in topological([node]):
            if source not in self._known:
                if source.name == "placeholder":
                    return None
                self._known[source] = run_node(source, [self._known[taken] for taken in source.inputs], {})
        return self._known[node]

    def all(self, nodes: Sequence[Node]) -> list[Any]:
        """The values of several nodes."""
        return [self(node) for node in nodes]


@contextlib.contextmanager
def immediate(given: Mapping[Node, Array]) -> Iterator[tuple[Trace, Values]]:
    """Inside, symbols know their values; the trace has what was assigned, and nothing is assigned yet."""
    values = Values(given)
    with trace.tracing(look=values) as recorded:
        yield recorded, values


def apart(variables: Sequence[Variable], given: Sequence[Any], action: Callable[[], Any]) -> Any:
    """What `action` gives where variables hold other values; nothing that it assigns reaches a variable.

    What it assigns is a result like others, so that gradients flow through.
    The result is a tree of symbols while a program is traced, elsewhere of arrays.
    """
    around = trace.current()
    if around is not None:
        with trace.tracing(around) as inner:
            inner.cuts = False
            return _holding(variables, given, action)
    with immediate({}) as (inner, values):
        inner.cuts = False
        found = _holding(variables, given, action)
        return mapped(lambda leaf: np.array(values(leaf.node)) if isinstance(leaf, Symbol) else leaf, found)


def _holding(variables: Sequence[Variable], given: Sequence[Any], action: Callable[[], Any]) -> Any:
    # a given value may be what another of the variables holds
    symbols = [trace.as_symbol(value, variable.stored_dtype) for variable, value in zip(variables, given, strict=True)]
    current = trace.current()
    assert current is not None
    for variable, symbol in zip(variables, symbols, strict=True):
        if symbol.shape != variable.shape:
            raise ShapeMismatch(
                f"value of shape {written(symbol.shape)}",
                where=variable.path,
                expected=written(variable.shape, variable.dtype),
            )
        held: Symbol = ops.cast(symbol, variable.stored_dtype)
        current.hold(variable, held.node)
    return action()
