"""Activations: pointwise (and softmax) functions of a layer's output, one file each.

`activations.get("relu")`, `activations.relu(x)`; on arrays they give values, on symbols they become part of a program.
"""

from collections.abc import Callable
from typing import Any

from kmagic.base import registry as _registry

registry = _registry.Registry("activation", __name__)
serialize = registry.serialize
deserialize = registry.deserialize


def get(identifier: Any) -> Callable[..., Any]:
    """The activation that a name, a config or a function means; None means linear."""
    found: Callable[..., Any] = _registry.get("linear" if identifier is None else identifier, registry)
    return found
