"""Initializers: the first values of weights."""

from typing import Any

from kmagic.base import registry as _registry
from kmagic.initializers.initializer import Initializer, RandomInitializer

registry = _registry.Registry("initializer", __name__, by_name=True)
serialize = registry.serialize
deserialize = registry.deserialize
registry.export("Initializer", Initializer)
registry.export("RandomInitializer", RandomInitializer)


def get(identifier: Any) -> Any:
    """The initializer that a name, a config, a class, an instance, a function or an array means; None stays None."""
    is_array = hasattr(identifier, "__array__") and not callable(identifier)
    return registry.find("constant").target(identifier) if is_array else registry.get(identifier)
