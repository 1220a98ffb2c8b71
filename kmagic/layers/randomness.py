"""What layers that draw random numbers share: a generator, and rest when the model is not training."""

from __future__ import annotations

from typing import Any

from kmagic.graph.seed import SeedGenerator
from kmagic.layers.layer import Layer


def generator_of(layer: Layer, seed: int | SeedGenerator | None, stream: str) -> SeedGenerator:
    """The generator that a layer draws from.

    Its stream has not the layer's name: a cell that runs again makes dropout_1, which must draw what dropout drew.
    """
    return seed if isinstance(seed, SeedGenerator) else SeedGenerator(seed, layer.name, stream=stream)


class RandomLayer(Layer):
    """Base of layers that change their input at random while training, and leave it alone otherwise."""

    supports_masking = True
    stream = ""

    def __init__(self, seed: int | SeedGenerator | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.seed, self.seed_generator = seed, generator_of(self, seed, self.stream)

    def disturbed(self, inputs: Any) -> Any:
        """The input as it is while training."""
        raise NotImplementedError

    def is_idle(self) -> bool:
        """Whether nothing would be changed anyway."""
        return False

    def call(self, inputs: Any, training: bool = False) -> Any:
        return self.disturbed(inputs) if training and not self.is_idle() else inputs
