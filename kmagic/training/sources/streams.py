"""Streams: objects of the user's that give batches one after the other.

Three kinds: what is asked for batches by their numbers (a PyDataset), what can be iterated anew (a DataLoader), and
an iterator, which can be gone through once.
"""

from __future__ import annotations

import contextlib
import itertools
import random
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from typing import Any, Protocol

from kmagic.base.errors import BadData
from kmagic.graph.seed import draw_seed
from kmagic.training.sources.ahead import Ahead, Answer, Interrupted
from kmagic.training.sources.processes import WorkerProcess, packed
from kmagic.training.sources.source import in_order

_ARRAY = ("__array__", "__dlpack__", "iloc", "shape")
# the row numbers of an order, one for each batch; by the number of the pass and how many batches there are
Order = Callable[[int, int], Any]


class Stream(Protocol):
    """What gives batches; `repeats` tells whether it can be gone through more than once."""

    title: str
    repeats: bool

    @property
    def is_endless(self) -> bool:
        """Whether it says that it has no end."""

    @property
    def count(self) -> int | None:
        """How many batches a pass has; None where it does not say."""

    def begin_epoch(self, limit: int | None, interrupted: Callable[[], bool]) -> None:
        """An epoch of at most `limit` batches starts."""

    def look(self) -> Iterator[Any]:
        """The batches of a stream that repeats, for looking at them only: no epoch begins, and no worker."""

    def run(self, number: int) -> Iterator[Any]:
        """The batches of a pass; raises `Interrupted` where a user stops while one is waited for."""

    def pass_over(self) -> None:
        """The last batch had no rows: it does not count as one of the epoch."""

    def end_epoch(self) -> None:
        """The epoch is over."""

    def close(self) -> None:
        """No more batches are asked for."""


def is_stream(data: Any) -> bool:
    """Whether an object gives batches, and is no array and no tree of arrays.

    >>> is_stream(iter([1])), is_stream([1]), is_stream({"a": 1}), is_stream(None)
    (True, False, False, False)
    """
    if isinstance(data, Iterator) or is_numbered(data):
        return True
    is_data = isinstance(data, str | bytes | Mapping | Sequence | Set) or any(hasattr(data, name) for name in _ARRAY)
    return isinstance(data, Iterable) and not is_data


def is_numbered(data: Any) -> bool:
    """Whether an object is asked for batches by their numbers, as a PyDataset is."""
    return all(hasattr(type(data), name) for name in ("__getitem__", "num_batches", "on_epoch_end"))


def repeats(data: Any) -> bool:
    """Whether a stream can be gone through more than once.

    >>> repeats(iter([1])), repeats({1: 2}.values())
    (False, True)
    """
    return not isinstance(data, Iterator)


def stream_of(data: Any, order: Order | None = None) -> Stream:
    """The stream that an object is; `order` is for those that are asked by numbers."""
    if is_numbered(data):
        return Numbered(data, order)
    return Iterated(data)


class Iterated:
    """An iterable or an iterator, asked in the thread that trains."""

    def __init__(self, data: Any) -> None:
        self._data = data
        self.repeats = repeats(data)
        self.title = type(data).__name__

    @property
    def count(self) -> int | None:
        """How many batches it says that it has."""
        try:
            return len(self._data)
        except (TypeError, NotImplementedError):
            return None

    @property
    def is_endless(self) -> bool:
        """Nobody knows."""
        return False

    def begin_epoch(self, limit: int | None, interrupted: Callable[[], bool]) -> None:
        """Nothing is to be done."""

    def look(self) -> Iterator[Any]:
        """The batches, gone through anew when they are run."""
        return iter(self._data)

    def run(self, number: int) -> Iterator[Any]:
        """The batches; those of an iterator that are left."""
        return iter(self._data)

    def pass_over(self) -> None:
        """Nothing is to be done: nothing was made ahead."""

    def end_epoch(self) -> None:
        """Nothing is to be done."""

    def close(self) -> None:
        """Nothing is to be done: what is left of an iterator is the user's."""


class Numbered:
    """A PyDataset, whose workers make batches ahead, but none before the hook that begins an epoch."""

    repeats = True

    def __init__(self, data: Any, order: Order | None = None) -> None:
        self._data = data
        self._order: Order = in_order if order is None or getattr(data, "is_ordered", False) else order
        self.title = type(data).__name__
        self._workers = _Workers(data)
        self._size = max(int(getattr(data, "max_queue_size", 10)), 1) if self._workers.count else 1
        self._limit: int | None = None
        self._interrupted: Callable[[], bool] = lambda: False

    @property
    def count(self) -> int | None:
        """How many batches it has; None for one without an end."""
        count = self._data.num_batches
        return None if count is None else int(count)

    @property
    def is_endless(self) -> bool:
        """Whether it has no end."""
        return self.count is None

    def begin_epoch(self, limit: int | None, interrupted: Callable[[], bool]) -> None:
        """Call the user's hook; from now on so many batches may be made."""
        self._limit, self._interrupted = limit, interrupted
        self._data.on_epoch_begin()
        self._workers.renew()

    def look(self) -> Iterator[Any]:
        """The batches as they come, made in this thread."""
        for index in itertools.count() if self.count is None else range(self.count):
            answer = Answer(index, 0)
            answer.find(lambda index, seed: self._data[index])
            yield _value_of(answer, self._interrupted)

    def run(self, number: int) -> Iterator[Any]:
        """The batches in order, as many of them under way as the queue holds."""
        count = self.count
        indices = itertools.count() if count is None else iter([int(i) for i in self._order(number, count)])
        waiting: deque[Answer] = deque()
        while True:
            for index in itertools.islice(indices, self._room(len(waiting))):
                waiting.append(self._workers.ask(index))
                self._limit = None if self._limit is None else self._limit - 1
            if not waiting:
                return
            yield _value_of(waiting.popleft(), self._interrupted)

    def pass_over(self) -> None:
        """Another batch may be asked for in its place."""
        self._limit = None if self._limit is None else self._limit + 1

    def _room(self, waiting: int) -> int:
        """How many batches may be asked for beside those that are waited for."""
        room = self._size - waiting
        return room if self._limit is None else min(room, self._limit)

    def end_epoch(self) -> None:
        """Call the user's hook."""
        self._data.on_epoch_end()

    def close(self) -> None:
        """End the workers."""
        self._workers.close()


def _value_of(answer: Answer, interrupted: Callable[[], bool]) -> Any:
    try:
        return answer.wait(interrupted)
    except Interrupted:
        raise
    except Exception as error:
        error.add_note(f"while batch {answer.index} was made, by __getitem__({answer.index})")
        raise


class _Workers:
    """The threads or processes that a PyDataset asks for; none at all with `workers=0`."""

    def __init__(self, data: Any) -> None:
        self._data = data
        self.count = int(getattr(data, "workers", 1))
        self._wants_processes = self.count > 0 and bool(getattr(data, "use_multiprocessing", False))
        # drawn here, and not when batches are asked for: whoever trains meanwhile draws from the same sequence
        self._seeds = random.Random(draw_seed() if self._wants_processes else 0)
        self._packed = b""
        self._processes: list[WorkerProcess] = []
        self._ahead: Ahead | None = None

    def renew(self) -> None:
        """Let processes know what the data set is now."""
        if self._wants_processes:
            self._packed = packed(self._data)
            for process in self._processes:
                process.renew(self._packed)

    def ask(self, index: int) -> Answer:
        """Have a batch made."""
        seed = self._seeds.getrandbits(32)
        if self.count < 1:
            answer = Answer(index, seed)
            answer.find(self._made_here)
            return answer
        self._open()
        assert self._ahead is not None
        return self._ahead.ask(index, seed)

    def _made_here(self, index: int, seed: int) -> Any:
        """A batch made in this process, whose generators are the user's."""
        return self._data[index]

    def _open(self) -> None:
        if self._ahead is not None:
            return
        if self._wants_processes:
            self._packed = self._packed or packed(self._data)
            try:
                for _ in range(self.count):
                    self._processes.append(WorkerProcess(self._packed))
            except BaseException:
                self.close()
                raise
        self._ahead = Ahead(self._processes or [self._made_here] * self.count)

    def close(self) -> None:
        """End them; processes first, so that nobody waits for one."""
        processes, self._processes, self._packed = self._processes, [], b""
        for process in processes:
            process.close()
        if self._ahead is not None:
            self._ahead.close()
            self._ahead = None


def first_batch(data: Any) -> Any:
    """The first batch of a stream that can be gone through again, made for looking at it only."""
    if is_numbered(data):
        return data[0]
    with contextlib.suppress(StopIteration):
        return next(iter(data))
    raise BadData(f"the {type(data).__name__} gives no batch", where="data", expected="at least one batch")
