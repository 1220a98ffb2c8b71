"""Doubles: a run that does what a test says, and a clock that is moved by hand."""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from kmagic.training import events

HISTORY = {"loss": [0.9, 0.5], "accuracy": [0.6, 0.8], "val_loss": [1.0, 0.7], "val_accuracy": [0.5, 0.7]}


@dataclass
class Clock:
    """Time that passes only when a test says so."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass
class RunDouble:
    """A run without training: its state is set by hand, requests to stop are kept."""

    name: str = "m"
    status: str = "running"
    reason: str = ""
    error: Exception | None = None
    finished: bool = False
    stops: list[str] = field(default_factory=list)
    findings: list[Any] = field(default_factory=list)
    live: Any = field(default_factory=lambda: SimpleNamespace(epoch=0, step=0, steps=0, epochs=2, logs={}, history={}))

    def stop(self, reason: str = "asked") -> None:
        self.stops.append(reason)
        self.status = "stopping"

    def wait(self) -> "RunDouble":
        self.finished, self.status = True, "stopped"
        return self

    __hash__ = object.__hash__
    __eq__ = object.__eq__


def two_epochs(tell: Callable[[events.Event], None], end: bool = True) -> None:
    """The events of a run of two epochs of ten steps, whose history is `HISTORY`."""
    tell(events.TrainBegin(epochs=2, steps=10, params={}))
    for epoch in range(2):
        tell(events.EpochBegin(epoch))
        measured = {name: values[epoch] for name, values in HISTORY.items()}
        training = {name: value for name, value in measured.items() if not name.startswith("val_")}
        tell(events.StepsEnd(epoch, 5, 10, training))
        tell(events.StepsEnd(epoch, 10, 10, training))
        tell(events.EpochEnd(epoch, measured))
    if end:
        tell(events.TrainEnd("done", None, HISTORY))
