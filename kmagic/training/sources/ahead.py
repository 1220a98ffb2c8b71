"""Batches made ahead by worker threads, while the model trains on those before them.

Chosen: threads that take one batch after the other from a queue, also where processes do the work (then each thread
waits for its own process), instead of a pool. So a worker that dies is noticed, nothing outlives the training but a
call that is still in the user's code, and batches come in order whoever is first.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

_TICK = 0.05  # seconds after which whoever waits looks whether to go on waiting
_PATIENCE = 1.0  # seconds that closing gives to calls that are in the user's code

Fetch = Callable[[int, int], Any]  # of the number of a batch, and a seed for what is drawn for it


class Interrupted(Exception):
    """A user stops while a batch is waited for."""


class Answer:
    """What a worker will have made."""

    def __init__(self, index: int, seed: int) -> None:
        self.index, self.seed = index, seed
        self._there = threading.Event()
        self._value: Any = None
        self._error: BaseException | None = None

    def find(self, fetch: Fetch) -> None:
        """Ask for the value, in a worker."""
        try:
            self._value = fetch(self.index, self.seed)
        except BaseException as error:
            self._error = error
        self._there.set()

    def wait(self, interrupted: Callable[[], bool]) -> Any:
        """The value once it is there, or the error of the user's code with its own traceback."""
        while not self._there.wait(_TICK):
            if interrupted():
                raise Interrupted
        if self._error is not None:
            raise self._error
        return self._value


class Ahead:
    """Worker threads, one for each function in `fetches`, which make what is asked for in order."""

    def __init__(self, fetches: Sequence[Fetch]) -> None:
        self._tasks: queue.SimpleQueue[Answer | None] = queue.SimpleQueue()
        self._is_closed = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, args=(fetch,), name=f"kmagic data {number}", daemon=True)
            for number, fetch in enumerate(fetches, 1)
        ]
        for thread in self._threads:
            thread.start()

    def ask(self, index: int, seed: int) -> Answer:
        """Have the batch with this number made."""
        answer = Answer(index, seed)
        self._tasks.put(answer)
        return answer

    def _work(self, fetch: Fetch) -> None:
        while (task := self._tasks.get()) is not None and not self._is_closed.is_set():
            task.find(fetch)

    def close(self) -> None:
        """End the workers; one that is in the user's code ends as soon as that returns."""
        self._is_closed.set()
        for _ in self._threads:
            self._tasks.put(None)
        end = time.monotonic() + _PATIENCE
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
