"""Seeds: generators whose state is a variable, and where seeds come from that nobody gave."""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass
from typing import Any

import numpy as np

from kmagic.base.errors import BadValue
from kmagic.base.shapes import Extent
from kmagic.graph import eager, trace
from kmagic.graph.ops.random import bits, random_bits, stream_of
from kmagic.graph.symbol import Symbol
from kmagic.graph.variable import Variable


class _Global:
    """Where seeds come from that nobody gave: fresh ones, or a sequence that `set_global_seed` starts."""

    def __init__(self) -> None:
        self.numbers: Any = None
        self.generator: SeedGenerator | None = None

    def start(self, seed: int) -> None:
        """Begin the sequence that belongs to `seed`."""
        self.numbers = (int(word) for word in _words(seed))
        self.generator = None

    def draw(self) -> int:
        """The next seed."""
        return next(self.numbers) if self.numbers else secrets.randbits(31)

    def state(self) -> Any:
        """A state for one draw: a new seed, or inside a program one that moves on with each run of it."""
        if trace.current() is None:
            return _first_state(self.draw())
        if self.generator is None:
            with trace.not_tracing():
                self.generator = SeedGenerator(name="global_seed_generator")
        return self.generator.next()


def _words(seed: int) -> Any:
    for call in itertools.count():
        state = np.array([seed & 0xFFFFFFFF, call], np.uint32)
        yield bits(state, (), stream_of("global seed")) >> 1


def _first_state(seed: int) -> Any:
    return np.array([seed & 0xFFFFFFFF, 0], np.uint32)


_global = _Global()


def _is_whole(seed: Any) -> bool:
    return isinstance(seed, int | np.integer) and not isinstance(seed, bool)


def set_global_seed(seed: int) -> None:
    """Make every seed drawn from here on a function of `seed`."""
    if not _is_whole(seed) or seed < 0:
        raise BadValue(f"seed is {seed!r}", where="set_random_seed", expected="a whole number of at least 0")
    _global.start(int(seed))


def draw_seed() -> int:
    """A seed for something that was given none."""
    return _global.draw()


def global_generator() -> SeedGenerator | None:
    """The generator that programs draw from where they are given no seed, once one has."""
    return _global.generator


class SeedGenerator:
    """A sequence of seeds: `next()` gives the state and moves on by one.

    `stream` tells what is drawn from it apart; by default the layer around each draw does.

    >>> g = SeedGenerator(1)
    >>> g.next().tolist(), g.next().tolist()
    ([1, 0], [1, 1])
    """

    def __init__(self, seed: int | None = None, name: str | None = None, stream: str | None = None) -> None:
        if seed is not None and not _is_whole(seed):
            raise BadValue(f"seed is {seed!r}", where="SeedGenerator", expected="Argument `seed` must be an integer")
        self.seed = seed if seed is None else int(seed)
        self.name = name or "seed_generator"
        self.stream = stream
        state = _first_state(draw_seed() if seed is None else int(seed))
        self.state = Variable(state, dtype="uint32", trainable=False, name="seed_generator_state", path=self.name)

    def next(self, ordered: bool = True) -> Any:
        """The current state; the next call gets another: one further or, not `ordered`, somewhere in 0 … 933198."""
        now = self.state.value
        self.state.assign(now + np.array([0, 1], np.uint32) if ordered else (now + 1) * 5387 % 933199)
        return now

    def get_config(self) -> dict[str, Any]:
        """The arguments that make such a generator; a seed that nobody gave is drawn anew."""
        return {"seed": self.seed, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> SeedGenerator:
        """The generator that `get_config` described."""
        return cls(**config)


Seed = int | SeedGenerator | Any | None


@dataclass(frozen=True)
class Source:
    """The state and the path that one draw takes its bits from; each purpose has a stream of its own."""

    state: Any
    path: str

    def bits(self, shape: Any, purpose: str) -> Any:
        """32 random bits for each element of `shape`."""
        state = self.state
        if any(isinstance(size, Extent) for size in shape) and eager.as_node(state) is None:
            state = Symbol(eager.constant_node(state))  # how many there are is only known when the program runs
        return random_bits(state, tuple(shape), stream_of(f"{self.path}/{purpose}"))


def source_of(seed: Seed) -> Source:
    """What a `seed` argument means: a whole number, a generator, the state of one, or None for any."""
    layer = eager.current_origin().layer
    if isinstance(seed, SeedGenerator):
        return Source(seed.next(), layer if seed.stream is None else seed.stream)
    if seed is None:
        return Source(_global.state(), layer)
    if _is_whole(seed):
        return Source(_first_state(int(seed)), layer)
    if getattr(seed, "shape", None) == (2,):
        return Source(seed, layer)
    raise BadValue(
        f"seed is {seed!r}",
        expected="Argument `seed` must be either an integer or an instance of `SeedGenerator`",
        fix="seed=1",
    )
