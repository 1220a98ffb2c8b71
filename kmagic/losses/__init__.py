"""Losses: what training makes small, one file each.

A built-in loss is written once, as a function of operations; its class (`MeanSquaredError` for `mean_squared_error`),
with reduction, masks and weights, is made from the function's signature.
"""

import re
from typing import Any

from kmagic.base import registry as _registry
from kmagic.base.errors import NotAPart, UnknownName
from kmagic.base.parts import Part
from kmagic.losses.loss import FunctionLoss, Loss

registry = _registry.Registry("loss", __name__)
serialize = registry.serialize
registry.export("Loss", Loss)


def find(name: str) -> _registry.Entry:
    """The loss called `name`; a `_loss` or `Loss` at its end, as other libraries write it, may be there or not."""
    try:
        return registry.find(name)
    except UnknownName:
        stem = re.sub(r"_?loss$", "", name, flags=re.IGNORECASE)
        if stem in (name, ""):
            raise
    return registry.find(stem)


def get(identifier: Any) -> Any:
    """The loss that a name, a config, a class, an instance or a function means; function names give functions."""
    if isinstance(identifier, str):
        entry = find(identifier)
        return entry.target() if identifier in entry.exports else getattr(entry.target, "function", entry.target)
    return _registry.get(identifier, registry)


def deserialize(name: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The loss that `serialize` described; names of functions give functions."""
    custom = (custom_objects or {}).get(name) if isinstance(name, str) else None
    return custom or (get(name) if isinstance(name, str) else registry.deserialize(name, custom_objects))


def resolve(identifier: Any) -> Loss:
    """The loss object that anything `compile` accepts means; a plain function is averaged over the batch."""
    found = find(identifier).target() if isinstance(identifier, str) else get(identifier)
    if isinstance(found, Loss):
        return found
    if isinstance(found, Part):
        raise NotAPart(f"{found!r} is no loss", where="loss", expected="a name, a function or a loss object")
    # the class of a built-in function also knows which positions do not count
    own = next((entry.target for entry in registry.entries() if getattr(entry.target, "function", None) is found), None)
    made: Loss = own(name=found.__name__) if own else FunctionLoss(found)
    return made
