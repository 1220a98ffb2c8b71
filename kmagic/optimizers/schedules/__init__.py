"""Schedules: learning rates that follow the number of the step, one file each."""

from kmagic.base import registry as _registry
from kmagic.optimizers.schedules.learning_rate_schedule import LearningRateSchedule

registry = _registry.Registry("schedule", __name__)
get = registry.get
serialize = registry.serialize
deserialize = registry.deserialize
registry.export("LearningRateSchedule", LearningRateSchedule)
