"""Regularizers: penalties on weights, added to the loss."""

from typing import Any

from kmagic.base import registry as _registry
from kmagic.base.parts import Part

registry = _registry.Registry("regularizer", __name__, by_name=True)
get = registry.get
serialize = registry.serialize
deserialize = registry.deserialize


class Regularizer(Part):
    """Base class: `__call__(x)` returns the penalty, a scalar."""

    def __call__(self, x: Any) -> Any:
        """The penalty on a weight."""
        return 0.0
