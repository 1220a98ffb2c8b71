"""Run: a training that goes on in a worker thread, and the handle to it."""

from __future__ import annotations

import contextvars
import dataclasses
import itertools
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Self

from kmagic.graph.variable import Variable
from kmagic.training.events import (
    EpochBegin,
    EpochEnd,
    Event,
    Listener,
    Logs,
    Noticed,
    StepsEnd,
    TrainBegin,
    TrainEnd,
    written,
)

_numbers = itertools.count(1)


@dataclass
class Live:
    """How far a run is, without waiting: epochs and steps done, the latest values, and the history so far.

    `steps`, those of an epoch, is None while nobody knows.
    """

    epoch: int = 0
    step: int = 0
    steps: int | None = 0
    epochs: int = 0
    logs: Logs = field(default_factory=dict)
    history: dict[str, list[Any]] = field(default_factory=dict)


class Run:
    """A training in the background.

    `status` is running, stopping, done, stopped or failed. `live` never waits; `history` and `wait()` do. `events` is
    the loop, `finish(status)` runs in the worker when it is over, whatever happened, and `changed` are the variables
    that belong to the run until then. A run that is over keeps none of them, so that its data can go.
    """

    def __init__(
        self,
        events: Callable[[Run], Iterator[Event]],
        history: Any,
        *,
        name: str = "",
        listeners: Iterable[Listener] = (),
        finish: Callable[[str], None] = lambda status: None,
        changed: Iterable[Variable] = (),
    ) -> None:
        self.name = name or f"run {next(_numbers)}"
        self.status = "running"
        self.error: BaseException | None = None
        self.reason = ""
        self.findings: list[Any] = []
        self._events = events
        self._history = history
        self._finish = finish
        self._changed = list(changed)
        self._listeners = list(listeners)
        self._live = Live()
        self._stop = threading.Event()
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Begin, in a thread that keeps this one's context, so that output goes to the same cell."""
        for variable in self._changed:
            variable.owner = self
        context = contextvars.copy_context()
        self._thread = threading.Thread(target=lambda: context.run(self._work), name=f"kmagic {self.name}", daemon=True)
        try:
            self._thread.start()
        except BaseException as error:  # no room for another thread: nobody is to wait for this run
            self._fail(error)
            self._settle("failed")
            self._let_go()
            self._over.set()
            raise
        return self

    # ---- what a user does ----

    def stop(self, reason: str = "asked") -> None:
        """Ask the run to end at the next step edge; returns at once."""
        with self._lock:
            if self.status == "running":
                self.status, self.reason = "stopping", reason
        self._stop.set()

    def wait(self) -> Self:
        """Block until the run is over; an interrupt stops it at a step edge and returns."""
        try:
            self._wait()
        except KeyboardInterrupt:
            self.stop("interrupt")
            self._wait()
        return self

    def wait_or_interrupt(self) -> None:
        """As `wait`, but an interrupt is raised again once the run has ended."""
        try:
            self._wait()
        except KeyboardInterrupt:
            self.stop("interrupt")
            self._wait()
            raise

    def _wait(self) -> None:
        # short waits on an Event: joining a thread cannot be interrupted safely on Python 3.11
        while not self._over.wait(0.1):
            pass

    @property
    def live(self) -> Live:
        """How far it is now; what is returned does not change."""
        with self._lock:
            history = {name: list(values) for name, values in self._live.history.items()}
            return dataclasses.replace(self._live, history=history)

    @property
    def history(self) -> Any:
        """The history, once the run is over; raises its error if it failed."""
        self.wait()
        if self.error is not None:
            raise self.error
        return self._history

    @property
    def finished(self) -> bool:
        """Whether the run is over."""
        return self._over.is_set()

    @property
    def is_own_thread(self) -> bool:
        """Whether the caller is the worker itself (a callback)."""
        return threading.current_thread() is self._thread

    @property
    def should_stop(self) -> str:
        """Why the run was asked to end; empty if it was not."""
        return (self.reason or "asked") if self._stop.is_set() else ""

    def listen(self, listener: Listener) -> None:
        """Call `listener(event)` in the worker for everything that happens from now on."""
        self._listeners.append(listener)

    def notice(self, finding: Any) -> None:
        """Keep what somebody found who watches, here and in the history, and tell the listeners; in the worker only."""
        self.findings.append(finding)
        self._history.findings.append(finding)
        self._tell(Noticed(finding))

    def __repr__(self) -> str:
        live = self._live
        values = "  ".join(f"{name}={written(value)}" for name, value in live.logs.items())
        why = f" ({self.reason})" if self.reason else ""
        return f"<{self.name}: {self.status}{why}, epoch {live.epoch} of {live.epochs}  {values}".rstrip() + ">"

    # ---- the worker ----

    def _work(self) -> None:
        status = "failed"
        try:
            for event in self._events(self):
                self._note(event)
                self._tell(event)
            status = "stopped" if self._stop.is_set() else "done"
        except BaseException as error:
            self._fail(error)
        self._end(status)

    def _end(self, status: str) -> None:
        """Finish, and tell every listener, also where another one raises: a panel must not wait for ever."""
        try:
            self._finish(status)
        except BaseException as error:
            self._fail(error)
        self._settle("failed" if self.error is not None else status)
        event = TrainEnd(self.status, self.reason, self._history)
        for listener in tuple(self._listeners):
            try:
                listener(event)
            except BaseException as error:
                self._fail(error)
                self._settle("failed")
        self._let_go()
        self._over.set()

    def _let_go(self) -> None:
        """Drop what only a run that goes on needs: a model keeps its last run, and that kept the training data."""
        for variable in self._changed:
            if variable.owner is self:
                variable.owner = None
        self._listeners.clear()
        del self._events, self._finish, self._changed

    def _fail(self, error: BaseException) -> None:
        """Keep the first error; those that follow from it tell less."""
        if self.error is None:
            self.error, self.reason = error, type(error).__name__

    def _settle(self, status: str) -> None:
        with self._lock:
            self.status = status

    def _tell(self, event: Event) -> None:
        for listener in tuple(self._listeners):
            listener(event)

    def _note(self, event: Event) -> None:
        """Keep `live` up to date; the history is copied by those who read it, which is seldom."""
        with self._lock:
            self._advance(event)

    def _advance(self, event: Event) -> None:
        live = self._live
        match event:
            case TrainBegin(epochs=epochs, steps=steps):
                self._live = Live(0, 0, steps, epochs)
            case EpochBegin():
                self._live = Live(live.epoch, 0, live.steps, live.epochs, live.logs, live.history)
            case StepsEnd(epoch=epoch, step=step, steps=steps, logs=logs):
                self._live = Live(epoch, step, steps, live.epochs, logs, live.history)
            case EpochEnd(epoch=epoch, logs=logs):
                for name, value in logs.items():
                    live.history.setdefault(name, []).append(value)
                steps = live.step if live.steps is None else live.steps
                self._live = Live(epoch + 1, live.step, steps, live.epochs, dict(logs), live.history)
