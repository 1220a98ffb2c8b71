"""Layers called on symbols outside of any program: what is remembered, so that a model can be made of it.

Such a call computes nothing. It builds the layer, and returns fresh symbols that know which call they come from; going
back from the outputs of a model along these calls gives the whole model.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from kmagic.base.shapes import Shape
from kmagic.base.trees import leaves, mapped
from kmagic.graph import trace
from kmagic.graph.eager import source_node
from kmagic.graph.masks import mask_of, with_mask
from kmagic.graph.node import Node
from kmagic.graph.symbol import Symbol
from kmagic.layers import scope
from kmagic.layers.building import built_shape


@dataclass(eq=False)
class Call:
    """One call of a layer: `args` and `kwargs` as they were given, `outputs` the symbols that it returned."""

    layer: Any
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    outputs: Any = None

    def __repr__(self) -> str:
        return f"<call of {self.layer.name}>"


def call_of(node: Node) -> Call | None:
    """The call that a symbol's node comes from."""
    call: Call | None = node.attributes.get("call")
    return call


def is_connecting(arguments: Any) -> bool:
    """Whether symbols are passed while no program is traced."""
    return trace.current() is None and any(isinstance(leaf, Symbol) for leaf in leaves(arguments))


def connect(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any], compute: Callable[[], Any]) -> Any:
    """Symbols for what `compute()` gives, which remember this call."""
    call = Call(layer, args, dict(kwargs))
    given = [(leaf, mask_of(leaf)) for leaf in leaves((args, kwargs)) if isinstance(leaf, Symbol)]
    # only shapes and weights are wanted: what this trace records is thrown away
    with trace.tracing(), scope.training_as(False), scope.collecting_losses():
        results = compute()
    for symbol, mask in given:  # which layers inside may have dropped
        symbol._keras_mask = mask
    call.outputs = mapped(lambda leaf: _of_call(leaf, call), results)
    layer._own_calls.append(call)
    layer.output_shape = mapped(lambda leaf: built_shape(leaf) if hasattr(leaf, "shape") else None, call.outputs)
    return call.outputs


def _of_call(leaf: Any, call: Call) -> Any:
    if not isinstance(leaf, Symbol):
        return leaf
    # layers look at the mask when they are connected; a model that runs makes its own
    return with_mask(symbol_of_call(leaf.shape, leaf.dtype, call), _stand_in(mask_of(leaf)))


def _stand_in(mask: Any) -> Symbol | None:
    if mask is None:
        return None
    symbol = trace.as_symbol(mask)
    return Symbol(source_node("placeholder", symbol.shape, symbol.dtype, label="mask"))


def symbol_of_call(shape: Shape, dtype: str, call: Call) -> Symbol:
    """A symbol that knows where it comes from."""
    return Symbol(source_node("placeholder", shape, dtype, label=call.layer.name, call=call))
