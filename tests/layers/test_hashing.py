"""Hashing and HashedCrossing: text and numbers alike, in programs too, and mistakes."""

import numpy as np
import pytest

from kmagic.base.errors import BadType, BadValue, ShapeMismatch, Unsupported
from kmagic.layers import HashedCrossing, Hashing
from tests.compiler.programs import run, traced

NUMBERS = np.array([[3], [-12], [2**40]])


def test_numbers_are_hashed_as_their_digits() -> None:
    for salt in (None, 7):
        layer = Hashing(num_bins=1000, salt=salt)
        assert layer(NUMBERS).tolist() == layer(NUMBERS.astype(str)).tolist()
        (found,) = run(traced(layer, [NUMBERS]), [NUMBERS]).outputs.values()
        assert found.tolist() == layer(NUMBERS).tolist()


def test_pairs_of_numbers_become_part_of_a_program() -> None:
    layer = HashedCrossing(num_bins=1000)
    given = [NUMBERS, NUMBERS + 1]
    (found,) = run(traced(lambda a, b: layer([a, b]), given), given).outputs.values()
    assert found.tolist() == layer(given).tolist() != layer(given[::-1]).tolist()


def test_mistakes() -> None:
    with pytest.raises(BadValue, match="dtype is float32"):
        Hashing(3, dtype="float32")
    with pytest.raises(Unsupported, match="sparse=True"):
        Hashing(3, sparse=True, output_mode="count")
    cross = HashedCrossing(num_bins=3)
    with pytest.raises(BadValue, match="one input"):
        cross(np.array(["a"]))
    with pytest.raises(ShapeMismatch, match="inputs of shapes"):
        cross([np.array(["a"]), np.array([["b"]])])
    with pytest.raises(BadType, match="an input of float64"):
        cross([np.array(["a"]), np.array([0.5])])
