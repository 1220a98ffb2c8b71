"""Trees: values inside lists, tuples and dictionaries, such as the outputs of a model.

Everything else is a leaf, None too. Dictionaries are gone through in the order of their sorted keys, as Keras does, so
that two of them with equal keys line up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from kmagic.base.errors import BadValue


def leaves(tree: Any) -> list[Any]:
    """The values in a tree, in order.

    >>> leaves({"b": 1, "a": [2, None]})
    [2, None, 1]
    """
    return list(_leaves(tree))


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


def mapped(function: Callable[[Any], Any], tree: Any) -> Any:
    """The tree with `function` of each leaf in its place.

    >>> mapped(lambda x: -x, (1, {"a": 2}))
    (-1, {'a': -2})
    """
    return filled(tree, map(function, leaves(tree)))


def filled(like: Any, values: Iterable[Any]) -> Any:
    """A tree of the form of `like` with these leaves.

    >>> filled([0, (0, 0)], "abc")
    ['a', ('b', 'c')]
    """
    given = iter(values)
    tree = _filled(like, given)
    if next(given, given) is not given:
        raise BadValue("more values than places", where="trees", expected=f"{len(leaves(like))} values")
    return tree


def _filled(like: Any, values: Iterator[Any]) -> Any:
    if isinstance(like, dict):
        new = {key: _filled(like[key], values) for key in ordered_keys(like)}
        return {key: new[key] for key in like}
    if isinstance(like, tuple) and hasattr(like, "_fields"):
        return type(like)(*(_filled(item, values) for item in like))
    if isinstance(like, list | tuple):
        return type(like)(_filled(item, values) for item in like)
    return next(values)
