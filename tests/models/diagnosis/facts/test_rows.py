"""Facts of rows: equal ones, whether that is chance, labels and their order."""

import numpy as np
import pytest

from kmagic.models.diagnosis.facts.arrays import gather
from kmagic.models.diagnosis.facts.rows import (
    are_among,
    are_distinctive,
    count_repeated,
    distinct,
    is_sorted,
    labels_of,
    row_keys,
)

GENERATOR = np.random.default_rng(8)


@pytest.mark.parametrize("shape", [(3000, 5), (3000,), (300, 4, 4, 2)])
def test_equal_rows_have_equal_keys_and_others_do_not(shape: tuple[int, ...]) -> None:
    array = GENERATOR.normal(size=shape).astype("float32")
    array[100:150] = array[:50]
    keys = row_keys([gather(array, "x")])
    np.testing.assert_array_equal(keys[100:150], keys[:50])
    assert len(np.unique(keys)) == len(array) - 50 == len(array) - count_repeated(keys)


def test_keys_look_at_places_and_not_at_types() -> None:
    table = np.array([[1, 2, 3], [3, 2, 1], [2, 1, 3], [1, 2, 4], [0, 2, 3]])
    keys = row_keys([gather(table, "x")])
    assert len(set(keys.tolist())) == 5
    for dtype in ("float64", "uint8", "float32"):
        np.testing.assert_array_equal(row_keys([gather(table.astype(dtype), "x")]), keys)
    zeros = row_keys([gather(np.array([[0.0], [-0.0]]), "x")])
    assert zeros[0] == zeros[1]


def test_small_whole_numbers_do_not_collide() -> None:
    every = np.stack(np.meshgrid(np.arange(60), np.arange(60), np.arange(20)), -1).reshape(-1, 3)
    assert count_repeated(row_keys([gather(every, "x")])) == 0


def test_rows_of_several_inputs() -> None:
    left, right = np.array([[1], [2], [1], [1]]), np.array([[5], [5], [5], [6]])
    keys = row_keys([gather(left, "a"), gather(right, "b")])
    assert keys[0] == keys[2] and len(set(keys.tolist())) == 3
    assert row_keys([gather(left, "a"), gather(right[:2], "b")]) is None
    assert row_keys([gather(["a", "b"], "x")]) is None
    assert row_keys([gather(np.zeros((5000, 4000), "int8"), "x")]) is None


def test_rows_among_others() -> None:
    assert are_among(np.array([3, 9, 1]), np.array([1, 2, 3])).tolist() == [True, False, True]


def test_rows_that_are_hardly_equal_by_chance() -> None:
    assert are_distinctive([gather(GENERATOR.normal(size=(200, 3)), "x")])
    assert not are_distinctive([gather(GENERATOR.integers(0, 2, (200, 40)), "x")])
    assert not are_distinctive([gather(GENERATOR.integers(0, 12, (5000, 2)), "x")])
    assert not are_distinctive([gather(["a", "b"], "x")])


def test_labels() -> None:
    numbers = np.array([2, 0, 1, 2])
    assert labels_of(gather(numbers, "y")).tolist() == [2, 0, 1, 2]
    assert labels_of(gather(numbers[:, None].astype("float32"), "y")).tolist() == [2, 0, 1, 2]
    assert labels_of(gather(np.eye(3)[numbers], "y")).tolist() == [2, 0, 1, 2]
    for other in (None, gather(GENERATOR.normal(size=9), "y"), gather(np.ones((4, 2)), "y"), gather(["a"], "y")):
        assert labels_of(other) is None


def test_order() -> None:
    for column, expected in (
        ([0, 0, 1, 1], True),
        ([2, 1, 1], True),
        ([1, 1], False),
        ([1], False),
        ([0, 2, 1], False),
    ):
        assert is_sorted(np.array(column)) is expected
    assert distinct(np.array([3, 1, 3])).tolist() == [1, 3]
