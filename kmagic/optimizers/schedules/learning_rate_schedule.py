"""The base of schedules."""

from __future__ import annotations

from typing import Any

from kmagic.base.config import floatx
from kmagic.base.parts import Part
from kmagic.graph.load import ops


class LearningRateSchedule(Part):
    """Base class: override `__call__(step)`, which gives the learning rate at a step.

    Steps count from 0. A step may be a number, an array of them, or the counter of a program that is being traced.
    """

    def __call__(self, step: Any) -> Any:
        """The learning rate at a step."""
        raise NotImplementedError(f"{type(self).__name__} has no __call__(self, step)")

    def as_float(self, step: Any) -> Any:
        """A step in the float that learning rates are computed in."""
        return ops.cast(step, floatx())
