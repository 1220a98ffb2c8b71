"""Trees: the same form with other leaves, and the order of leaves."""

from typing import NamedTuple

import pytest

from kmagic.base.errors import BadValue
from kmagic.base.trees import filled, is_nested, leaves, mapped


class Pair(NamedTuple):
    first: object
    second: object


TREE = {"b": [1, (2, None)], "a": Pair(3, {"z": 4, "y": 5})}


def test_leaves_go_by_sorted_keys() -> None:
    assert leaves(TREE) == [3, 5, 4, 1, 2, None]
    assert leaves(7) == [7] and leaves([]) == [] and leaves(None) == [None]


def test_keys_without_an_order_keep_theirs() -> None:
    assert leaves({1: "a", "x": "b"}) == ["a", "b"]


def test_mapping_keeps_the_form() -> None:
    found = mapped(lambda leaf: leaf and leaf * 10, TREE)
    assert found == {"b": [10, (20, None)], "a": Pair(30, {"z": 40, "y": 50})}
    assert isinstance(found["a"], Pair) and list(found) == ["b", "a"]


def test_filling_is_the_inverse_of_taking_leaves() -> None:
    assert filled(TREE, leaves(TREE)) == TREE


def test_too_many_values_are_refused() -> None:
    with pytest.raises(BadValue, match="more values than places"):
        filled([0, 0], [1, 2, 3])


@pytest.mark.parametrize(("tree", "nested"), [([], True), ((), True), ({}, True), ("ab", False), (None, False)])
def test_what_is_nested(tree: object, nested: bool) -> None:
    assert is_nested(tree) is nested
