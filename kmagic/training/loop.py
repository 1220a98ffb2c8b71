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
from kmagic.training.sources import Block, Feed

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

    @property
    def runs_blocks(self) -> bool:
        """Whether many steps can run in one call."""

    def run(self, block: Block) -> int:
        """Run all batches of a block, and say how many went well: fewer than there are where one did not."""


def _nothing() -> None:
    """What nobody needs."""


@dataclass
class Pass:
    """One way over the data: a program, what feeds it, and the state that it measures.

    `reset` clears the measures, `logs` reads them, `explain` turns a bad status into an error, `collect` sees the
    outputs of each step, and `renew` opens the program anew where callbacks have changed what it was made from.
    """

    steps: Steps
    feed: Feed
    reset: Callable[[], None]
    logs: Callable[[], Logs]
    explain: Callable[[int, str], KmagicError]
    collect: Callable[[int, dict[str, Array]], None] | None = None
    renew: Callable[[], None] = _nothing

    @property
    def count(self) -> int | None:
        """The number of steps of an epoch; None where nobody knows."""
        return self.feed.steps


@dataclass
class Fit:
    """Everything that one training needs.

    `validates(epoch)` says after which epochs there is a validation, and `group` asks for an event after so many steps.
    """

    train: Pass
    epochs: int
    initial_epoch: int
    validates: Callable[[int], bool]
    validation: Pass | None = None
    group: int | None = None
    params: dict[str, Any] | None = None

    def close(self) -> None:
        """Let go of what feeds it."""
        for over in (self.train, self.validation):
            if over:
                over.feed.close()


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
            steps = yield from evaluate_events(fit.validation, epoch, fit.group, stopping)
            if steps is None:
                return
            if steps:
                logs |= {f"val_{name}": value for name, value in fit.validation.logs().items()}
        yield EpochEnd(epoch, logs)
        if stopping():
            return


def _train_epoch(fit: Fit, epoch: int, stopping: Callable[[], str]) -> Generator[Event, None, int]:
    """One epoch, and how many of its steps were done."""
    fit.train.reset()
    feed, where = fit.train.feed, f"epoch {epoch + 1}"
    feed.begin(_interrupts(stopping))
    done, group = 0, fit.group or 1
    while not stopping() and (rows := feed.advance()):
        yield StepsBegin(epoch, done)
        if fit.group or not done:
            fit.train.renew()
        start, first = time.perf_counter(), done
        done = run_steps(fit.train, rows, first, first + group, where)
        group = fit.group or _next_group(group, done - first, time.perf_counter() - start)
        yield StepsEnd(epoch, done, fit.train.count, fit.train.logs())
    feed.end()
    return done


def _interrupts(stopping: Callable[[], str]) -> Callable[[], bool]:
    """Whether a user wants to stop now, even where data are waited for."""
    return lambda: stopping() not in _GO_ON


def _next_group(group: int, steps: int, seconds: float) -> int:
    """How many steps fit into one call; it grows at most fourfold at a time."""
    fitting = int(_CALL / max(seconds / max(steps, 1), 1e-7))
    return max(1, min(fitting, 4 * group))


def evaluate_events(
    over: Pass, epoch: int = 0, group: int | None = None, stopping: Callable[[], str] = lambda: ""
) -> Generator[Event, None, int | None]:
    """One way over the data in order, without training.

    Returns how many steps there were; None where a user has stopped before the end.
    """
    yield ValidationBegin(epoch)
    over.renew()
    over.reset()
    interrupted = _interrupts(stopping)
    over.feed.begin(interrupted)
    done, size = 0, group or 1
    while rows := over.feed.advance():
        if interrupted():
            return None
        yield ValidationStepsBegin(epoch, done)
        start, first = time.perf_counter(), done
        done = run_steps(over, rows, first, first + size, "evaluation")
        size = group or _next_group(size, done - first, time.perf_counter() - start)
        yield ValidationSteps(epoch, done, over.count, over.logs())
    if over.feed.was_interrupted:
        return None
    over.feed.end()
    yield ValidationEnd(epoch, over.logs())
    return done


def run_steps(over: Pass, rows: int, first: int, last: int, where: str) -> int:
    """Run the batch of so many rows that is ready as step `first`, and those after it before step `last`.

    Returns how many steps of the epoch are done then, which are fewer where the batches end. A bad status raises, with
    everything as it was before the step.
    """
    number = first
    if over.steps.runs_blocks and not over.collect and (block := over.feed.several(last - first)):
        return first + _run_block(over, block, first, where)
    # infinity and NaN are the status's business, not a warning's
    with np.errstate(all="ignore"):
        while True:
            over.feed.read(over.steps.inputs(rows))
            if over.steps.step(rows)():
                raise over.explain(rows, f"{where}, step {number + 1}")
            if over.collect:
                over.collect(rows, over.steps.outputs(rows))
            number += 1
            if number >= last or not (rows := over.feed.advance()):
                return number


def _run_block(over: Pass, block: Block, first: int, where: str) -> int:
    """All batches of a block in one call."""
    done = over.steps.run(block)
    if done < block.count:
        rows = min(block.size, len(block.numbers) - done * block.size)
        raise over.explain(rows, f"{where}, step {first + done + 1}")
    return done
