"""Rows in two parts: sizes, order, form."""

import random
from typing import Any

import numpy as np
import pytest

from kmagic.base.errors import BadData, BadType, BadValue
from kmagic.layers import Dense
from kmagic.models import Sequential
from kmagic.utils import split_dataset


@pytest.mark.parametrize(
    ("left", "right", "sizes"),
    [
        (0.5, None, (6, 5)),  # 5.5 is rounded to the even number, as by round()
        (None, 0.3, (8, 3)),
        (4, 3, (4, 3)),
        (7, None, (7, 4)),
        (0.25, 0.25, (3, 3)),
        (None, 1, (10, 1)),
        (0.34, 5, (4, 5)),
    ],
)
def test_sizes_are_numbers_or_shares(left: Any, right: Any, sizes: tuple[int, int]) -> None:
    parts = split_dataset(np.arange(11), left, right)
    assert parts[0].tolist() == list(range(sizes[0]))
    assert parts[1].tolist() == list(range(11 - sizes[1], 11))


def test_the_form_is_kept_and_rows_stay_together() -> None:
    x, y = np.arange(20.0).reshape(10, 2), np.arange(10)
    for given in ((x, y), [x, y], {"x": x, "y": y}, ({"a": x, "b": y}, y)):
        left, right = split_dataset(given, 0.7, shuffle=True, seed=3)
        assert type(left) is type(given) is type(right)
        for part, rows in ((left, 7), (right, 3)):
            first, second = part.values() if isinstance(part, dict) else part
            if isinstance(first, dict):
                first = first["a"]
            assert first.shape == (rows, 2) and (first[:, 0] == 2 * second).all()


def test_the_order_of_a_seed_is_that_of_keras_and_python() -> None:
    order = list(range(9))
    random.seed(5)
    random.shuffle(order)
    state = random.getstate()
    left, right = split_dataset(np.arange(9), 4, shuffle=True, seed=5)
    assert [*left.tolist(), *right.tolist()] == order
    assert random.getstate() == state  # nobody else's random numbers change


def test_both_parts_are_what_fit_takes() -> None:
    x = np.random.default_rng(0).normal(size=(40, 3))
    left, right = split_dataset((x, x.sum(1)), left_size=0.8)
    model = Sequential([Dense(1, input_dim=3)])
    model.compile("sgd", "mse")
    assert len(model.fit(*left, validation_data=right, verbose=0).history["val_loss"]) == 1


@pytest.mark.parametrize(
    ("given", "options", "kind", "says"),
    [
        (np.arange(5), {}, BadValue, "At least one of the `left_size` or `right_size`"),
        (np.arange(5), {"left_size": 0}, BadValue, "`left_size` is 0"),
        (np.arange(5), {"left_size": 5}, BadValue, "positive integer smaller than 5"),
        (np.arange(5), {"right_size": 1.5}, BadValue, "`right_size` is 1.5"),
        (np.arange(5), {"left_size": "most"}, BadType, "int or float or None"),
        (np.arange(5), {"left_size": 0.7, "right_size": 0.5}, BadValue, "greater than 1"),
        (np.arange(5), {"left_size": 3, "right_size": 3}, BadValue, "parts of 3 and 3"),
        (np.arange(5), {"left_size": 0.05}, BadValue, "parts of 0 and 5"),
        ((np.arange(5), np.arange(4)), {"left_size": 2}, BadData, "different lengths: 5 rows, and 4 at index 1"),
        ([], {"left_size": 2}, BadData, "empty list"),
        ([[1, 2]], {"left_size": 1}, BadData, "at index 0"),
        ("text", {"left_size": 1}, BadType, "Unsupported dataset type"),
    ],
)
def test_what_cannot_be_split_is_refused(given: Any, options: Any, kind: type, says: str) -> None:
    with pytest.raises(kind, match=says):
        split_dataset(given, **options)
