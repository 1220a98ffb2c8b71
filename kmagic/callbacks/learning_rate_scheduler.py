"""A learning rate for each epoch."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from kmagic.base.errors import BadType, BadValue
from kmagic.base.parameters import Whole
from kmagic.callbacks import registry
from kmagic.callbacks.callback import Callback
from kmagic.callbacks.learning_rates import log_rates, optimizers_of, rate_of


@registry.register()
class LearningRateScheduler(Callback):
    """Sets the learning rate at the begin of each epoch to `schedule(epoch, rate)`, or `schedule(epoch)`.

    The rate of each epoch is logged as `learning_rate`. A schedule that changes from step to step is given to the
    optimizer instead.

    Example:

    >>> halve = LearningRateScheduler(lambda epoch, rate: rate / 2 if epoch else rate)
    """

    def __init__(self, schedule: Callable[..., float], verbose: Whole = 0) -> None:
        if not callable(schedule):
            raise BadType(
                f"schedule is {schedule!r}", where="LearningRateScheduler", expected="a function of epoch and rate"
            )
        self.schedule, self.verbose = schedule, verbose
        self._takes_rate = _takes_two(schedule)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        found = optimizers_of(self.model)
        for name, optimizer in found:
            optimizer.learning_rate = rate = self._rate(epoch, rate_of(optimizer))
            if self.verbose:
                whose = "" if len(found) == 1 else f"{name} "
                print(f"\nEpoch {epoch + 1}: LearningRateScheduler setting {whose}learning rate to {rate}.")

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        log_rates(self.model, logs)

    def _rate(self, epoch: int, before: float) -> float:
        rate = self.schedule(epoch, before) if self._takes_rate else self.schedule(epoch)
        if not isinstance(rate, float | np.floating):
            raise BadValue(
                f"the schedule gave {rate!r} for epoch {epoch}", where="LearningRateScheduler", expected="a float"
            )
        return float(rate)

    def get_config(self) -> dict[str, Any]:
        """The function itself: it is no plain data."""
        return dict(self.arguments)


def _takes_two(schedule: Callable[..., float]) -> bool:
    """Whether a schedule takes the rate beside the epoch; one that does not say is taken to."""
    try:
        inspect.signature(schedule).bind(0, 0.1)
    except TypeError:
        return False
    except ValueError:
        return True
    return True
