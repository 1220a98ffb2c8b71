"""Undo what a failed preparation has begun: objects get back the attributes that they had."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from kmagic.layers.layer import Layer
from kmagic.optimizers import Optimizer


@contextlib.contextmanager
def restoring(*objects: Any) -> Iterator[None]:
    """On an error inside, every object (and each layer within a layer, each part of an optimizer) is as it was."""
    saved = saved_attributes(*objects)
    try:
        yield
    except BaseException:
        for item, attributes in saved:
            vars(item).clear()
            vars(item).update(attributes)
        raise


def saved_attributes(*objects: Any) -> list[tuple[Any, dict[str, Any]]]:
    """Every object, and what is in it, with the attributes that it has now."""
    return [(item, _attributes(item)) for given in objects for item in _with_parts(given)]


def _attributes(item: Any) -> dict[str, Any]:
    """The attributes of an object; lists are copied, since preparing appends to them."""
    return {name: list(value) if isinstance(value, list) else value for name, value in vars(item).items()}


def _with_parts(item: Any) -> Iterator[Any]:
    if isinstance(item, Optimizer):
        yield from item.parts()
        return
    yield item
    if isinstance(item, Layer):
        for layer in item._layers():
            yield from _with_parts(layer)
