"""Constraints: what weights are brought back to after each update."""

from typing import Any

from kmagic.base import registry as _registry
from kmagic.base.parts import Part

registry = _registry.Registry("constraint", __name__, by_name=True)
get = registry.get
serialize = registry.serialize
deserialize = registry.deserialize


class Constraint(Part):
    """Base class: `__call__(w)` returns the weight that is kept."""

    def __call__(self, w: Any) -> Any:
        """The weight, brought within the constraint."""
        return w
