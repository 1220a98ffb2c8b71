"""Masks as they were when layers were connected, where a layer drops those of its inputs as the model runs.

Keras's MultiHeadAttention takes the masks off what it is called on. That counts while a model runs, not while its
layers are connected; and a layer that takes a mask, when it is connected to one symbol and nothing else, is bound to
the mask of that time. So behind a residual attention a pooling layer sees a mask, and a second attention sees none.
What a model computes depends on it, so it is the same here.
"""

from __future__ import annotations

from typing import Any

from kmagic.base.trees import leaves, mapped
from kmagic.graph.node import Node
from kmagic.graph.symbol import Symbol
from kmagic.layers.connection import Call
from kmagic.layers.layer import Layer


def drops_masks(layer: Layer) -> bool:
    """Whether a layer, or one inside it, takes masks off its inputs."""
    return layer.drops_masks or any(drops_masks(inner) for inner in layer._layers())


class BoundMasks:
    """The masks that the symbols of a network had when it was connected, for the values of one run."""

    def __init__(self) -> None:
        self._of: dict[Node, Any] = {}

    def wanted(self, call: Call) -> dict[str, Any]:
        """The mask that the layer of a call is bound to, as an argument."""
        is_bound = len(call.args) == 1 and not call.kwargs and "mask" in call.layer._takes
        mask = self._mask_of(call.args[0]) if is_bound else None
        return {} if mask is None else {"mask": mask}

    def follow(self, call: Call, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Remember the masks of what a call on these values gives."""
        layer, given = call.layer, kwargs.get("mask")
        previous = mapped(self._mask_of, call.args[0]) if given is None else given
        arrives = any(mask is not None for mask in leaves(previous))
        if not layer.supports_masking or not (arrives or layer.makes_masks):
            return
        masks = leaves(layer.compute_mask(args[0], previous))
        pairs = zip(leaves(call.outputs), masks, strict=False)
        self._of |= {symbol.node: mask for symbol, mask in pairs if mask is not None}

    def _mask_of(self, leaf: Any) -> Any:
        return self._of.get(leaf.node) if isinstance(leaf, Symbol) else None
