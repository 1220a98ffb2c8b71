"""Seeds: generators whose state is a variable, and the draws made from them."""

from __future__ import annotations

import itertools
import math
import secrets
from collections.abc import Sequence
from typing import Any

import numpy as np

from kmagic.base.dtypes import standard
from kmagic.base.errors import BadValue
from kmagic.graph import eager
from kmagic.graph.load import ops
from kmagic.graph.ops.random import bits, keep_mask, normal_from, random_bits, stream_of, uniform_from
from kmagic.graph.ops.special import error_function
from kmagic.graph.variable import Variable


class _Global:
    """Where seeds come from that nobody gave: fresh ones, or a sequence that `set_global_seed` starts."""

    def __init__(self) -> None:
        self.numbers: Any = None

    def start(self, seed: int) -> None:
        """Begin the sequence that belongs to `seed`."""
        self.numbers = (int(word) for word in _words(seed))

    def draw(self) -> int:
        """The next seed."""
        return next(self.numbers) if self.numbers else secrets.randbits(31)


def _words(seed: int) -> Any:
    for call in itertools.count():
        state = np.array([seed & 0xFFFFFFFF, call], np.uint32)
        yield bits(state, (), stream_of("global seed")) >> 1


_global = _Global()


def set_global_seed(seed: int) -> None:
    """Make every seed drawn from here on a function of `seed`."""
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise BadValue(f"seed is {seed!r}", where="set_random_seed", expected="a whole number of at least 0")
    _global.start(int(seed))


def draw_seed() -> int:
    """A seed for something that was given none."""
    return _global.draw()


class SeedGenerator:
    """A sequence of seeds: `next()` gives the state and moves on by one.

    `stream` tells what is drawn from it apart; by default the layer around each draw does.

    >>> g = SeedGenerator(1)
    >>> g.next().tolist(), g.next().tolist()
    ([1, 0], [1, 1])
    """

    def __init__(self, seed: int | None = None, name: str | None = None, stream: str | None = None) -> None:
        self.seed = draw_seed() if seed is None else int(seed)
        self.name = name or "seed_generator"
        self.stream = stream
        state = np.array([self.seed & 0xFFFFFFFF, 0], np.uint32)
        self.state = Variable(state, dtype="uint32", trainable=False, name="seed_generator_state", path=self.name)

    def next(self) -> Any:
        """The current state; the next call gets another."""
        now = self.state.value
        self.state.assign(now + np.array([0, 1], np.uint32))
        return now

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal generator."""
        return {"seed": self.seed, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> SeedGenerator:
        """The generator that `get_config` described."""
        return cls(**config)


Seed = int | SeedGenerator | None


def _bits(shape: Sequence[Any], seed: Seed, purpose: str) -> Any:
    if isinstance(seed, SeedGenerator):
        state = seed.next()
    else:
        state = np.array([(draw_seed() if seed is None else int(seed)) & 0xFFFFFFFF, 0], np.uint32)
    own = seed.stream if isinstance(seed, SeedGenerator) else None
    path = f"{eager.current_origin().layer if own is None else own}/{purpose}"
    return random_bits(state, tuple(shape), stream_of(path))


def uniform(
    shape: Sequence[Any], minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: Seed = None
) -> Any:
    """Numbers spread evenly over [minval, maxval).

    >>> x = uniform((1000,), seed=0)
    >>> bool(0 <= x.min() < x.max() < 1)
    True
    """
    return uniform_from(_bits(shape, seed, "uniform"), standard(dtype)) * (maxval - minval) + minval


def normal(shape: Sequence[Any], mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Seed = None) -> Any:
    """Normally distributed numbers."""
    drawn = _bits((2, *shape), seed, "normal")
    return normal_from(drawn[0], drawn[1], standard(dtype)) * stddev + mean


def truncated_normal(
    shape: Sequence[Any], mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Seed = None
) -> Any:
    """Normally distributed numbers within two standard deviations of the mean.

    Formula: Φ⁻¹(Φ(−2) + u·(Φ(2) − Φ(−2))), u uniform on (0, 1)
    """
    kind = standard(dtype)
    tail = 0.5 * math.erfc(2 / math.sqrt(2))
    u = (np.asarray(_bits(shape, seed, "truncated_normal"), "float64") + 0.5) / 2**32
    drawn = inverse_normal(tail + u * (1 - 2 * tail))
    return (drawn * stddev + mean).astype(kind)


def inverse_normal(p: Any) -> Any:
    """The normal quantile Φ⁻¹(p), by Newton's method on Φ from Winitzki's approximation.

    >>> float(np.round(inverse_normal(np.array(0.975)), 6))
    1.959964
    """
    y = 2 * np.asarray(p, "float64") - 1
    a = 0.147
    log_term = np.log1p(-y * y)
    first = 2 / (np.pi * a) + log_term / 2
    x = np.sign(y) * np.sqrt(2) * np.sqrt(np.sqrt(first**2 - log_term / a) - first)
    for _ in range(3):
        density = np.exp(-x * x / 2) / math.sqrt(2 * np.pi)
        x = x - (0.5 * (1 + error_function(x / math.sqrt(2))) - p) / density
    return x


def bernoulli(shape: Sequence[Any], p: float, seed: Seed = None) -> Any:
    """True with probability p."""
    return ops.logical_not(keep_mask(_bits(shape, seed, "bernoulli"), p))


def dropout(inputs: Any, rate: float, noise_shape: Sequence[Any] | None = None, seed: Seed = None) -> Any:
    """Zero with probability `rate`, everything else divided by 1 − rate.

    Formula: y = x·k / (1 − rate), k = 1 with probability 1 − rate, else 0
    """
    own = ops.shape(inputs)
    shape = own if noise_shape is None else tuple(own[i] if n is None else n for i, n in enumerate(noise_shape))
    keep = keep_mask(_bits(shape, seed, "dropout"), rate)
    return ops.where(keep, inputs * (1 / (1 - rate)), 0)
