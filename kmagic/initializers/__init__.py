"""Initializers: the first values of weights."""

from typing import Any

from kmagic.base import registry as _registry
from kmagic.base.parts import serialize as _serialize
from kmagic.initializers.initializer import Initializer, RandomInitializer

registry = _registry.Registry("initializer", __name__)
registry.export("Initializer", Initializer)
registry.export("RandomInitializer", RandomInitializer)


def get(identifier: Any) -> Any:
    """The initializer that a name, a config, an instance or a function means."""
    return _registry.get(identifier, registry)


def serialize(initializer: Any) -> Any:
    """An initializer as plain data."""
    return _serialize(initializer)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The initializer that `serialize` described."""
    return _registry.deserialize(config, registry, custom_objects)
