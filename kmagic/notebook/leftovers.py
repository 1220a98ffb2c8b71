"""Layers that a `%%kmodel` cell makes and loses: in no model, and bound to no name."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

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
    """Those of `made` that are neither in `model` nor bound to a name, nor part of a layer that is."""
    named = [value for value in list(namespace.values()) if isinstance(value, Layer)]
    kept = {id(layer) for owner in (model, *named) for layer in owner._with_inner()}
    return [layer for layer in made if id(layer) not in kept]


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
