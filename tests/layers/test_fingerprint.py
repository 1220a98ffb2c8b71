"""Fingerprints: the published reference values of SipHash, FarmHash as plain Python integers, digits as text."""

import numpy as np
import pytest

from kmagic.layers.fingerprint import Digits, fingerprint, fingerprints

MASK = 2**64 - 1
K2 = 0x9AE16A3B2F90404F


def shift_mix(x: int) -> int:
    return x ^ (x >> 47)


def test_siphash_of_the_paper() -> None:
    # the test vector of appendix A: key 00 01 … 0f, message 00 01 … 0e
    key = [int.from_bytes(bytes(range(start, start + 8)), "little") for start in (0, 8)]
    assert fingerprints([bytes(range(15))], key).tolist() == [0xA129CA6149BE45E5]


def test_farmhash_of_a_short_text_by_hand() -> None:
    # "abc": the formula for lengths 1 to 3
    low, high = ord("a") + (ord("b") << 8), 3 + (ord("c") << 2)
    expected = shift_mix((low * K2 ^ high * 0xC3A5C85C97CB3127) & MASK) * K2 & MASK
    assert fingerprints([b"abc", b""]).tolist() == [expected, K2]


def test_texts_of_all_lengths_have_fingerprints_of_their_own() -> None:
    texts = [bytes((7 * place) % 251 for place in range(length)) for length in range(300)]
    found = fingerprints(texts)
    assert len(set(found.tolist())) == 300
    # in another order and company they are the same
    np.testing.assert_array_equal(fingerprints(texts[::-3]), found[::-3])


@pytest.mark.parametrize("key", [None, [3, 2**63 + 1]])
def test_digits_are_the_text_of_the_number(key: list[int] | None) -> None:
    powers = [sign * 10**place + step for place in range(19) for sign in (1, -1) for step in (-1, 0, 1)]
    numbers = np.array([0, 7, -(2**63), 2**63 - 1, *powers], "int64")
    expected = fingerprints([str(number).encode() for number in numbers.tolist()], key)
    np.testing.assert_array_equal(fingerprint(Digits(numbers), key), expected)
    np.testing.assert_array_equal(fingerprint(Digits(numbers.reshape(2, -1)), key), expected.reshape(2, -1))
