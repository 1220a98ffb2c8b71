"""Learning rates: a number that can be changed, a schedule of the step, or a function without arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kmagic.base.errors import BadType, BadValue
from kmagic.graph.user_code import result_of
from kmagic.graph.variable import Variable
from kmagic.optimizers import schedules
from kmagic.optimizers.schedules.learning_rate_schedule import LearningRateSchedule

LearningRate = float | LearningRateSchedule | Callable[[], Any]


def is_computed(rate: Any) -> bool:
    """Whether a learning rate is a schedule or a function, and so never set."""
    return callable(rate) and not isinstance(rate, type)


def check(rate: Any, where: str) -> None:
    """Raise unless `rate` can be a learning rate."""
    if is_computed(rate):
        return
    if isinstance(rate, bool) or not isinstance(rate, float | np.floating):
        raise BadType(
            f"learning_rate is {rate!r}",
            where=where,
            expected="a float, a schedule or a function without arguments",
            fix=_fix(rate),
        )
    if not np.isfinite(rate) or rate < 0:
        raise BadValue(f"learning_rate is {rate!r}", where=where, expected="a finite number >= 0")


def _fix(rate: Any) -> str:
    if isinstance(rate, type) and issubclass(rate, LearningRateSchedule):
        return f"learning_rate={rate.__name__}(…): an object of the class"
    return f"learning_rate={float(rate)!r}" if isinstance(rate, int) else "learning_rate=0.001"


def now(rate: Any, step: Variable) -> Any:
    """The learning rate at this step: a schedule's value, a function's answer, or the variable itself."""
    if isinstance(rate, LearningRateSchedule):
        return result_of(rate, "schedule", step)
    return result_of(rate, "learning rate") if is_computed(rate) else rate


def described(rate: Any) -> Any:
    """A learning rate in a config: a number, a schedule as data; a function stays itself."""
    if isinstance(rate, LearningRateSchedule):
        return schedules.serialize(rate)
    return float(rate.array) if isinstance(rate, Variable) else rate


def read(config: Any, custom_objects: dict[str, Any] | None) -> Any:
    """The learning rate that `described` wrote."""
    return schedules.deserialize(config, custom_objects) if isinstance(config, dict) else config
