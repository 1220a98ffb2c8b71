"""Layers around another layer."""

from __future__ import annotations

from typing import Any, Self

from kmagic.base.errors import BadType
from kmagic.layers import registry, scope
from kmagic.layers.layer import Layer


@registry.register(shapes="[batch *d] -> [batch *e]")
class Wrapper(Layer):
    """Base of layers around another one, which they build; alone it gives what that layer gives.

    Formula: y = layer(x)

    Shapes: [batch *d] -> [batch *e]

    Example:

    >>> import numpy as np
    >>> from kmagic.layers import ReLU
    >>> Wrapper(ReLU())(np.array([[-1.0, 2.0]])).tolist()
    [[0.0, 2.0]]
    """

    def __init__(self, layer: Any, **options: Any) -> None:
        super().__init__(**options)
        self.layer = layer_of(layer, self.name)

    def build(self, input_shape: Any = None) -> None:
        """Make the weights of the layer inside."""
        build_inside(self.layer, input_shape)

    def call(self, inputs: Any) -> Any:
        return self.layer(inputs)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Self:
        """The layer that `get_config` described."""
        return cls(**{**config, "layer": registry.deserialize(config["layer"], custom_objects)})


def layer_of(given: Any, where: str) -> Layer:
    """A layer, which may be given by its description."""
    layer = registry.deserialize(given) if isinstance(given, dict) else given
    if not isinstance(layer, Layer):
        raise BadType(f"{given!r} is no layer", where=where, expected="a layer of kmagic.layers", fix="Dense(3)")
    return layer


def build_inside(layer: Any, input_shape: Any) -> None:
    """Make the weights of a layer that is part of the one being built, for inputs of this shape."""
    if isinstance(layer, Layer) and not layer.built:
        layer.path = f"{scope.current_path()}/{layer.name}".lstrip("/")
        layer.build(input_shape)
        layer.built = True
