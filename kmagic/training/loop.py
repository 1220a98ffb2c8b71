"""The loop: epochs of steps over a source, as a stream of events.

It is a generator, so whoever drives it decides on threads; between two events the model is at a step edge. Many steps
run between two events, about 10 ms of them, unless somebody listens to every batch.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from kmagic.base.errors import KmagicError
from kmagic.training.events import (
    EpochBegin,
    EpochEnd,
    Event,
    Logs,
    StepsBegin,
    StepsEnd,
    TrainBegin,
    ValidationBegin,
    ValidationEnd,
    ValidationSteps,
    ValidationStepsBegin,
)
from kmagic.training.sources import Source

Array = np.ndarray[Any, Any]
_CALL = 0.010  # seconds of steps between two events
_GO_ON = ("", "callback")  # a callback lets the epoch end as usual; a user who stops wants to stop now


class Steps(Protocol):
    """What a compiled program offers to the loop (a workspace is one)."""

    def inputs(self, rows: int) -> Sequence[Array]:
        """The arrays that hold the data of the next step."""

    def step(self, rows: int) -> Callable[[], int]:
        """The function that runs one step; 0 means that all went well."""

    def outputs(self, rows: int) -> dict[str, Array]:
        """The results of the last step."""


@dataclass
class Pass:
    """One way over the data: program, source, batch size, and the state that it measures.

    `reset` clears the measures, `logs` reads them, `explain` turns a bad status into an error, `collect` sees the
    outputs of each step.
    """

    steps: Steps
    source: Source
    batch_size: int
    reset: Callable[[], None]
    logs: Callable[[], Logs]
    explain: Callable[[int, str], KmagicError]
    collect: Callable[[int, dict[str, Array]], None] | None = None

    @property
    def count(self) -> int:
        """The number of steps; the last batch may be smaller."""
        return -(-self.source.length // self.batch_size)


@dataclass
class Fit:
    """Everything that one training needs.

    `order(epoch)` gives the row numbers of an epoch, `validates(epoch)` says after which there is a validation, and
    `group` asks for an event after so many steps.
    """

    train: Pass
    order: Callable[[int], Array]
    epochs: int
    initial_epoch: int
    validates: Callable[[int], bool]
    validation: Pass | None = None
    group: int | None = None
    params: dict[str, Any] | None = None


def fit_events(fit: Fit, stopping: Callable[[], str]) -> Iterator[Event]:
    """Train, epoch by epoch, until all are done or `stopping()` says why not to go on (empty: go on)."""
    yield TrainBegin(fit.epochs, fit.train.count, fit.params or {})
    for epoch in range(fit.initial_epoch, fit.epochs):
        yield EpochBegin(epoch)
        done = yield from _train_epoch(fit, epoch, stopping)
        if not done or stopping() not in _GO_ON:
            # the epoch is not whole, so history does not get it
            return
        logs = fit.train.logs()
        if fit.validation and fit.validates(epoch):
            is_whole = yield from evaluate_events(fit.validation, epoch, fit.group, stopping)
            if not is_whole:
                return
            logs |= {f"val_{name}": value for name, value in fit.validation.logs().items()}
        yield EpochEnd(epoch, logs)
        if stopping():
            return


def _train_epoch(fit: Fit, epoch: int, stopping: Callable[[], str]) -> Generator[Event, None, int]:
    """One epoch, and how many of its steps were done."""
    fit.train.reset()
    order = fit.order(epoch)
    total, done, group = fit.train.count, 0, fit.group or 1
    while done < total and not stopping():
        yield StepsBegin(epoch, done)
        start = time.perf_counter()
        last = min(total, done + group)
        run_steps(fit.train, order, done, last, f"epoch {epoch + 1}")
        group = fit.group or _next_group(group, last - done, time.perf_counter() - start)
        done = last
        yield StepsEnd(epoch, done, total, fit.train.logs())
    return done


def _next_group(group: int, steps: int, seconds: float) -> int:
    """How many steps fit into one call; it grows at most fourfold at a time."""
    fitting = int(_CALL / max(seconds / max(steps, 1), 1e-7))
    return max(1, min(fitting, 4 * group))


def evaluate_events(
    over: Pass, epoch: int = 0, group: int | None = None, stopping: Callable[[], str] = lambda: ""
) -> Generator[Event, None, bool]:
    """One way over the data in order, without training; returns whether it went to the end, which a user may stop."""
    yield ValidationBegin(epoch)
    over.reset()
    order = np.arange(over.source.length)
    total, done, size = over.count, 0, group or 1
    while done < total:
        if stopping() not in _GO_ON:
            return False
        yield ValidationStepsBegin(epoch, done)
        start = time.perf_counter()
        last = min(total, done + size)
        run_steps(over, order, done, last, "evaluation")
        size = group or _next_group(size, last - done, time.perf_counter() - start)
        done = last
        yield ValidationSteps(epoch, done, total, over.logs())
    yield ValidationEnd(epoch, over.logs())
    return True


def run_steps(over: Pass, order: Array, first: int, last: int, where: str) -> None:
    """Run steps `first` to `last`; a bad status raises, with everything as it was before the step."""
    # infinity and NaN are the status's business, not a warning's
    with np.errstate(all="ignore"):
        for number in range(first, last):
            rows = order[number * over.batch_size : (number + 1) * over.batch_size]
            count = len(rows)
            over.source.read(rows, over.steps.inputs(count))
            if over.steps.step(count)():
                raise over.explain(count, f"{where}, step {number + 1}")
            if over.collect:
                over.collect(count, over.steps.outputs(count))
