"""Processes that make batches, each asked over a pipe.

A data set is sent as bytes before the first batch, and again where it has changed when an epoch begins, since a hook or
a callback may have changed it here. That works the same however the platform starts processes. With the number of a
batch comes a seed for what is drawn for it, so that draws do not depend on which process makes it.
"""

from __future__ import annotations

import contextlib
import pickle
import random
import traceback
from dataclasses import dataclass
from typing import Any

import numpy as np

from kmagic.base.errors import BadValue, UserCodeError
from kmagic.graph.seed import set_global_seed

_PATIENCE = 1.0  # seconds that a process gets to end


@dataclass(frozen=True)
class Request:
    """What a process is asked for: the batch with a number, with a seed for what is drawn for it."""

    index: int
    seed: int


class WorkerProcess:
    """A process that holds a copy of a data set; calling it with a number gives the batch with that number."""

    def __init__(self, data: bytes) -> None:
        import multiprocessing

        self._here, there = multiprocessing.Pipe()
        self._process = multiprocessing.Process(target=serve, args=(there, self._here), name="kmagic data", daemon=True)
        self._process.start()
        there.close()
        self._data, self._sent = data, b""

    def renew(self, data: bytes) -> None:
        """Take another state of the data set, before the next batch; nothing is sent where it is the same."""
        self._data = data

    def __call__(self, index: int, seed: int) -> Any:
        """The batch with this number; an error of the user's code is raised as it was."""
        try:
            if self._sent != self._data:
                self._here.send_bytes(self._data)
                self._sent = self._data
            self._here.send(Request(index, seed))
            error, text, value = pickle.loads(self._here.recv_bytes())
        except (EOFError, OSError) as lost:
            raise UserCodeError(
                f"a worker process ended while it made batch {index}",
                where="PyDataset",
                expected="a process that lives as long as the training",
                fix="use_multiprocessing=False to see what happens there",
            ) from lost
        if error is not None:
            error.add_note(f"in a worker process:\n{text}")
            raise error
        return value

    def close(self) -> None:
        """End the process, whatever it does; who waits for it hears that nobody is there any more."""
        self._process.terminate()
        self._process.join(_PATIENCE)
        if self._process.is_alive():
            self._process.kill()
            self._process.join(_PATIENCE)


def packed(data: Any) -> bytes:
    """A data set as bytes; raises where it cannot be sent to a process."""
    try:
        return pickle.dumps(data, pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        raise BadValue(
            f"{type(data).__name__} cannot be sent to a process: {error}",
            where="use_multiprocessing=True",
            expected="a data set that can be pickled",
            fix="use_multiprocessing=False, which makes batches in threads",
        ) from error


def serve(pipe: Any, other_end: Any) -> None:
    """The life of a process: take data sets and numbers, give batches, until nobody is at the other end."""
    import signal

    other_end.close()
    # an interrupt of the notebook is the parent's business
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    data: Any = None
    with contextlib.suppress(EOFError, OSError):
        while True:
            found = pipe.recv_bytes()
            data, answer = _answered(data, found)
            if answer is not None:
                pipe.send_bytes(answer)


def _answered(data: Any, found: bytes) -> tuple[Any, bytes | None]:
    """The data set from now on, and what to send back."""
    try:
        given = pickle.loads(found)
    except Exception as error:  # a class that this process cannot find
        return error, None
    if not isinstance(given, Request):
        return given, None
    try:
        if isinstance(data, Exception):
            raise BadValue(
                f"a worker process cannot load the data set: {data}",
                where="use_multiprocessing=True",
                expected="a class in a file that can be imported",
                fix="use_multiprocessing=False, which makes batches in threads",
            ) from data
        _seed_everything(given.seed)
        return data, pickle.dumps((None, "", data[given.index]), pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        return data, _as_bytes(error)


def _seed_everything(seed: int) -> None:
    """Start whatever a data set may draw from: Python's generator, NumPy's old one, and seeds that nobody gave."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - what data sets that use the old interface draw from
    set_global_seed(seed)


def _as_bytes(error: Exception) -> bytes:
    """An error with its traceback as text; one that cannot be sent goes as text alone."""
    text = traceback.format_exc()
    try:
        found = pickle.dumps((error, text, None))
        pickle.loads(found)
    except Exception:
        found = pickle.dumps((UserCodeError(f"{type(error).__name__}: {error}", where="PyDataset"), text, None))
    return found
