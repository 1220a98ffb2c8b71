"""Layers that make training harder, so that models generalise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kmagic.base.parameters import Rate
from kmagic.graph.draw import dropout
from kmagic.graph.seed import SeedGenerator
from kmagic.graph.variable import Variable
from kmagic.layers import registry
from kmagic.layers.layer import Layer


@registry.register(shapes="[batch *d] -> [batch *d]")
class Dropout(Layer):
    """While training, each value becomes 0 with probability `rate`; the others grow, so that the mean stays.

    Formula: y = x·k / (1 − rate), k = 1 with probability 1 − rate, else 0; y = x when not training

    Symbols: k: drawn for each value, or along `noise_shape` (None: as the input)

    Shapes: [batch *d] -> [batch *d]

    Example:

    >>> import numpy as np
    >>> sorted(set(Dropout(0.5, seed=1)(np.ones((8, 8)), training=True).ravel().tolist()))
    [0.0, 2.0]

    Source: N. Srivastava et al., JMLR 15 (2014)
    """

    supports_masking = True

    def __init__(
        self,
        rate: Rate,
        noise_shape: Sequence[int | None] | None = None,
        seed: int | SeedGenerator | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.rate, self.noise_shape, self.seed = rate, noise_shape, seed
        # a stream without the layer's name: a cell that runs again makes dropout_1, which must draw what dropout drew
        if not isinstance(seed, SeedGenerator):
            seed = SeedGenerator(seed, self.name, stream="dropout")
        self.seed_generator = seed

    @property
    def variables(self) -> list[Variable]:
        """The state of the random generator."""
        return [self.seed_generator.state]

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training or self.rate == 0:
            return inputs
        return dropout(inputs, self.rate, self.noise_shape, self.seed_generator)
