"""Trees: values inside lists, tuples and dictionaries, such as the outputs of a model.

Everything else is a leaf. None is one too, unless `skip_none`: then it stays where it is and holds nothing, as in what
operations take and return. Dictionaries are gone through in the order of their sorted keys, as Keras does, so that two
of them with equal keys line up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from kmagic.base.errors import BadValue


def leaves(tree: Any, skip_none: bool = False) -> list[Any]:
    """The values in a tree, in order.

    >>> leaves({"b": 1, "a": [2, None]})
    [2, None, 1]
    """
    return [leaf for leaf in _leaves(tree) if leaf is not None or not skip_none]


def _leaves(tree: Any) -> Iterator[Any]:
    if isinstance(tree, dict):
        for key in ordered_keys(tree):
            yield from _leaves(tree[key])
    elif isinstance(tree, list | tuple):
        for item in tree:
            yield from _leaves(item)
    else:
        yield tree


def is_nested(tree: Any) -> bool:
    """Whether a value is no leaf."""
    return isinstance(tree, list | tuple | dict)


def ordered_keys(tree: dict[Any, Any]) -> list[Any]:
    """The keys of a dictionary in the order in which its values are gone through."""
    try:
        return sorted(tree)
    except TypeError:  # keys of several kinds have no order
        return list(tree)


def mapped(function: Callable[[Any], Any], tree: Any, skip_none: bool = False) -> Any:
    """The tree with `function` of each leaf in its place.

    >>> mapped(lambda x: -x, (1, {"a": 2}))
    (-1, {'a': -2})
    """
    return filled(tree, map(function, leaves(tree, skip_none)), skip_none)


def filled(like: Any, values: Iterable[Any], skip_none: bool = False) -> Any:
    """A tree of the form of `like` with these leaves.

    >>> filled([0, (0, 0)], "abc")
    ['a', ('b', 'c')]
    >>> filled({"b": 3, "a": (1, None)}, "xy", skip_none=True)
    {'b': 'y', 'a': ('x', None)}
    """
    given, places = list(values), len(leaves(like, skip_none))
    if len(given) != places:
        raise BadValue(f"{len(given)} values for {described(like)}", where="trees", expected=f"{places} values")
    return _filled(like, iter(given), skip_none)


def _filled(like: Any, values: Iterator[Any], skip_none: bool) -> Any:
    if isinstance(like, dict):
        new = {key: _filled(like[key], values, skip_none) for key in ordered_keys(like)}
        return {key: new[key] for key in like}
    if isinstance(like, list | tuple):
        items = [_filled(item, values, skip_none) for item in like]
        return type(like)(*items) if hasattr(like, "_fields") else type(like)(items)
    return None if like is None and skip_none else next(values)


def described(tree: Any) -> str:
    """A tree as text with a dot for each value; two are alike where their texts are equal.

    >>> described({"b": 3, "a": (1, [2], None)})
    '{a: (·, [·], None), b: ·}'
    """
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{key}: {described(tree[key])}" for key in ordered_keys(tree)) + "}"
    if isinstance(tree, list | tuple):
        inner = ", ".join(map(described, tree))
        return f"[{inner}]" if isinstance(tree, list) else f"({inner})"
    return "None" if tree is None else "·"
