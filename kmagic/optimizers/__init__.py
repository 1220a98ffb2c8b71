"""Optimizers: how weights follow gradients, one file each; `schedules` are learning rates that follow the step."""

from kmagic.base import registry as _registry
from kmagic.optimizers import schedules
from kmagic.optimizers.optimizer import Optimizer

registry = _registry.Registry("optimizer", __name__)
get = registry.get
serialize = registry.serialize
deserialize = registry.deserialize
registry.export("Optimizer", Optimizer)
registry.export("schedules", schedules)
