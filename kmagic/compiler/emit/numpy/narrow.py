"""Reductions over a last axis of a few elements: an operation for each of them, not a loop for each result.

NumPy sets up a loop for every result of a reduction over the last axis, which costs more than adding a few numbers.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from kmagic.base.dtypes import is_float
from kmagic.compiler.emit.numpy.binding import Array, Binding
from kmagic.compiler.emit.numpy.text import Text
from kmagic.graph.node import Node

LARGEST = 8  # elements of the last axis
_FUNCTIONS = {"reduce_sum": np.add, "reduce_max": np.maximum, "reduce_min": np.minimum}


def is_narrow(node: Node) -> bool:
    """Whether a reduction is over the last axis, maybe among others, and that has only a few elements."""
    (source,) = node.inputs
    axes, rank = node.attributes["axes"], len(source.shape)
    if node.name not in _FUNCTIONS or len(axes) == rank or rank - 1 not in axes:
        return False
    last = source.shape[-1]
    return isinstance(last, int) and 2 <= last <= LARGEST and source.dtype == node.dtype and is_float(source.dtype)


def narrow(text: Text, node: Node) -> None:
    """Reduce over the other axes first, which goes along the last one, and then join its elements."""
    (source,) = node.inputs
    function = _FUNCTIONS[node.name]
    others = tuple(axis for axis in node.attributes["axes"] if axis != len(source.shape) - 1)

    def bound(at: Binding) -> Callable[[], None]:
        whole, out = at[source], at[node]
        shape = tuple(length for axis, length in enumerate(whole.shape) if axis not in others)
        rest = np.empty(shape, whole.dtype) if others else whole
        out = out.reshape(shape[:-1])
        first, second, *further = (rest[..., place] for place in range(shape[-1]))

        def reduce() -> None:
            if others:
                function.reduce(whole, others, out=rest)
            function(first, second, out=out)
            _join(function, out, further)

        return reduce

    text.add(f"{text.extra(bound)}()")


def _join(function: np.ufunc, out: Array, further: list[Array]) -> None:
    for part in further:
        function(out, part, out=out)
