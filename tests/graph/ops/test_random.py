"""The generator's known answers, and how its counters are laid out."""

import numpy as np
import pytest

from kmagic.graph.ops.random import bits, fraction_from, keep_mask, philox, random_binomial, stream_of, words_of

# Random123's kat_vectors for philox4x32-10: counter, key, answer.
KNOWN = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]


def words(text: str) -> list[int]:
    return [int(word, 16) for word in text.split()]


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_philox_gives_the_known_answers(counter: str, key: str, answer: str) -> None:
    first, second = words(key)
    found = philox([np.uint64(word) for word in words(counter)], (first, second))
    assert [int(word) for word in found] == words(answer)


def test_counters_are_group_row_call_stream() -> None:
    drawn = bits(np.array([5, 7], "uint32"), (3, 6), stream=11)
    for row in range(3):
        for group in range(2):
            expected = philox([np.uint64(n) for n in (group, row, 7, 11)], (5, 0))
            own = drawn[row, 4 * group : 4 * group + 4]
            assert own.tolist() == [int(word) for word in expected][: own.size]


def test_rows_can_start_anywhere() -> None:
    state = np.array([5, 7], "uint32")
    np.testing.assert_array_equal(bits(state, (6, 3), 1)[4:], bits(state, (2, 3), 1, first_row=4))


@pytest.mark.parametrize("shape", [(), (1,), (4, 0), (2, 3, 5)])
def test_bits_of_any_shape(shape: tuple[int, ...]) -> None:
    drawn = bits(np.array([1, 0], "uint32"), shape, 0)
    assert drawn.shape == shape and drawn.dtype == np.uint32


def test_streams_are_told_apart_by_path() -> None:
    assert stream_of("dropout/dropout") == stream_of("dropout/dropout") != stream_of("dropout_1/dropout")


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_fractions_stay_below_one(dtype: str) -> None:
    ends = np.array([0, 2**32 - 1], "uint32")
    found = fraction_from([ends] * words_of(dtype), dtype)
    assert str(found.dtype) == dtype
    assert found.tolist() == [0.0, 1 - 2.0 ** -{"float16": 11, "float32": 24, "float64": 53}[dtype]]


def test_masks_are_decided_on_whole_numbers() -> None:
    assert keep_mask(np.array([2**31 - 1, 2**31], "uint32"), 0.5).tolist() == [False, True]
    assert keep_mask(np.array([0], "uint32"), 0.0).tolist() == [True]
    assert keep_mask(np.array([2**32 - 1], "uint32"), 1.0).tolist() == [False]


def test_binomial_numbers_do_not_depend_on_their_neighbours() -> None:
    state = np.array([3, 0], "uint32")
    full = random_binomial(state, np.full(6, 100.0), np.full(6, 0.3), (6,), 1)
    mixed = random_binomial(state, np.array([100.0, 5.0] * 3), np.full(6, 0.3), (6,), 1)
    np.testing.assert_array_equal(full[::2], mixed[::2])
