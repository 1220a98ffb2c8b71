"""The points of a run's curves, gathered from its events."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kmagic.training.events import is_number, part_of

# Values that callbacks put among the logs, but that are no measure of the model.
NOT_MEASURED = {"learning_rate"}
# Points of the epoch in progress: past this many every second one is dropped.
RUNNING_POINTS = 200


@dataclass
class Curve:
    """One line: where its points stand on the epoch axis, and their values."""

    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)

    def add(self, x: float, y: float) -> None:
        """Append a point."""
        self.x.append(x)
        self.y.append(y)


@dataclass
class Curves:
    """All lines of a run by name; `running` holds the running means of the epoch in progress.

    Only single numbers have a line: several values of one metric have none.
    A value of epoch n, counted from 0, stands at n + 1: when the epoch is over.
    """

    finished: dict[str, Curve] = field(default_factory=dict)
    running: dict[str, Curve] = field(default_factory=dict)

    @classmethod
    def of_history(cls, history: Mapping[str, Sequence[Any]], first_epoch: int = 0) -> Curves:
        """The curves of a history such as `{"loss": [0.9, 0.5]}`."""
        curves = cls()
        for name, values in history.items():
            for position, value in enumerate(values):
                curves._add(curves.finished, name, first_epoch + position + 1, value)
        return curves

    def add_steps(self, epoch: int, step: int, steps: int | None, logs: Mapping[str, Any]) -> None:
        """Running means after `step` of `steps` steps of an epoch."""
        for name, value in logs.items():
            self._add(self.running, name, epoch + part_of(step, steps), value)
        for curve in self.running.values():
            if len(curve.x) > RUNNING_POINTS:
                del curve.x[1::2], curve.y[1::2]

    def add_epoch(self, epoch: int, logs: Mapping[str, Any]) -> None:
        """The values of a whole epoch; they take the place of its running means."""
        self.running = {}
        for name, value in logs.items():
            self._add(self.finished, name, epoch + 1, value)

    def _add(self, curves: dict[str, Curve], name: str, x: float, value: Any) -> None:
        if name not in NOT_MEASURED and is_number(value):
            curves.setdefault(name, Curve()).add(x, float(value))

    @property
    def names(self) -> list[str]:
        """The measures, training before validation, losses first."""
        names = list(dict.fromkeys([*self.finished, *self.running]))
        order = [base(name) for name in names]
        return sorted(names, key=lambda name: (not is_loss(name), order.index(base(name)), is_validation(name)))

    def line(self, name: str, at_most: int | None = None) -> Curve:
        """The points of finished epochs, and after them those of the epoch in progress.

        With `at_most`, about so many of the finished epochs, evenly spread, the last one among them.
        """
        finished, running = self.finished.get(name, Curve()), self.running.get(name, Curve())
        stride = 1 if at_most is None else -(-len(finished.x) // at_most) or 1
        first = (len(finished.x) - 1) % stride
        return Curve(finished.x[first::stride] + running.x, finished.y[first::stride] + running.y)

    def last(self, name: str) -> float:
        """The newest value, NaN before the first."""
        return next((line[name].y[-1] for line in (self.running, self.finished) if name in line), math.nan)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw yet."""
        return not self.finished and not self.running


def is_validation(name: str) -> bool:
    """Whether a measure is one on validation data."""
    return name.startswith("val_")


def base(name: str) -> str:
    """The name of a measure without `val_`."""
    return name.removeprefix("val_")


def is_loss(name: str) -> bool:
    """Whether a measure belongs on the loss axis: the loss, or the loss of one output."""
    return base(name) == "loss" or base(name).endswith("_loss")
