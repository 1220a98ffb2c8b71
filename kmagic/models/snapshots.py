"""Snapshots: what a program was traced from, so that a change of it is noticed.

A trace takes whatever is no variable as it is: an attribute, the rate of a dropout, a list of layers. A program that is
kept counts as long as all that is as it was; `renewed` opens it anew where it is not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kmagic.base.config import epsilon, floatx
from kmagic.graph.seed import global_generator
from kmagic.graph.variable import Variable
from kmagic.layers.layer import Layer
from kmagic.losses import Loss
from kmagic.metrics import Metric
from kmagic.models.compiled import Compiled
from kmagic.optimizers import Optimizer

_ATOMS = frozenset((int, float, str, bool, bytes, type(None)))
_OWNERS = (Layer, Optimizer, Metric, Loss)
_SMALL = 4096  # elements; an array up to this size is compared by its values, since it may be changed in place
# what training, tracing and looking at a model leave behind, on which no program depends
_LEFT_BEHIND = frozenset(
    ("_built_input_shape", "_calls", "_compiled", "_input", "_network", "_opened", "_output", "_text", "arguments")
    + ("clock", "history", "line", "output_shape", "run", "stop_training")
)

Snapshot = tuple[Any, ...]


def snapshot(model: Layer, compiled: Compiled) -> Snapshot:
    """What a program depends on besides its inputs, as it is now.

    These are the attributes of model, layers, optimizers, losses and metrics, what is trained and how, and settings.
    The values themselves are kept, so that none of them can give way to another at the same place in memory.
    """
    found: list[Any] = [epsilon(), floatx(), global_generator()]
    waiting: list[Any] = [model, *compiled.parts]
    seen: set[int] = set()
    while waiting:
        owner = waiting.pop()
        if id(owner) not in seen:
            seen.add(id(owner))
            for name, value in vars(owner).items():
                if name not in _LEFT_BEHIND:
                    _add(value, found, waiting)
    return tuple(found)


def _add(value: Any, found: list[Any], waiting: list[Any]) -> None:
    """Take a value down, or what is in it, so that a change within is seen too; objects with attributes wait."""
    kind = type(value)
    if kind in _ATOMS:
        found.append(value)
    elif kind is Variable:
        found += (value, value.trainable, value.regularizer, value.constraint)
    elif kind is list or kind is tuple:
        found.append(len(value))
        for item in value:
            _add(item, found, waiting)
    elif kind is dict:
        found.append(len(value))
        for pair in value.items():
            for item in pair:
                _add(item, found, waiting)
    elif kind is np.ndarray and value.size <= _SMALL:
        found += (value.tobytes(), str(value.dtype), value.shape)
    else:
        found.append(value)
        if isinstance(value, _OWNERS):
            waiting.append(value)


def is_same(before: Snapshot, now: Snapshot) -> bool:
    """Whether nothing has changed: plain values are equal, everything else is the same object."""
    return len(before) == len(now) and all(map(_is_same, before, now))


def _is_same(before: Any, now: Any) -> bool:
    if before is now:
        return True
    # shapes of arrays are the only tuples
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
