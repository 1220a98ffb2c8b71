"""Snapshots: what a program was traced from, so that a change of it is noticed.

A trace takes whatever is no variable as it is: an attribute, the rate of a dropout, a list of layers. A program that is
kept counts as long as all that is as it was; `renewed` opens it anew where it is not.
"""

from __future__ import annotations

import functools
import sys
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np

from kmagic.base.config import epsilon, floatx
from kmagic.base.parts import Part
from kmagic.callbacks import Callback
from kmagic.graph.seed import global_generator
from kmagic.graph.variable import Variable
from kmagic.layers.layer import Layer
from kmagic.models.compiled import Compiled

_ATOMS = frozenset((int, float, str, bool, bytes, type(None)))
_GROUPS = (list, tuple, dict, set, frozenset, deque)
_SMALL = 4096  # elements; what has up to this many is compared by its values, since it may be changed in place
_MOST = 10_000  # once so much was looked into, objects that are no parts are compared by what they are
_PACKAGE = __name__.partition(".")[0]
# of Python's own classes only these are there to hold values
_NOT_LOOKED_INTO = frozenset(sys.stdlib_module_names) - {"types", "argparse"}

_LATER = object()  # stands where something was found that waits

Snapshot = tuple[Any, ...]


def snapshot(model: Layer, compiled: Compiled) -> Snapshot:
    """What a program depends on besides its inputs, as it is now.

    These are the attributes of model, layers, optimizers, losses and metrics, of whatever these hold (regularizers,
    constraints, objects of a user's own), and settings. The values themselves are kept, so that none of them can give
    way to another at the same place in memory.
    """
    found: list[Any] = [epsilon(), floatx(), global_generator()]
    waiting: list[Any] = [model, *compiled.parts]
    seen: dict[int, tuple[int]] = {}
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            found.append(seen[id(value)])
        else:
            seen[id(value)] = (len(seen),)
            _add(value, found, waiting, len(seen) < _MOST)
    return tuple(found)


def _add(value: Any, found: list[Any], waiting: list[Any], has_room: bool) -> None:
    """Take a value down, and plain values within it and among its attributes; other ones wait."""
    kind: Any = type(value)
    is_group, left = _way(kind)
    inside: Any = ()
    if kind is Variable:
        found.append(value)
        inside = value.trainable, value.regularizer, value.constraint
    elif is_group and len(value) <= _SMALL:
        found.append(len(value))
        inside = (*value, *value.values()) if isinstance(value, dict) else value
    elif kind is np.ndarray and value.size <= _SMALL:
        found += (value.tobytes(), str(value.dtype), value.shape)
    else:
        found.append(value)
    if left is not None and (has_room or isinstance(value, Part)):
        named = vars(value).copy()  # another thread may set one meanwhile
        # what a constructor was given is there as attributes too, and counts as a whole
        found.append(named.get("arguments"))
        attributes = [named[name] for name in named if name not in left]
        inside = [*inside, *attributes] if inside else attributes
    for item in inside:
        if type(item) in _ATOMS:
            found.append(item)
        else:
            found.append(_LATER)
            waiting.append(item)


@functools.lru_cache(maxsize=1024)
def _way(kind: type) -> tuple[bool, frozenset[str] | None]:
    """How objects of a kind are looked at: whether they are groups, and which of their attributes do not count.

    There is None where none of them counts: only parts and what just holds values are looked into.
    """
    left = [vars(base).get("left_behind", ()) for base in kind.__mro__ if _is_of_package(base)]
    return issubclass(kind, _GROUPS), frozenset().union(*left) if _is_looked_into(kind) else None


def _is_looked_into(kind: type) -> bool:
    """Whether the attributes of such objects count: parts, and what holds values, but neither data nor machinery."""
    if not kind.__dictoffset__ or issubclass(kind, type) or hasattr(kind, "__array__") or hasattr(kind, "__next__"):
        return False
    if issubclass(kind, Part):
        return not (issubclass(kind, Callback) and _is_of_package(kind))
    return kind.__module__.partition(".")[0] not in _NOT_LOOKED_INTO and not any(map(_is_of_package, kind.__mro__))


def _is_of_package(kind: type) -> bool:
    return kind.__module__.partition(".")[0] == _PACKAGE


def is_same(before: Snapshot, now: Snapshot) -> bool:
    """Whether nothing has changed: plain values are equal, everything else is the same object."""
    return len(before) == len(now) and all(map(_is_same, before, now))


def _is_same(before: Any, now: Any) -> bool:
    if before is now:
        return True
    # tuples are only shapes of arrays, and numbers of what was there before
    return type(before) is type(now) and (type(now) in _ATOMS or type(now) is tuple) and before == now


def renewed(model: Any, compiled: Compiled, reopen: Callable[[], None]) -> Callable[[], None]:
    """A function that reopens a program if what it was traced from has changed since."""
    known = [snapshot(model, compiled)]

    def look() -> None:
        if not is_same(known[0], snapshot(model, compiled)):
            reopen()
            # tracing may leave something behind
            known[0] = snapshot(model, compiled)

    return look
