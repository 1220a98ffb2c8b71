"""Undo what a preparation has begun: objects get back the attributes that they had."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from kmagic.layers.layer import Layer, attributes_of
from kmagic.metrics import Metric
from kmagic.optimizers import Optimizer

KINDS: tuple[type, ...] = (Layer, Optimizer, Metric)


@contextlib.contextmanager
def restoring(*objects: Any) -> Iterator[None]:
    """On an error inside, every object, and every layer, optimizer and metric within one, is as it was."""
    saved = saved_attributes(*objects)
    try:
        yield
    except BaseException:
        _give_back(saved)
        raise


@contextlib.contextmanager
def undone(*objects: Any) -> Iterator[None]:
    """Whatever happens inside, the objects, and what is within them, are afterwards as they were."""
    saved = saved_attributes(*objects)
    try:
        yield
    finally:
        _give_back(saved)


def _give_back(saved: list[tuple[Any, dict[str, Any]]]) -> None:
    for item, attributes in saved:
        vars(item).clear()
        vars(item).update(attributes)


def saved_attributes(*objects: Any, kinds: tuple[type, ...] = KINDS) -> list[tuple[Any, dict[str, Any]]]:
    """Every object, and what of these kinds is in it, with the attributes that it has now."""
    return [(item, _attributes(item)) for given in objects for item in _with_parts(given, kinds)]


def _attributes(item: Any) -> dict[str, Any]:
    """The attributes of an object; lists are copied, since preparing appends to them."""
    return {name: list(value) if isinstance(value, list) else value for name, value in vars(item).items()}


def _with_parts(item: Any, kinds: tuple[type, ...]) -> Iterator[Any]:
    if isinstance(item, Optimizer):
        yield from item.parts()
        return
    yield item
    if isinstance(item, Layer):
        parts: Iterator[Any] = attributes_of(item, kinds)
        for part in parts:
            yield from _with_parts(part, kinds)
