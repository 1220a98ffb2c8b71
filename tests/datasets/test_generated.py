"""The generated data depend on the seed only, and are learnable but noisy."""

import numpy as np
import pytest

from kmagic.base.errors import BadValue
from kmagic.datasets import avengers


def test_shapes_and_types() -> None:
    (x, y), (x_test, y_test) = avengers(samples=500)
    assert (x.dtype, y.dtype) == (np.float32, np.int64)
    assert x.shape[1] == x_test.shape[1] == 100
    assert len(x) == len(y) and len(x_test) == len(y_test) and len(x) + len(x_test) == 500
    assert set(y) == set(y_test) == {0, 1}


def test_same_seed_same_data() -> None:
    (x, y), _ = avengers(samples=300, seed=7)
    (again, labels), _ = avengers(samples=300, seed=7)
    (other, _), _ = avengers(samples=300, seed=8)
    np.testing.assert_array_equal(x, again)
    np.testing.assert_array_equal(y, labels)
    assert not np.array_equal(x[:10], other[:10])


def test_classes_are_equally_frequent() -> None:
    (_, y), (_, y_test) = avengers()
    assert abs(y.mean() - 0.5) < 0.02
    assert abs(y.mean() - y_test.mean()) < 0.001


def test_a_straight_line_learns_much_but_not_all() -> None:
    """Least squares, the simplest learner there is, lies between guessing (0.5) and the best possible (0.94)."""
    (x, y), (x_test, y_test) = avengers()
    weights = np.linalg.lstsq(x, y - 0.5, rcond=None)[0]
    assert 0.85 < ((x_test @ weights > 0) == y_test).mean() < 0.92


def test_too_few_samples_are_refused() -> None:
    with pytest.raises(BadValue, match="avengers: samples is 5") as caught:
        avengers(samples=5)
    assert caught.value.expected == "a whole number >= 10"
