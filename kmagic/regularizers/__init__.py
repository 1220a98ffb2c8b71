"""Regularizers: penalties on weights, added to the loss."""

from typing import Any

from kmagic.base import registry as _registry
from kmagic.base.parts import Part
from kmagic.base.parts import serialize as _serialize

registry = _registry.Registry("regularizer", __name__)


class Regularizer(Part):
    """Base class: `__call__(x)` returns the penalty, a scalar."""

    def __call__(self, x: Any) -> Any:
        """The penalty on a weight."""
        return 0.0


def get(identifier: Any) -> Any:
    """The regularizer that a name, a config, an instance or a function means."""
    return _registry.get(identifier, registry)


def serialize(regularizer: Any) -> Any:
    """A regularizer as plain data."""
    return _serialize(regularizer)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The regularizer that `serialize` described."""
    return _registry.deserialize(config, registry, custom_objects)
