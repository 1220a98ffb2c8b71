"""Sums over the steps of a loop, taken after it: Σₜ aₜᵀ·gₜ is one product over all rows of all steps.

What a matrix gives to each step's gradient is a product over the rows of a batch. Added up step by step it costs a
small product and a pass over the whole matrix each time; taken together it is one large product. So a step only keeps
the factors, which for the most part it keeps anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any

from kmagic.base import shapes
from kmagic.graph.node import Node
from kmagic.graph.symbol import Symbol
from kmagic.graph.table import ops
from kmagic.graph.trace import rebuilt

Values = Callable[[Node], Any]

# of a sum it is all the same whether they come before or after it
_LINEAR = ("embed", "negative", "reshape", "slice", "transpose")


def factors_of(share: Node, kept: Container[Node]) -> list[Node] | None:
    """What each step must keep so that its `share` can be summed up afterwards; None if it must be summed at once.

    A plain sum is no cheaper afterwards, so for it nothing is kept but what is `kept` anyway.
    """
    if share.name == "product":
        left, right = share.inputs
        if left.name != "transpose" or not len(left.shape) == len(right.shape) == 2 or _is_spread(left.inputs[0]):
            return None
        return [left.inputs[0], right]
    if share.name == "reduce_sum":
        return [share.inputs[0]] if share.inputs[0] in kept else None
    if share.name == "add" and all(source.shape == share.shape for source in share.inputs):
        first, second = (factors_of(source, kept) for source in share.inputs)
        return None if first is None or second is None else [*first, *second]
    return factors_of(share.inputs[0], kept) if share.name in _LINEAR else None


def _is_spread(factor: Node) -> bool:
    """Whether a factor holds entries several times: a convolution has rows enough in each step, and no room for all."""
    while factor.name in ("reshape", "transpose"):
        factor = factor.inputs[0]
    return factor.name == "windows"


def summed(share: Node, values: Values) -> Any:
    """The sum of a share over all steps; `values` finds those of a factor in all of them, stacked."""
    if share.name == "product":
        left, right = _all_rows(values(share.inputs[0].inputs[0])), _all_rows(values(share.inputs[1]))
        return ops.matmul(ops.transpose(left, (1, 0)), right)
    if share.name == "reduce_sum":
        axes = [axis + 1 for axis in share.attributes["axes"]]
        total = ops.sum(ops.sum(values(share.inputs[0]), axes, keepdims=True), 0)
        return ops.reshape(total, share.shape)
    parts = [summed(source, values) for source in share.inputs]
    return Symbol(rebuilt(share, [part.node for part in parts]))


def _all_rows(stacked: Any) -> Any:
    """The rows of all steps as one matrix."""
    return ops.reshape(stacked, (shapes.size(stacked.shape[:2]), stacked.shape[2]))
