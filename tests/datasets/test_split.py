"""The split keeps order, shares and every row."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kmagic.datasets.split import split


@given(st.lists(st.integers(0, 3), min_size=1, max_size=60))
def test_split_loses_and_invents_nothing(labels: list[int]) -> None:
    rows, y = np.arange(len(labels)), np.array(labels)
    (train, y_train), (test, y_test) = split(rows, y)
    assert sorted([*train, *test]) == list(rows)
    assert list(train) == sorted(train) and list(test) == sorted(test)
    assert list(y_train) == list(y[train]) and list(y_test) == list(y[test])
    for label in set(labels):
        assert (y_test == label).sum() == (y == label).sum() // 5
