"""Changing a model where it stands: another head, a layer in front, and the way back.

Every edit changes the model that the user's names are bound to. Weights of layers whose shapes stay are kept; a layer
whose shapes change gets fresh ones. A compiled model must be compiled again afterwards.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from kmagic import activations
from kmagic.layers.activation import Activation
from kmagic.layers.layer import Layer, known
from kmagic.models.restoring import saved_attributes

# what training leaves behind, which no edit touches
_OF_TRAINING = ("run", "history", "clock", "stop_training")


def remember(model: Any) -> Callable[[], None]:
    """A function that gives the model, and every layer in it, the attributes that they have now.

    It raises Busy while the model trains. What it has trained since stays known.
    """
    saved = saved_attributes(model, kinds=(Layer,))

    def undo() -> None:
        model.refuse_while_training("an edit is undone")
        kept = {name: vars(model)[name] for name in _OF_TRAINING if name in vars(model)}
        for item, attributes in saved:
            vars(item).clear()
            vars(item).update(attributes)
        vars(model).update(kept)

    return undo


def set_activation(model: Any, layer: Any, activation: Any) -> None:
    """Give a layer another activation; one that is nothing else, such as Softmax, makes room for an Activation."""
    layer = _layer(model, layer)
    if "activation" in vars(layer):
        layer.activation = activations.get(activation)
        model.reconnect()
    else:
        replace(model, layer, Activation(activation, name=layer.name))


def set_units(model: Any, layer: Any, units: int) -> None:
    """Give a layer another number of units; it and those that its output no longer suits get fresh weights."""
    layer = _layer(model, layer)
    if units != layer.units:
        layer.units = units
        layer.unbuild()
    if hasattr(model, "_members"):
        model.reconnect()
    else:
        model.reconnect(instead={other: _refitted(other) for other in model.layers})


def _refitted(layer: Layer) -> Callable[..., Any]:
    """A call of a layer that makes fresh weights where its input is no longer what it was."""

    def call(inputs: Any, *args: Any, **options: Any) -> Any:
        if hasattr(inputs, "shape") and not layer.suits(known(inputs.shape)):
            layer.unbuild()
        return layer(inputs, *args, **options)

    return call


def separate(model: Any, layer: Any) -> None:
    """Put layers of their own in the place of a layer's second and further calls; they get fresh weights."""
    layer = _layer(model, layer)
    taken = {other.name for other in model.layers}
    names = (name for number in itertools.count(1) if (name := f"{layer.name}_{number}") not in taken)
    made: list[Layer] = []

    def next_one(*args: Any, **options: Any) -> Any:
        new = layer if not made else type(layer).from_config({**layer.get_config(), "name": next(names)})
        made.append(new)
        return new(*args, **options)

    model.reconnect(instead={layer: next_one})


def set_size(model: Any, layer: Any, **sizes: int) -> None:
    """Give a layer other sizes, under the names of its arguments, and fresh weights."""
    layer = _layer(model, layer)
    for name, size in sizes.items():
        setattr(layer, name, size)
    layer.unbuild()
    model.reconnect()


def set_head(model: Any, layer: Any, units: int | None = None, activation: Any = None) -> None:
    """Give the layer that makes an output another activation, or another number of units and fresh weights."""
    if units is not None:
        set_units(model, layer, units)
    if activation is not None:
        set_activation(model, layer, activation)


def replace(model: Any, layer: Any, new: Layer) -> None:
    """Put another layer in the place of one."""
    model.reconnect(instead={_layer(model, layer): new})


def remove(model: Any, layer: Any) -> None:
    """Take a layer away that keeps the shape of what it is given."""
    layer = _layer(model, layer)
    if hasattr(model, "_members"):
        model.reconnect([other for other in model.layers if other is not layer])
    else:
        model.reconnect(instead={layer: lambda inputs, *args, **options: inputs})


def insert_before(model: Any, layer: Any, new: Layer) -> None:
    """Put a layer before another one, which gets fresh weights where its input is no longer the same."""
    layer = _layer(model, layer)

    def both(inputs: Any, *args: Any, **options: Any) -> Any:
        return _refitted(layer)(new(inputs), *args, **options)

    if hasattr(model, "_members"):
        at = model.layers.index(layer)
        model.reconnect([*model.layers[:at], new, *model.layers[at:]])
    else:
        model.reconnect(instead={layer: both})


def _layer(model: Any, layer: Any) -> Any:
    """A layer of the model, by its name too."""
    return model.get_layer(layer) if isinstance(layer, str) else layer


def set_layers(model: Any, layers: Sequence[Layer]) -> None:
    """Make a Sequential of these layers, some of which may be new; those whose input changes get fresh weights."""
    model.reconnect(layers)


def insert_first(model: Any, layer: Layer, place: int = 0) -> None:
    """Put a layer between an input and everything that takes it; the shape must stay."""
    if hasattr(model, "_members"):
        model.reconnect([layer, *model.layers])
    else:
        model.reconnect([layer(s) if number == place else s for number, s in enumerate(model.inputs)])


def set_input(model: Any, shape: Sequence[int | None], place: int = 0) -> None:
    """Let an input take rows of another shape; layers whose weights were made for others get fresh ones."""
    model.reshape_input(tuple(shape), place)
