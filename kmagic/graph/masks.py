"""Masks: which positions of a value count. A value carries its mask from the layer that makes it to the loss."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from kmagic.graph.narrow import Bfloat16
from kmagic.graph.symbol import Symbol

# arrays have no room for it; each entry goes with its array
_of_arrays: dict[int, Any] = {}


def mask_of(value: Any) -> Any:
    """The mask that a value carries, None without one."""
    own = getattr(value, "_keras_mask", None)
    return _of_arrays.get(id(value)) if own is None else own


def with_mask(value: Any, mask: Any) -> Any:
    """The same value with a mask; the value that was given keeps its own."""
    if mask is None:
        return value
    if isinstance(value, Symbol):
        return Symbol(value.node, mask)
    if isinstance(value, Bfloat16):
        return Bfloat16.around(value.held, mask)
    array = np.asarray(value).view()
    _of_arrays[id(array)] = mask
    weakref.finalize(array, _of_arrays.pop, id(array), None)
    return array


def without_mask(value: Any) -> Any:
    """The same value without a mask; the value that was given keeps its own."""
    if mask_of(value) is None:
        return value
    if isinstance(value, Bfloat16):
        return Bfloat16.around(value.held)
    return Symbol(value.node) if isinstance(value, Symbol) else np.asarray(value).view()


def drop_mask(value: Any) -> None:
    """Take the mask off a value, for everyone who holds it."""
    if isinstance(value, Symbol):
        value._keras_mask = None
    else:
        _of_arrays.pop(id(value), None)
