"""Initializers: the first values of weights."""

from kmagic.base import registry as _registry
from kmagic.initializers.initializer import Initializer, RandomInitializer

registry = _registry.Registry("initializer", __name__, by_name=True)
get = registry.get
serialize = registry.serialize
deserialize = registry.deserialize
registry.export("Initializer", Initializer)
registry.export("RandomInitializer", RandomInitializer)
