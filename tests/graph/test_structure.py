"""Nested structures come apart and together again."""

from collections import namedtuple

import pytest

from kmagic.graph.structure import described, filled, flatten, mapped

Pair = namedtuple("Pair", "first second")
CASES = [
    (1, [1], "·"),
    (None, [], "None"),
    ((), [], "()"),
    ((1, [2, (3,)]), [1, 2, 3], "(·, [·, (·)])"),
    ({"b": 1, "a": {"c": 2}}, [2, 1], "{a: {c: ·}, b: ·}"),
    (Pair(1, [2]), [1, 2], "(·, [·])"),
    ({"z": 1, "y": None}, [1], "{y: None, z: ·}"),
]


@pytest.mark.parametrize(("structure", "leaves", "text"), CASES, ids=[text for _, _, text in CASES])
def test_apart_and_together(structure: object, leaves: list[int], text: str) -> None:
    assert flatten(structure) == leaves
    assert described(structure) == text
    again = filled(structure, leaves)
    assert again == structure and type(again) is type(structure)
    assert flatten(mapped(lambda leaf: leaf * 10, structure)) == [10 * leaf for leaf in leaves]
