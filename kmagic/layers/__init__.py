"""Layers, a file a family. Each is written in operations only; gradients and devices are the compiler's."""

from typing import Any

from kmagic.base import registry as _registry
from kmagic.base.parts import serialize as _serialize
from kmagic.layers.layer import Layer

registry = _registry.Registry("layer", __name__)
registry.export("Layer", Layer)


def serialize(layer: Any) -> Any:
    """A layer as plain data."""
    return _serialize(layer)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The layer that `serialize` described."""
    return _registry.deserialize(config, registry, custom_objects)
