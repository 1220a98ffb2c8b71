"""Random numbers: one counter-based generator, Philox4x32-10.

Key = the generator's seed; counter = (group of four numbers within a row, row, call, stream). A number therefore
depends on what it is for (stream: the path of the layer), which call it belongs to and which row it goes to, and not
on device, workers, or how calls are batched. Source: J. Salmon et al., Parallel Random Numbers: As Easy as 1, 2, 3,
SC 2011.
"""

from __future__ import annotations

import itertools
import math
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from kmagic.base.shapes import Shape
from kmagic.graph.table import ops, primitive

MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
ROUNDS = 10
WEYL = (0x9E3779B9, 0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)


def philox(counter: Any, key: tuple[int, int]) -> Any:
    """Ten rounds of Philox4x32 on four arrays of 32-bit counters (held as uint64): four arrays of 32 random bits.

    >>> [hex(int(word)) for word in philox([np.uint64(0)] * 4, (0, 0))]
    ['0x6627e8d5', '0xe169c58d', '0xbc57ac4c', '0x9b00dbd8']
    """
    c0, c1, c2, c3 = counter
    for number in range(ROUNDS):
        k0, k1 = (np.uint64((start + number * step) & 0xFFFFFFFF) for start, step in zip(key, WEYL, strict=True))
        first, second = c0 * np.uint64(MULTIPLIERS[0]), c2 * np.uint64(MULTIPLIERS[1])
        c0, c1, c2, c3 = (second >> _HALF) ^ c1 ^ k0, second & _LOW, (first >> _HALF) ^ c3 ^ k1, first & _LOW
    return c0, c1, c2, c3


def stream_of(path: str) -> int:
    """The number of the random stream that belongs to a path."""
    return zlib.crc32(path.encode())


def bits(state: Any, shape: Sequence[int], stream: int, first_row: int = 0) -> Any:
    """32 random bits for each element of `shape`; the first axis counts rows from `first_row`."""
    rows, width = (shape[0], math.prod(shape[1:])) if shape else (1, 1)
    groups = -(-width // 4)
    row = np.arange(first_row, first_row + rows, dtype=np.uint64)[:, None]
    group = np.arange(groups, dtype=np.uint64)[None, :]
    counter = np.broadcast_arrays(group, row, np.uint64(int(state[1])), np.uint64(stream))
    words = philox(counter, (int(state[0]), 0))
    drawn = np.stack(words, axis=-1).astype(np.uint32).reshape(rows, groups * 4)
    return np.ascontiguousarray(drawn[:, :width]).reshape(shape)


@primitive(
    "random",
    numpy=bits,
    gradient=lambda g, y, state, shape, stream: (None,),
    shape=lambda state, shape, stream: shape,
    dtype=lambda state, shape, stream: "uint32",
    compute=None,
    smooth=False,
)
def random_bits(state: Any, /, shape: Shape, stream: int) -> Any:
    """32 random bits per element, from a generator's state (seed, call)."""


_HALF_BITS = {"float16": 11, "bfloat16": 8}


def words_of(dtype: str) -> int:
    """How many times 32 bits a number in [0, 1) takes."""
    return 2 if dtype == "float64" else 1


def fraction_from(words: Sequence[Any], dtype: str) -> Any:
    """Bits as floats in [0, 1): no more of them than the dtype holds, so that 1 is never reached."""
    if dtype == "float64":
        high, low = (ops.cast(ops.floor_divide(word, part), dtype) for word, part in zip(words, (32, 64), strict=True))
        return (high * 2.0**26 + low) * 2.0**-53
    kept = _HALF_BITS.get(dtype, 24)
    return ops.cast(ops.floor_divide(words[0], 2 ** (32 - kept)), dtype) * 2.0**-kept


def normal_from(first: Any, second: Any) -> Any:
    """Two arrays of numbers in [0, 1) as standard normal ones (Box and Muller 1958)."""
    radius = ops.sqrt(-2 * ops.log(1 - first))
    return radius * ops.cos(2 * math.pi * second)


def keep_mask(random: Any, rate: float) -> Any:
    """True with probability 1 − rate, decided on whole numbers: at least rate·2³²."""
    whole = round(rate * 2**32)
    if whole >= 2**32:
        return ops.less(random, 0)
    return ops.greater_equal(random, np.uint32(whole))


# ---- binomial ----


def _binomial(state: Any, counts: Any, probabilities: Any, shape: Sequence[int], stream: int) -> Any:
    """Few expected successes by counting up the distribution, many by rejection; p above one half by failures."""
    n, p = (np.broadcast_to(np.asarray(x, "float64"), shape).ravel() for x in (counts, probabilities))
    less = np.minimum(p, 1 - p)
    result = np.full(n.shape, np.nan)
    rounds = _rounds(state, shape, stream)
    few, many = np.flatnonzero(n * less < 10), np.flatnonzero(n * less >= 10)
    result[few] = _counted_up(next(rounds)[0][few], n[few], less[few])
    while many.size:
        u, v = (draw[many] for draw in next(rounds))
        found, fits = _proposed(u, v, n[many], less[many])
        result[many[fits]] = found[fits]
        many = many[~fits]
    return np.reshape(np.where(p > 0.5, n - result, result), shape)


def _rounds(state: Any, shape: Sequence[int], stream: int) -> Iterator[tuple[Any, Any]]:
    """Pairs of uniform numbers on (0, 1), each pair from a stream of its own."""
    for number in itertools.count():
        words = bits(state, (4, *shape), stream + number & 0xFFFFFFFF).reshape(4, -1)
        first, second = fraction_from(words[:2], "float64"), fraction_from(words[2:], "float64")
        yield first + 2.0**-54, second + 2.0**-54


def _counted_up(u: Any, n: Any, p: Any) -> Any:
    """The smallest k whose distribution function exceeds u."""
    chance = np.exp(n * np.log1p(-p))
    reached, k = chance.copy(), np.zeros_like(u)
    going = np.flatnonzero((u >= reached) & (k < n))
    while going.size:
        k[going] += 1
        chance[going] *= (n[going] - k[going] + 1) / k[going] * p[going] / (1 - p[going])
        reached[going] += chance[going]
        going = going[(u[going] >= reached[going]) & (k[going] < n[going])]
    return k


def _stirling(k: Any) -> Any:
    """ln k! without the first terms of Stirling's series."""
    table = [math.lgamma(i + 1) - (i + 0.5) * math.log(i + 1) + i + 1 - math.log(2 * math.pi) / 2 for i in range(10)]
    square = (k + 1) ** 2
    far = (1 / 12 - (1 / 360 - 1 / 1260 / square) / square) / (k + 1)
    return np.where(k < 10, np.asarray(table)[np.clip(k, 0, 9).astype(int)], far)


def _proposed(u: Any, v: Any, n: Any, p: Any) -> tuple[Any, Any]:
    """A candidate for each, and which are accepted: W. Hörmann, Journal of Statistical Computation 46 (1993), BTRS."""
    spread = np.sqrt(n * p * (1 - p))
    b = 1.15 + 2.53 * spread
    a = -0.0873 + 0.0248 * b + 0.01 * p
    alpha = (2.83 + 5.1 / b) * spread
    u = u - 0.5
    near = 0.5 - np.abs(u)
    k = np.floor((2 * a / near + b) * u + n * p + 0.5)
    inside = (k >= 0) & (k <= n)
    k = np.clip(k, 0, n)
    m = np.floor((n + 1) * p)
    odds = p / (1 - p)
    bound = (
        (m + 0.5) * np.log((m + 1) / (odds * (n - m + 1)))
        + (n + 1) * np.log((n - m + 1) / (n - k + 1))
        + (k + 0.5) * np.log(odds * (n - k + 1) / (k + 1))
        + (_stirling(m) + _stirling(n - m) - _stirling(k) - _stirling(n - k))
    )
    at_once = (near >= 0.07) & (v <= 0.92 - 4.2 / b)
    return k, inside & (at_once | (np.log(v * alpha / (a / (near * near) + b)) <= bound))


@primitive(
    "random",
    numpy=_binomial,
    shape=lambda state, counts, probabilities, shape, stream: shape,
    dtype=lambda state, counts, probabilities, shape, stream: "float64",
    compute=None,
    smooth=False,
    host_only=True,
)
def random_binomial(state: Any, counts: Any, probabilities: Any, /, shape: Shape, stream: int) -> Any:
    """How many of `counts` trials succeed; without a device lowering, as rejection takes any number of rounds."""
