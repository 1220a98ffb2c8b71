"""Constraints: what weights are brought back to after each update."""

from typing import Any

from kmagic.base import registry as _registry
from kmagic.base.parts import Part
from kmagic.base.parts import serialize as _serialize

registry = _registry.Registry("constraint", __name__)


class Constraint(Part):
    """Base class: `__call__(w)` returns the weight that is kept."""

    def __call__(self, w: Any) -> Any:
        """The weight, brought within the constraint."""
        return w


def get(identifier: Any) -> Any:
    """The constraint that a name, a config, an instance or a function means."""
    return _registry.get(identifier, registry)


def serialize(constraint: Any) -> Any:
    """A constraint as plain data."""
    return _serialize(constraint)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The constraint that `serialize` described."""
    return _registry.deserialize(config, registry, custom_objects)
