"""Activations: pointwise (and softmax) functions of a layer's output, one file each.

`activations.get("relu")`, `activations.relu(x)`; on arrays they give values, on symbols they become part of a program.
"""

from collections.abc import Callable
from typing import Any

from kmagic.base import registry as _registry
from kmagic.base.parts import serialize as _serialize

registry = _registry.Registry("activation", __name__)


def get(identifier: Any) -> Callable[..., Any]:
    """The activation that a name, a config or a function means; None means linear."""
    found: Callable[..., Any] = _registry.get("linear" if identifier is None else identifier, registry)
    return found


def serialize(activation: Any) -> Any:
    """The name of an activation function."""
    return _serialize(activation)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The activation that `serialize` described."""
    return _registry.deserialize(config, registry, custom_objects)
