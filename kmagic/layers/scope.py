"""What surrounds a call of a layer: the path of names, whether it is training, and the losses added on the way."""

from __future__ import annotations

import contextlib
import contextvars
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any
from weakref import WeakKeyDictionary

from kmagic.graph import trace

_path: contextvars.ContextVar[str] = contextvars.ContextVar("path", default="")
_training: contextvars.ContextVar[bool | None] = contextvars.ContextVar("training", default=None)
_losses: contextvars.ContextVar[list[tuple[Any, Any]] | None] = contextvars.ContextVar("losses", default=None)
_added_at_once: WeakKeyDictionary[Any, list[Any]] = WeakKeyDictionary()
_counters: defaultdict[str, Iterator[int]] = defaultdict(itertools.count)


def auto_name(stem: str) -> str:
    """A name that no layer had before: dense, dense_1, dense_2, …"""
    number = next(_counters[stem])
    return f"{stem}_{number}" if number else stem


@contextlib.contextmanager
def named(name: str) -> Iterator[str]:
    """Inside, paths begin with `name`, behind the names around it."""
    with at(f"{_path.get()}/{name}".lstrip("/")) as path:
        yield path


@contextlib.contextmanager
def at(path: str) -> Iterator[str]:
    """Inside, paths begin with `path`."""
    token = _path.set(path)
    try:
        yield path
    finally:
        _path.reset(token)


def current_path() -> str:
    """The path of names around this call."""
    return _path.get()


@contextlib.contextmanager
def training_as(training: bool) -> Iterator[None]:
    """Inside, layers that are not told otherwise are (or are not) training."""
    token = _training.set(training)
    try:
        yield
    finally:
        _training.reset(token)


def is_training(otherwise: bool = False) -> bool:
    """Whether layers are training here; `otherwise` where nobody has said."""
    said = _training.get()
    return otherwise if said is None else said


@contextlib.contextmanager
def collecting_losses() -> Iterator[list[tuple[Any, Any]]]:
    """Inside, `add_loss` fills this list of layers and what they add."""
    collected: list[tuple[Any, Any]] = []
    token = _losses.set(collected)
    try:
        yield collected
    finally:
        _losses.reset(token)


def add_loss(value: Any, layer: Any) -> None:
    """Add a term to the loss of the step around this call; without one the layer is remembered to have added it."""
    collected = _losses.get()
    if collected is not None:
        collected.append((layer, value))
    elif trace.current() is None:
        _added_at_once.setdefault(layer, []).append(value)


def added_losses(layers: Iterable[Any]) -> list[Any]:
    """What these layers have added in the step around, or in their last call on arrays, in order."""
    collected = _losses.get()
    if collected is None:
        return [value for layer in layers for value in _added_at_once.get(layer, ())]
    own = set(map(id, layers))
    return [value for layer, value in collected if id(layer) in own]


def forget_losses(layers: Iterable[Any]) -> None:
    """Take away what these layers have added, since they are called anew."""
    collected = _losses.get()
    if collected is None:
        for layer in layers:
            _added_at_once.pop(layer, None)
    elif collected:
        own = set(map(id, layers))
        collected[:] = [(layer, value) for layer, value in collected if id(layer) not in own]
