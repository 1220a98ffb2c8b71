"""The base of initializers: called with a shape and a dtype, they return an array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from kmagic.base.dtypes import held_as, standard
from kmagic.base.errors import BadType
from kmagic.base.parts import Part
from kmagic.graph.eager import origin
from kmagic.graph.narrow import array_of
from kmagic.graph.seed import SeedGenerator, draw_seed
from kmagic.graph.trace import not_tracing

_GENERATOR = "SeedGenerator"


class Initializer(Part):
    """Base class: override `values(shape, dtype)`."""

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Any:
        """An array of this shape and dtype (floatx by default)."""
        with not_tracing(), origin(layer="initializer"):
            kind = standard(dtype)
            return array_of(self.values(tuple(shape), held_as(kind)), kind)

    def values(self, shape: tuple[int, ...], dtype: Any) -> Any:
        """The first values."""
        raise NotImplementedError(f"{type(self).__name__} has no values(shape, dtype)")

    def clone(self) -> Self:
        """An initializer made from the same arguments."""
        return type(self).from_config(self.get_config())


class RandomInitializer(Initializer):
    """Base class of random initializers.

    With a whole number as `seed`, every call gives the same values; without, the seed is drawn once, so that this
    object repeats itself and others differ; a SeedGenerator gives new values at each call.
    """

    def __init__(self, seed: int | SeedGenerator | None = None) -> None:
        self.seed = _seed_of(seed, type(self).__name__)
        self.source = draw_seed() if self.seed is None else self.seed

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal initializer; a generator as what makes an equal one."""
        config = super().get_config()
        if isinstance(self.seed, SeedGenerator):
            made = {"class_name": _GENERATOR, "config": self.seed.get_config(), "registered_name": None}
            config["seed"] = {"module": "kmagic.random", **made}
        return config


def _seed_of(seed: Any, where: str) -> int | SeedGenerator | None:
    """A seed as it was given, or the generator that a config describes."""
    if isinstance(seed, dict) and seed.get("class_name") == _GENERATOR:
        return SeedGenerator.from_config(seed["config"])
    if seed is None or isinstance(seed, SeedGenerator):
        return seed
    if isinstance(seed, bool) or not hasattr(seed, "__index__"):
        raise BadType(f"seed is {seed!r}", where=where, expected="a whole number, a SeedGenerator or None")
    return int(seed)
