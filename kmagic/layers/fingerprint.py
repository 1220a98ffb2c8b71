"""Fingerprints of text: 64-bit hashes that spread words over bins, the same ones that TensorFlow takes.

FarmHash (G. Pike, 2014, its Fingerprint64) without a key, SipHash-2-4 (J.-P. Aumasson and D. J. Bernstein, 2012) with
one. Both are written once, in arithmetic on unsigned numbers of 64 bits: on arrays they run at once, on symbols they
become part of the program. What they read is a text of bytes: `Rows` of equal length, or the `Digits` of whole numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kmagic.graph.load import ops
from kmagic.graph.ops.movement import shape_of

Array = np.ndarray[Any, Any]

K0, K1, K2 = (np.uint64(k) for k in (0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F))
MOST_DIGITS = 20  # of a number of 64 bits, the minus sign included
CROSSED_FROM = np.uint64(0xDECAFCAFFE)  # what a cross of several fingerprints begins with


class Rows:
    """Texts of one length, as a matrix of bytes."""

    def __init__(self, texts: Sequence[bytes]) -> None:
        self.length = self.most = len(texts[0])
        self.bytes = np.frombuffer(b"".join(texts), "uint8").reshape(len(texts), self.length)

    def head(self, at: int, width: int) -> Any:
        """The number that `width` bytes from place `at` on make, the first byte the smallest; 0 beyond the end."""
        part = self.bytes[:, at : at + width].astype("uint64")
        return (part << (8 * np.arange(part.shape[1], dtype="uint64"))).sum(1, dtype="uint64")

    def tail(self, before: int, width: int) -> Any:
        """The same from `before` bytes before the end on."""
        return self.head(self.length - before, width)

    def middle(self) -> Any:
        """The byte in the middle."""
        return self.head(self.length // 2, 1)


class Digits:
    """The decimal digits of whole numbers, arrays or symbols, behind a minus sign where there is one."""

    most = MOST_DIGITS

    def __init__(self, numbers: Any) -> None:
        signed = ops.cast(numbers, "int64")
        is_negative = signed < 0
        unsigned = ops.cast(signed, "uint64")
        size = ops.expand_dims(ops.where(is_negative, ops.bitwise_invert(unsigned) + np.uint64(1), unsigned), -1)
        powers = np.array([10**place for place in range(MOST_DIGITS)], "uint64")
        places = np.arange(MOST_DIGITS, dtype="int32")
        count = ops.maximum(ops.sum(ops.cast(size >= powers, "int32"), -1, keepdims=True), 1)
        sign = ops.cast(ops.expand_dims(is_negative, -1), "int32")
        digits = ops.cast(ops.mod(ops.floor_divide(size, powers), np.uint64(10)), "int32") + ord("0")
        minus = ops.where(ops.logical_and(ops.equal(places, count), sign > 0), ord("-"), 0)
        from_end = ops.where(places < count, digits, minus)
        length = count + sign
        back = ops.clip(length - 1 - places, 0, MOST_DIGITS - 1)
        self.from_end = ops.cast(from_end, "uint64")
        self.from_start = ops.where(places < length, ops.take_along_axis(self.from_end, back, -1), np.uint64(0))
        self.length = ops.cast(ops.squeeze(length, -1), "uint64")

    def head(self, at: int, width: int) -> Any:
        """The number that `width` bytes from place `at` on make, the first byte the smallest; 0 beyond the end."""
        return _number(self.from_start[..., at : at + width])

    def tail(self, before: int, width: int) -> Any:
        """The same from `before` bytes before the end on."""
        return _number(self.from_end[..., before - width : before], ends=True)

    def middle(self) -> Any:
        """The byte in the middle of a text of one, two or three."""
        return ops.where(ops.equal(self.length, np.uint64(1)), self.head(0, 1), self.head(1, 1))


def _number(characters: Any, ends: bool = False) -> Any:
    """The number that bytes along the last axis make; with `ends` the first byte is the largest."""
    width = shape_of(characters)[-1]
    weights = np.array([1 << 8 * place for place in range(width)], "uint64")
    return ops.sum(characters * (weights[::-1] if ends else weights), -1)


def fingerprints(texts: Sequence[bytes], key: Sequence[int] | None = None) -> Array:
    """The fingerprint of each text, with a key of two numbers or without."""
    result = np.empty(len(texts), "uint64")
    lengths = np.fromiter(map(len, texts), "int64", len(texts))
    for length in np.unique(lengths):
        places = np.flatnonzero(lengths == length)
        result[places] = fingerprint(Rows([texts[place] for place in places.tolist()]), key)
    return result


def fingerprint(text: Rows | Digits, key: Sequence[int] | None = None) -> Any:
    """The fingerprint of each text in a batch."""
    return _siphash(text, key) if key is not None else _farmhash(text)


def crossed(parts: Sequence[Any]) -> Any:
    """One fingerprint of several, which depends on their order."""
    multiplier = np.uint64(0xC6A4A7935BD1E995)
    result: Any = CROSSED_FROM
    for part in parts:
        result = (result ^ multiplier) ^ (_folded(part * multiplier) * multiplier)
        result = _folded(_folded(result * multiplier) * multiplier)
    return result


def _folded(x: Any) -> Any:
    return x ^ (x >> 47)


def _rotated(x: Any, by: int) -> Any:
    """The bits of x moved to the right, those that fall out put in on the left."""
    return (x >> by) | (x << (64 - by))


# ---- FarmHash ----


def _farmhash(text: Rows | Digits) -> Any:
    if isinstance(text, Digits):
        longer = ops.where(text.length <= np.uint64(16), _up_to_16(text), _up_to_32(text))
        shorter = ops.where(text.length < np.uint64(4), _up_to_3(text), _up_to_7(text))
        return ops.where(text.length < np.uint64(8), shorter, longer)
    steps = ((0, _of_none), (3, _up_to_3), (7, _up_to_7), (16, _up_to_16), (32, _up_to_32), (64, _up_to_64))
    return next((step for most, step in steps if text.length <= most), _beyond_64)(text)


def _mixed(u: Any, v: Any, multiplier: Any) -> Any:
    """Two numbers made one."""
    a = _folded((u ^ v) * multiplier)
    return _folded((v ^ a) * multiplier) * multiplier


def _multiplier(text: Any) -> Any:
    return K2 + text.length * 2


def _of_none(text: Any) -> Any:
    return K2


def _up_to_3(text: Any) -> Any:
    low = text.head(0, 1) + (text.middle() << 8)
    high = text.length + (text.tail(1, 1) << 2)
    return _folded((low * K2) ^ (high * K0)) * K2


def _up_to_7(text: Any) -> Any:
    return _mixed(text.length + (text.head(0, 4) << 3), text.tail(4, 4), _multiplier(text))


def _up_to_16(text: Any) -> Any:
    by = _multiplier(text)
    a, b = text.head(0, 8) + K2, text.tail(8, 8)
    return _mixed(_rotated(b, 37) * by + a, (_rotated(a, 25) + b) * by, by)


def _halves(text: Any) -> tuple[Any, Any, Any]:
    """What texts of more than 16 bytes give first, and their multiplier."""
    by = _multiplier(text)
    a, b = text.head(0, 8) * K1, text.head(8, 8)
    c, d = text.tail(8, 8) * by, text.tail(16, 8) * K2
    return _rotated(a + b, 43) + _rotated(c, 30) + d, a + _rotated(b + K2, 18) + c, by


def _up_to_32(text: Any) -> Any:
    return _mixed(*_halves(text))


def _up_to_64(text: Any) -> Any:
    by = _multiplier(text)
    a, b = text.head(0, 8) * K2, text.head(8, 8)
    c, d = text.tail(8, 8) * by, text.tail(16, 8) * K2
    y = _rotated(a + b, 43) + _rotated(c, 30) + d
    z = _mixed(y, a + _rotated(b + K2, 18) + c, by)
    e, f = text.head(16, 8) * by, text.head(24, 8)
    g, h = (y + text.tail(32, 8)) * by, (z + text.tail(24, 8)) * by
    return _mixed(_rotated(e + f, 43) + _rotated(g, 30) + h, e + _rotated(f + a, 18) + g, by)


def _beyond_64(text: Rows) -> Any:
    seed = 81
    y = np.full(len(text.bytes), (seed * int(K1) + 113) % 2**64, "uint64")
    z = _folded(y * K2 + np.uint64(113)) * K2
    x = np.uint64(seed * int(K2) % 2**64) + text.head(0, 8)
    v = w = (np.zeros_like(y), np.zeros_like(y))
    for start in range(0, (text.length - 1) // 64 * 64, 64):
        x, y, z, v, w = _block(text, start, (x, y, z, v, w), K1, 1)
    by = K1 + ((z & np.uint64(0xFF)) << 1)
    w = (w[0] + np.uint64((text.length - 1) & 63), w[1])
    v = (v[0] + w[0], v[1])
    w = (w[0] + v[0], w[1])
    x, y, z, v, w = _block(text, text.length - 64, (x, y, z, v, w), by, 9)
    first = _mixed(v[0], w[0], by) + _folded(y) * K0 + z
    return _mixed(first, _mixed(v[1], w[1], by) + x, by)


def _block(text: Rows, start: int, state: tuple[Any, ...], by: Any, weight: int) -> tuple[Any, ...]:
    """The state after 64 more bytes."""
    x, y, z, v, w = state
    x = _rotated(x + y + v[0] + text.head(start + 8, 8), 37) * by
    y = _rotated(y + v[1] + text.head(start + 48, 8), 42) * by
    x = x ^ (w[1] * weight)
    y = y + v[0] * weight + text.head(start + 40, 8)
    z = _rotated(z + w[0], 33) * by
    v = _pair(text, start, v[1] * by, x + w[0])
    w = _pair(text, start + 32, z + w[1], y + text.head(start + 16, 8))
    return z, y, x, v, w


def _pair(text: Rows, start: int, a: Any, b: Any) -> tuple[Any, Any]:
    """Two numbers of 32 bytes and two seeds."""
    first, second, third, fourth = (text.head(start + 8 * place, 8) for place in range(4))
    a = a + first
    b = _rotated(b + a + fourth, 21)
    total = a + second + third
    return total + fourth, b + _rotated(total, 44) + a


# ---- SipHash ----


def _siphash(text: Rows | Digits, key: Sequence[int]) -> Any:
    low, high = (np.uint64(part % 2**64) for part in key)
    tied = ops.zeros_like(text.head(0, 1))
    starts = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)
    keys = (low, high, low, high)
    state = tuple(tied + (np.uint64(start) ^ part) for start, part in zip(starts, keys, strict=True))
    for number in range(text.most // 8 + 1):
        state = _after_word(text, number, state)
    state = (state[0], state[1], state[2] ^ np.uint64(0xFF), state[3])
    for _ in range(4):
        state = _round(*state)
    return state[0] ^ state[1] ^ state[2] ^ state[3]


def _after_word(text: Rows | Digits, number: int, state: tuple[Any, ...]) -> tuple[Any, ...]:
    """The state after eight more bytes; the last ones are filled up with zeros and the length."""
    word = text.head(8 * number, 8)
    if isinstance(text, Rows):
        return _compressed(word + np.uint64(_ending(text.length) if number == text.length // 8 else 0), state)
    last = text.length >> 3
    ending = ops.where(ops.equal(last, np.uint64(number)), text.length << 56, np.uint64(0))
    after = _compressed(word + ending, state)
    goes_on = last >= np.uint64(number)
    return tuple(ops.where(goes_on, new, old) for new, old in zip(after, state, strict=True))


def _ending(length: int) -> int:
    return (length & 0xFF) << 56


def _compressed(word: Any, state: tuple[Any, ...]) -> tuple[Any, ...]:
    a, b, c, d = state
    a, b, c, d = _round(*_round(a, b, c, d ^ word))
    return a ^ word, b, c, d


def _round(a: Any, b: Any, c: Any, d: Any) -> tuple[Any, ...]:
    a, c = a + b, c + d
    b, d = _rotated(b, 51) ^ a, _rotated(d, 48) ^ c
    a, c = _rotated(a, 32) + d, c + b
    d, b = _rotated(d, 43) ^ a, _rotated(b, 47) ^ c
    return a, b, _rotated(c, 32), d
