"""Optimizers: how weights follow gradients, one file each."""

from typing import Any

from kmagic.base import registry as _registry
from kmagic.base.parts import serialize as _serialize
from kmagic.optimizers.optimizer import Optimizer

registry = _registry.Registry("optimizer", __name__)
registry.export("Optimizer", Optimizer)


def get(identifier: Any) -> Any:
    """The optimizer that a name, a config, a class or an instance means."""
    return _registry.get(identifier, registry)


def serialize(optimizer: Any) -> Any:
    """An optimizer as plain data."""
    return _serialize(optimizer)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The optimizer that `serialize` described."""
    return _registry.deserialize(config, registry, custom_objects)
