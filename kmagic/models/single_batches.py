"""Passes over single batches, used again: tracing a program for each batch would cost more than running it."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Any

from kmagic.base.config import epsilon, floatx
from kmagic.layers.layer import Layer
from kmagic.models.compiled import Compiled
from kmagic.training.loop import Pass

_KEPT = 8
_PLAIN = (int, float, str, bool, type(None))
# what training, tracing and looking at a model leave behind, on which no program depends
_LEFT_BEHIND = frozenset(
    ("_built_input_shape", "_calls", "_compiled", "_input", "_network", "_opened", "_output", "arguments")
    + ("clock", "history", "line", "output_shape", "run", "stop_training")
)

Snapshot = tuple[Any, ...]


@dataclass
class _Kept:
    capacity: int
    snapshot: Snapshot
    over: Pass


class SingleBatches:
    """A few passes by what they are for; each counts as long as what its program depends on is as it was."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, _Kept] = {}

    def find(self, key: Hashable, rows: int, now: Snapshot) -> Pass | None:
        """A pass for so many rows whose program is still the right one."""
        kept = self._kept.get(key)
        return kept.over if kept and kept.capacity >= rows and is_same(kept.snapshot, now) else None

    def keep(self, key: Hashable, rows: int, now: Snapshot, over: Pass) -> None:
        """Remember a pass for later batches."""
        if len(self._kept) >= _KEPT:
            self._kept.clear()
        self._kept[key] = _Kept(rows, now, over)


def snapshot(model: Layer, compiled: Compiled) -> Snapshot:
    """What a program depends on besides its inputs, as it is now.

    These are the attributes of model, layers, optimizer, losses and metrics, what is trained and how, and settings.
    The values themselves are kept, so that none of them can give way to another at the same place in memory.
    """
    owners = [model, *_inner(model), *compiled.parts]
    found: list[Any] = [epsilon(), floatx()]
    for owner in owners:
        for name, value in vars(owner).items():
            if name not in _LEFT_BEHIND:
                found += _members(value)
    for variable in model.variables:
        found += [variable, variable.trainable, variable.regularizer, variable.constraint]
    return tuple(found)


def _members(value: Any) -> list[Any]:
    """A value, or what is in it, so that a change within is seen too."""
    if isinstance(value, dict):
        return [item for pair in value.items() for item in pair]
    return list(value) if isinstance(value, list | tuple) else [value]


def is_same(before: Snapshot, now: Snapshot) -> bool:
    """Whether nothing has changed: plain values are equal, everything else is the same object."""
    return len(before) == len(now) and all(map(_is_same, before, now))


def _is_same(before: Any, now: Any) -> bool:
    return before is now or (type(before) is type(now) and isinstance(now, _PLAIN) and before == now)


def _inner(model: Layer) -> Iterator[Layer]:
    for layer in model._layers():
        yield layer
        yield from _inner(layer)
