"""Layers one after the other, as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from kmagic.layers import registry
from kmagic.layers.layer import Layer
from kmagic.layers.wrapper import layer_of


@registry.register(shapes="[batch *d] -> [batch *e]")
class Pipeline(Layer):
    """Layers that are applied one after the other, such as those that change images at random while training.

    Formula: y = lₙ(… l₁(x) …)

    Shapes: [batch *d] -> [batch *e], and dictionaries where all layers take them

    Example:

    >>> import numpy as np
    >>> from kmagic.layers import CenterCrop, Rescaling
    >>> Pipeline([CenterCrop(1, 1), Rescaling(2.0)])(np.full((1, 3, 3, 1), 4.0)).tolist()
    [[[[8.0]]]]
    """

    supports_masking = True
    trains_alone = True

    def __init__(self, layers: Sequence[Any], name: str | None = None, **options: Any) -> None:
        super().__init__(name=name, **options)
        self.layers = [layer_of(layer, type(self).__name__) for layer in layers]

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Self:
        """The layers that `get_config` described."""
        layers = [registry.deserialize(layer, custom_objects) for layer in config["layers"]]
        return cls(**{**config, "layers": layers})

    def call(self, inputs: Any, training: bool = True) -> Any:
        for layer in self.layers:
            inputs = layer(inputs)
        return inputs
