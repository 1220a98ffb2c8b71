"""What patterns of axes, distances and pieces refuse."""

import numpy as np
import pytest

from kmagic import ops
from kmagic.base.errors import BadValue, ShapeMismatch

X = np.zeros((2, 6))


@pytest.mark.parametrize("pattern", ["a b", "a b -> a", "a a -> a a", "a b -> a c", "a -> b -> a"])
def test_patterns_name_each_axis_once_on_both_sides(pattern: str) -> None:
    with pytest.raises(BadValue, match="pattern is"):
        ops.rearrange(X, pattern)


@pytest.mark.parametrize(
    ("pattern", "lengths"),
    [
        ("a b c -> c b a", {}),
        ("a (b c) -> a b c", {}),
        ("a (b c) -> a b c", {"b": 4}),
        ("a (b c) -> a b c", {"b": 2, "c": 2}),
    ],
)
def test_lengths_must_fit(pattern: str, lengths: dict[str, int]) -> None:
    with pytest.raises(ShapeMismatch, match="rearrange"):
        ops.rearrange(X, pattern, **lengths)


def test_distances_need_vectors_of_one_length() -> None:
    with pytest.raises(ShapeMismatch, match="cdist"):
        ops.cdist(X, np.zeros((2, 5)))
    with pytest.raises(ShapeMismatch, match="cdist"):
        ops.cdist(X, np.zeros(6))


@pytest.mark.parametrize(("length", "stride"), [(7, 1), (0, 1), (3, 0)])
def test_pieces_must_lie_in_the_sequence(length: int, stride: int) -> None:
    with pytest.raises(BadValue, match="extract_sequences"):
        ops.extract_sequences(X, length, stride)
