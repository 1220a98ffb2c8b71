"""The base of initializers: called with a shape and a dtype, they return an array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kmagic.base.parts import Part
from kmagic.graph.eager import origin
from kmagic.graph.seed import SeedGenerator, draw_seed
from kmagic.graph.trace import not_tracing


class Initializer(Part):
    """Base class: override `values(shape, dtype)`."""

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Any:
        """An array of this shape and dtype (floatx by default)."""
        with not_tracing(), origin(layer="initializer"):
            return self.values(tuple(shape), dtype)

    def values(self, shape: tuple[int, ...], dtype: Any) -> Any:
        """The first values."""
        raise NotImplementedError


class RandomInitializer(Initializer):
    """Base class of random initializers.

    With a whole number as `seed`, every call gives the same values; without, the seed is drawn once, so that this
    object repeats itself and others differ; a SeedGenerator gives new values at each call.
    """

    def __init__(self, seed: int | SeedGenerator | None = None) -> None:
        self.seed = seed
        self.source = draw_seed() if seed is None else seed
