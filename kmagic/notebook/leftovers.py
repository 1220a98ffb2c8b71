"""Layers that a `%%kmodel` cell makes and loses: in no model, and bound to no name."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from kmagic.base.trees import leaves
from kmagic.layers import Layer
from kmagic.layers.input import InputLayer
from kmagic.models import Model

SHOWN = 6


@contextmanager
def layers_made() -> Iterator[list[Layer]]:
    """The layers that this thread makes while this lasts; models and inputs are not counted.

    The constructor itself notes them: a layer that nobody keeps is gone before anything else could see it.
    """
    made: list[Layer] = []
    thread = threading.get_ident()
    init: Any = Layer.__init__

    @functools.wraps(init)
    def noting(self: Layer, *args: Any, **options: Any) -> None:
        init(self, *args, **options)
        if threading.get_ident() == thread and not isinstance(self, Model | InputLayer):
            made.append(self)

    Layer.__init__ = noting  # type: ignore[method-assign]
    try:
        yield made
    finally:
        Layer.__init__ = init  # type: ignore[method-assign]


def left_over(made: Iterable[Layer], model: Model, namespace: Mapping[str, Any]) -> list[Layer]:
    """Those of `made` that are neither in `model` nor bound to a name, nor part of one that is, or is named."""
    named = [value for value in list(namespace.values()) if isinstance(value, Layer)]
    kept = _with_given((model, *named))
    lost = [layer for layer in made if id(layer) not in kept]
    parts = set().union(*(_with_given(own) for own in map(_taken, lost)))
    return [layer for layer in lost if id(layer) not in parts]


def _with_given(owners: Iterable[Layer]) -> set[int]:
    """The ids of layers, of those inside, and of those that their constructors were given, which copies may stand for.

    `Bidirectional(LSTM(4))` holds two copies; the LSTM that the user wrote is part of it all the same.
    """
    waiting, found = list(owners), set[int]()
    while waiting:
        layer = waiting.pop()
        if id(layer) not in found:
            found.add(id(layer))
            waiting += _taken(layer)
    return found


def _taken(layer: Layer) -> list[Layer]:
    """The layers inside, and those that the constructor was given."""
    return [*layer._layers(), *(leaf for leaf in leaves(layer.arguments) if isinstance(leaf, Layer))]


def told(layers: list[Layer], name: str) -> str:
    """One line about layers that are not part of the model `name`; empty if there are none."""
    if not layers:
        return ""
    names = ", ".join(layer.name for layer in layers[:SHOWN]) + (", …" if len(layers) > SHOWN else "")
    if len(layers) == 1:
        return f"1 layer was made but is not part of {name}: {names}; put it on a line of its own or return it"
    return (
        f"{len(layers)} layers were made but are not part of {name}: {names}; "
        "put them on a line of their own or return them"
    )
