"""Structures that operations take and return: trees of values in which None holds nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kmagic.base import trees


def flatten(structure: Any) -> list[Any]:
    """The values from left to right.

    >>> flatten({"b": 3, "a": (1, [2]), "c": None})
    [1, 2, 3]
    """
    return [leaf for leaf in trees.leaves(structure) if leaf is not None]


def filled(like: Any, values: Sequence[Any]) -> Any:
    """A structure like another one, with the first of `values` in place of its own.

    >>> filled({"b": 3, "a": (1, None)}, "xyz")
    {'b': 'y', 'a': ('x', None)}
    """
    given = iter(values)
    return mapped(lambda _: next(given), like)


def mapped(function: Callable[[Any], Any], structure: Any) -> Any:
    """The structure with `function` of each value in its place, from left to right."""
    return trees.mapped(lambda leaf: None if leaf is None else function(leaf), structure)


def described(structure: Any) -> str:
    """The structure as text with a dot for each value; two are alike where their texts are equal.

    >>> described({"b": 3, "a": (1, [2], None)})
    '{a: (·, [·], None), b: ·}'
    """
    if isinstance(structure, dict):
        return "{" + ", ".join(f"{key}: {described(structure[key])}" for key in trees.ordered_keys(structure)) + "}"
    if isinstance(structure, list | tuple):
        inner = ", ".join(map(described, structure))
        return f"[{inner}]" if isinstance(structure, list) else f"({inner})"
    return "None" if structure is None else "·"
