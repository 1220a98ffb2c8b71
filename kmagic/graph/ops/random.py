"""Random numbers: one counter-based generator, Philox4x32-10.

Key = the generator's seed; counter = (group of four numbers within a row, row, call, stream). A number therefore
depends on what it is for (stream: the path of the layer), which call it belongs to and which row it goes to, and not
on device, workers, or how calls are batched. Source: J. Salmon et al., Parallel Random Numbers: As Easy as 1, 2, 3,
SC 2011.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from kmagic.base.shapes import Shape
from kmagic.graph.table import ops, primitive

_MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_WEYL = (0x9E3779B9, 0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)


def philox(counter: Any, key: tuple[int, int]) -> Any:
    """Ten rounds of Philox4x32 on four arrays of 32-bit counters (held as uint64): four arrays of 32 random bits.

    >>> [hex(int(word)) for word in philox([np.uint64(0)] * 4, (0, 0))]
    ['0x6627e8d5', '0xe169c58d', '0xbc57ac4c', '0x9b00dbd8']
    """
    c0, c1, c2, c3 = counter
    for number in range(10):
        k0, k1 = (np.uint64((start + number * step) & 0xFFFFFFFF) for start, step in zip(key, _WEYL, strict=True))
        first, second = c0 * _MULTIPLIERS[0], c2 * _MULTIPLIERS[1]
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


def uniform_from(random: Any, dtype: str) -> Any:
    """Bits as floats in [0, 1): the upper 24 of them, so that 1 is never reached in float32."""
    return ops.cast(ops.floor_divide(random, 256), dtype) * 2.0**-24


def normal_from(random: Any, other: Any, dtype: str) -> Any:
    """Two arrays of bits as standard normal floats (Box and Muller 1958)."""
    radius = ops.sqrt(-2 * ops.log(1 - uniform_from(random, dtype)))
    return radius * ops.cos(2 * math.pi * uniform_from(other, dtype))


def keep_mask(random: Any, rate: float) -> Any:
    """True with probability 1 − rate, decided on whole numbers: at least rate·2³²."""
    return ops.greater_equal(random, np.uint32(min(round(rate * 2**32), 2**32 - 1)))
