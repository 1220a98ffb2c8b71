"""How long epochs take."""

from __future__ import annotations

import time

from kmagic.training.events import EpochBegin, EpochEnd, Event, StepsEnd


class EpochClock:
    """A listener of a run: how long the last whole epoch took, validation included, in steps of `batch_size` rows.

    >>> clock = EpochClock(batch_size=32)
    >>> for event in (EpochBegin(0), StepsEnd(0, 10, 10, {}), EpochEnd(0, {})):
    ...     clock(event)
    >>> clock.seconds_per_step < 0.1
    True
    """

    def __init__(self, batch_size: int) -> None:
        self.batch_size, self.steps = batch_size, 0
        self.seconds: float | None = None
        self._begin = 0.0

    def __call__(self, event: Event) -> None:
        match event:
            case EpochBegin():
                self._begin = time.perf_counter()
            case StepsEnd(step=step):
                self.steps = step
            case EpochEnd():
                self.seconds = time.perf_counter() - self._begin

    @property
    def seconds_per_step(self) -> float | None:
        """The share of one step; None before the first epoch is over."""
        return None if self.seconds is None else self.seconds / max(1, self.steps)
