"""Changing a model where it stands: another head, a layer in front, and the way back.

Every edit changes the model that the user's names are bound to. Weights of layers whose shapes stay are kept; a layer
whose shapes change gets fresh ones. A compiled model must be compiled again afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kmagic import activations
from kmagic.layers.layer import Layer
from kmagic.models.restoring import saved_attributes


def remember(model: Any) -> Callable[[], None]:
    """A function that gives the model, and every layer in it, the attributes that they have now."""
    saved = saved_attributes(model)

    def undo() -> None:
        for item, attributes in saved:
            vars(item).clear()
            vars(item).update(attributes)

    return undo


def set_head(model: Any, layer: Any, units: int | None = None, activation: Any = None) -> None:
    """Give the layer that makes an output another activation, or another number of units and fresh weights."""
    layer = model.get_layer(layer) if isinstance(layer, str) else layer
    if activation is not None:
        layer.activation = activations.get(activation)
    if units is not None and units != layer.units:
        layer.units = units
        layer.unbuild()
    model.reconnect()


def set_layers(model: Any, layers: Sequence[Layer]) -> None:
    """Make a Sequential of these layers, some of which may be new; those whose input changes get fresh weights."""
    model.reconnect(layers)


def insert_first(model: Any, layer: Layer, place: int = 0) -> None:
    """Put a layer between an input and everything that takes it; the shape must stay."""
    if hasattr(model, "_members"):
        model.reconnect([layer, *model.layers])
    else:
        model.reconnect([layer(s) if number == place else s for number, s in enumerate(model.inputs)])
