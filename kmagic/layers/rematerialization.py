"""Which layers keep less for the backward pass: those that were made inside of a scope that says so."""

from __future__ import annotations

import contextvars
import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from kmagic.base.errors import BadType, BadValue
from kmagic.base.trees import leaves
from kmagic.graph.node import next_serial
from kmagic.graph.ops.rematerialization import forgotten, remat

_MODES = ("full", "activations", "larger_than", "list_of_layers", None)
_scopes: contextvars.ContextVar[tuple[Any, ...]] = contextvars.ContextVar("remat_scopes", default=())


class RematScope:
    """Layers that are made inside compute their values again in the backward pass, instead of keeping them.

    `mode` says which: "full" all of them, "activations" only their activations, "larger_than" those whose output has
    more than `output_size_threshold` numbers a row, "list_of_layers" those named in `layer_names`, None none of them,
    whatever scope is around. Recurrent layers keep their states after every √steps-th step and go through the steps
    between once more.

    >>> from kmagic.layers import LSTM
    >>> with RematScope(mode="full"):
    ...     layer = LSTM(32)
    """

    def __init__(
        self,
        mode: str | None = "full",
        output_size_threshold: int = 1024,
        layer_names: Sequence[str] | None = None,
    ) -> None:
        if mode not in _MODES:
            raise BadValue(
                f"Invalid mode {mode!r}", where="RematScope", expected=f"one of {', '.join(map(repr, _MODES))}"
            )
        self.mode, self.output_size_threshold = mode, _checked_threshold(output_size_threshold)
        self.layer_names = _checked_names(layer_names)

    def __enter__(self) -> RematScope:
        _scopes.set((*_scopes.get(), self))
        return self

    def __exit__(self, *failure: object) -> None:
        _scopes.set(_scopes.get()[:-1])

    def covers(self, name: str, shapes: Iterable[Sequence[Any]]) -> bool:
        """Whether a layer of this name, with outputs of these shapes, is not to keep its values."""
        if self.mode == "larger_than":
            rows = [[axis for axis in shape if isinstance(axis, int)] for shape in shapes]
            return sum(map(math.prod, rows)) > self.output_size_threshold
        return self.mode == "full" or (self.mode == "list_of_layers" and name in self.layer_names)


def _checked_threshold(threshold: Any) -> Any:
    if isinstance(threshold, bool) or not isinstance(threshold, int | float | np.integer | np.floating):
        raise BadType(
            f"output_size_threshold is {threshold!r}",
            where="RematScope",
            expected="a number of values a row",
            fix="output_size_threshold=1024",
        )
    if not threshold >= 0:
        raise BadValue(
            f"output_size_threshold is {threshold!r}",
            where="RematScope",
            expected="a number >= 0",
            fix="output_size_threshold=1024",
        )
    return threshold


def _checked_names(names: Any) -> list[str]:
    listed = list(names) if isinstance(names, list | tuple | set | frozenset) else [names]
    if names is None:
        return []
    if isinstance(names, str) or not all(isinstance(name, str) for name in listed):
        raise BadType(
            f"layer_names is {names!r}",
            where="RematScope",
            expected="a list of names of layers",
            fix=f"layer_names=[{names!r}]" if isinstance(names, str) else "layer_names=['dense']",
        )
    return listed


def current() -> RematScope | None:
    """The innermost scope, if it asks for anything."""
    scopes = _scopes.get()
    return scopes[-1] if scopes and scopes[-1].mode is not None else None


def call_layer(layer: Any, *args: Any, **kwargs: Any) -> Any:
    """What a layer's `call` gives, as the scope that it was made in wants it."""
    scope = layer.remat_scope
    if scope is None or layer.forgets_itself:
        return layer.call(*args, **kwargs)
    if scope.mode == "activations" and getattr(layer, "activation", None) is not None:
        return _with_forgotten_activation(layer, *args, **kwargs)
    start = next_serial()
    outputs = layer.call(*args, **kwargs)
    shapes = [output.shape for output in leaves(outputs) if hasattr(output, "shape")]
    return forgotten(start, outputs) if scope.covers(layer.name, shapes) else outputs


def _with_forgotten_activation(layer: Any, *args: Any, **kwargs: Any) -> Any:
    activation = layer.activation
    layer.activation = remat(activation)
    try:
        return layer.call(*args, **kwargs)
    finally:
        layer.activation = activation
