"""Trends: what the losses of a training alone can tell, as sums over numbers that are there anyway."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean, median

from kmagic.models.diagnosis.policy import Policy


@dataclass
class Growth:
    """The loss from its first batch on, in windows each of which ends when the steps have doubled, or after `window`.

    Events bring means over the epoch so far; their differences give the mean of each window.
    """

    policy: Policy
    first: float | None = None
    steps: int = 0
    ratio: float = 1.0
    _seen: tuple[int, float] = (0, 0.0)
    _window: tuple[int, float] = (0, 0.0)
    _before: float = math.inf
    _end: int = 0

    def begin_epoch(self) -> None:
        """Means start anew."""
        self._seen = (0, 0.0)

    def add(self, step: int, mean: float) -> bool:
        """`mean` is the loss over the first `step` steps of the epoch; returns whether a window ended."""
        if self.first is None:
            self.first, self._end = mean, self.policy.patience
        steps, total = step - self._seen[0], step * mean - self._seen[1]
        self._seen = (step, step * mean)
        self.steps += steps
        self._window = (self._window[0] + steps, self._window[1] + total)
        return self.steps >= self._end

    def close(self) -> str:
        """End the window: 'exploding', 'growing' (not yet), or 'calm' where the loss is about where it began."""
        steps, total = self._window
        latest, before = total / steps, self._before
        self._window, self._before, self._end = (0, 0.0), latest, self.steps + min(self.steps, self.policy.window)
        self.ratio = latest / self._floor
        if self.ratio >= self.policy.explosion and latest >= self.policy.doubling * before:
            return "exploding"
        return "calm" if self.ratio <= 2 else "growing"

    @property
    def _floor(self) -> float:
        # a loss that begins near 0 may grow a great deal without harm
        return max(abs(self.first or 0.0), 1e-3)

    @property
    def by_step(self) -> float:
        """What the loss was multiplied by in each step, if always by the same."""
        return self.ratio ** (1 / max(self.steps - 1, 1)) if math.isfinite(self.ratio) else math.inf

    def has_grown(self, mean: float, steps: int) -> bool:
        """Whether the mean of the epoch so far is far above the beginning, when so many steps were done in all."""
        if self.first is None or math.isnan(mean):
            return False
        self.steps = max(self.steps, steps)
        self.ratio = max(self.ratio, mean / self._floor)
        return self.ratio >= math.sqrt(self.policy.explosion)


@dataclass
class Epochs:
    """The losses of whole epochs, on training and validation rows.

    `flat_since` is the epoch, counted from 0, after which the training loss was never lower by more than a trace;
    `best` that of the lowest validation loss.
    """

    policy: Policy
    losses: list[float] = field(default_factory=list)
    validation: list[float] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    flat_since: int = 0
    best: int = 0

    def add(self, loss: float, validation: float | None, steps: int) -> None:
        """An epoch is done; `steps` are those since training began."""
        self.losses.append(loss)
        self.steps.append(steps)
        lowest = self.losses[self.flat_since]
        if lowest - loss > self.policy.flat_fall * abs(lowest):
            self.flat_since = len(self.losses) - 1
        if validation is not None:
            self.validation.append(validation)
            if validation < self.validation[self.best]:
                self.best = len(self.validation) - 1

    @property
    def flat_steps(self) -> int:
        """The steps since that epoch."""
        return self.steps[-1] - self.steps[self.flat_since]

    @property
    def is_flat(self) -> bool:
        """Whether the loss has not fallen for long: a third of the training so far, and not just a few steps."""
        since = len(self.losses) - 1 - self.flat_since
        enough = max(self.policy.flat_epochs, len(self.losses) // 3)
        return since >= enough and self.flat_steps >= self.policy.flat_steps and self.losses[-1] != 0

    @property
    def is_stuck(self) -> bool:
        """Whether the loss has not fallen since the first epoch."""
        return self.is_flat and self.flat_since == 0

    @property
    def _is_long(self) -> bool:
        """Whether there was time enough to get better."""
        return len(self.losses) >= self.policy.flat_epochs and self.steps[-1] >= self.policy.flat_steps

    def is_rising(self, first_batch: float) -> bool:
        """Whether the last two epochs were far worse than the beginning."""
        if not self._is_long:
            return False
        return min(self.losses[-2:]) > self.policy.rising * max(self.losses[0], abs(first_batch)) > 0

    def is_worse(self, first_batch: float) -> bool:
        """Whether all those epochs have only made it worse, far from where it began."""
        return self._is_long and self.losses[-1] > self.policy.worse * max(abs(first_batch), 1e-3)

    @property
    def is_overfitting(self) -> bool:
        """Whether the validation loss rises while the training loss falls."""
        policy, values = self.policy, self.validation
        if len(values) != len(self.losses) or len(values) <= policy.overfit_epochs:
            return False
        best = self.best
        if len(values) - 1 - best < policy.overfit_epochs:
            return False
        rise = fmean(values[-3:]) - values[best]
        fall = self.losses[best] - fmean(self.losses[-3:])
        return (
            rise > policy.overfit_rise * abs(values[best])
            and rise > policy.overfit_noise * _noise(values[-_RECENT:])
            and fall > policy.overfit_fall * abs(self.losses[best])
        )


_RECENT = 50  # epochs


def _noise(values: Sequence[float]) -> float:
    """By how much a value usually differs from the middle of its neighbours."""
    return median(abs(b - (a + c) / 2) for a, b, c in zip(values, values[1:], values[2:], strict=False))
