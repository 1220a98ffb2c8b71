"""How far a run is, in words: epoch, step, time spent and left, the newest values."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from kmagic.notebook.panels.curves import Curves
from kmagic.training.events import part_of, written

ICONS = {"running": "▶", "stopping": "■", "stopped": "■", "done": "✔", "failed": "✖"}


@dataclass
class Progress:
    """The place of a run in its epochs and steps."""

    name: str
    clock: Callable[[], float] = field(default_factory=lambda: time.monotonic)
    epochs: int = 0
    epoch: int = 0
    step: int = 0
    steps: int | None = 0
    first_epoch: int = 0
    started: float = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.clock()

    def begin(self, epochs: int, steps: int | None) -> None:
        """Training begins; the clock starts anew, because compiling is no training."""
        self.epochs, self.steps, self.started = epochs, steps, self.clock()

    def begin_epoch(self, epoch: int) -> None:
        """An epoch begins; the first one may not be 0."""
        if self.fraction == 0:
            self.first_epoch = epoch
        self.epoch, self.step = epoch, 0

    def advance(self, epoch: int, step: int, steps: int | None) -> None:
        """So many steps of an epoch are done."""
        self.epoch, self.step, self.steps = epoch, step, steps

    def end_epoch(self, epoch: int) -> None:
        """All steps of an epoch are done."""
        self.epoch, self.step = epoch, max(self.steps or self.step, 1)
        self.steps = self.step

    @property
    def epochs_done(self) -> float:
        """Epochs done in this run, parts included."""
        return self.epoch - self.first_epoch + part_of(self.step, self.steps)

    @property
    def fraction(self) -> float:
        """The part of the run that is done, from 0 to 1."""
        total = self.epochs - self.first_epoch
        return min(self.epochs_done / total, 1.0) if total > 0 else 0.0

    @property
    def seconds(self) -> float:
        """Time since training began."""
        return self.clock() - self.started

    def line(self, status: str, curves: Curves) -> str:
        """One line for a run in progress."""
        word = "stopping" if status == "stopping" else "training"
        parts = [f"{ICONS.get(status, '▶')} {self.name}: {word}"]
        if self.epochs:
            parts.append(f"epoch {min(self.epoch + 1, self.epochs)} of {self.epochs}")
            parts.append(f"step {self.step}" + ("" if self.steps is None else f" of {self.steps}"))
        parts.append(f"{lasting(self.seconds)} so far")
        if 0 < self.fraction < 1 and self.steps is not None:
            parts.append(f"about {lasting(self.seconds * (1 / self.fraction - 1))} left")
        return ", ".join(parts) + values(curves)

    def verdict(self, status: str, reason: str | None, curves: Curves) -> str:
        """One line for a run that has ended."""
        last, total = self.epochs_done + self.first_epoch, self.epochs
        because = f" ({reason})" if reason and status != "done" else ""
        span = f"{'in' if float(last).is_integer() else 'after'} {lasting(self.seconds)}"
        because += f", {place(last, total)} {span}" if total else ""
        return f"{ICONS.get(status, '■')} {self.name}: {status}{because}" + values(curves)


def place(done: float, epochs: int) -> str:
    """How many epochs are done, or in which one a run is.

    >>> place(2, 3), place(2.25, 3)
    ('2 of 3 epochs', 'in epoch 3 of 3')
    """
    whole = int(done)
    return f"{whole} of {epochs} epochs" if done == whole else f"in epoch {whole + 1} of {epochs}"


def values(curves: Curves) -> str:
    """The newest value of each measure."""
    shown = ", ".join(f"{name} {written(curves.last(name))}" for name in curves.names)
    return f"; {shown}" if shown else ""


def lasting(seconds: float) -> str:
    """A time span in the two units that matter.

    >>> lasting(0.42), lasting(83), lasting(3 * 3600 + 120)
    ('0.4 s', '1 min 23 s', '3 h 2 min')
    """
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 1:
        return f"{rest} s"
    hours, minutes_left = divmod(minutes, 60)
    return f"{hours} h {minutes_left} min" if hours else f"{minutes} min {rest} s"
