"""Trees: the same form with other leaves, and the order of leaves."""

from typing import NamedTuple

import pytest

from kmagic.base.errors import BadValue
from kmagic.base.trees import described, filled, is_nested, leaves, mapped


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


@pytest.mark.parametrize(
    ("like", "values", "skip_none", "message"),
    [
        ([0, 0], [1, 2, 3], False, r"3 values for \[·, ·\]\nexpected: 2 values"),
        ([0, {"a": 0}], [1], False, r"1 values for \[·, {a: ·}\]\nexpected: 2 values"),
        ([0, None], [1], False, r"1 values for \[·, None\]\nexpected: 2 values"),
        ([0, None], [1, 2], True, r"2 values for \[·, None\]\nexpected: 1 values"),
    ],
)
def test_other_numbers_of_values_are_refused(like: object, values: list[int], skip_none: bool, message: str) -> None:
    with pytest.raises(BadValue, match=message):
        filled(like, values, skip_none)


@pytest.mark.parametrize(
    ("tree", "values", "text"),
    [
        (1, [1], "·"),
        (None, [], "None"),
        ((), [], "()"),
        ((1, [2, (3,)]), [1, 2, 3], "(·, [·, (·)])"),
        ({"b": 1, "a": {"c": 2}}, [2, 1], "{a: {c: ·}, b: ·}"),
        (Pair(1, [2]), [1, 2], "(·, [·])"),
        ({"z": 1, "y": None}, [1], "{y: None, z: ·}"),
    ],
    ids=str,
)
def test_none_may_hold_nothing(tree: object, values: list[int], text: str) -> None:
    assert leaves(tree, skip_none=True) == values and described(tree) == text
    again = filled(tree, values, skip_none=True)
    assert again == tree and type(again) is type(tree)
    tenfold = mapped(lambda leaf: leaf * 10, tree, skip_none=True)
    assert leaves(tenfold, skip_none=True) == [10 * leaf for leaf in values] and described(tenfold) == text


@pytest.mark.parametrize(("tree", "nested"), [([], True), ((), True), ({}, True), ("ab", False), (None, False)])
def test_what_is_nested(tree: object, nested: bool) -> None:
    assert is_nested(tree) is nested
