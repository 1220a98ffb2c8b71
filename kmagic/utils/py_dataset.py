"""Data sets that make their batches by number."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from kmagic.base.errors import BadValue

_DEFAULTS = {"_workers": 1, "_use_multiprocessing": False, "_max_queue_size": 10}


class PyDataset:
    """Base class: override `__getitem__`, which gives the batch with a number, and `__len__`, how many there are.

    A batch is `(x, y)`, `(x, y, sample_weight)`, `(x,)` or a dictionary of features. `fit`, `evaluate` and `predict`
    have `workers` threads, or processes with `use_multiprocessing`, make up to `max_queue_size` batches ahead; with no
    worker the thread that trains makes them. One without an end overrides `num_batches` to give None. With processes
    the data set has to be one that can be pickled, and `on_epoch_end` changes the one here, which is sent to them anew.
    `fit` asks for batches in another order in each epoch unless it gets `shuffle=False`, or `is_ordered` is set.

    >>> class Squares(PyDataset):
    ...     def __len__(self):
    ...         return 2
    ...     def __getitem__(self, index):
    ...         return [index], [index**2]
    >>> list(Squares())
    [([0], [0]), ([1], [1])]
    """

    is_ordered = False

    def __init__(self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10) -> None:
        self.workers = workers
        self.use_multiprocessing = use_multiprocessing
        self.max_queue_size = max_queue_size

    def _option(self, name: str) -> Any:
        """An option; one of a class that does not call its base is the default, with a warning."""
        if name not in vars(self):
            warnings.warn(
                f"Your `PyDataset` class should call `super().__init__(**kwargs)` in its constructor: "
                f"{type(self).__name__} has no `{name[1:]}`",
                stacklevel=3,
            )
            vars(self).update(_DEFAULTS | vars(self))
        return vars(self)[name]

    @property
    def workers(self) -> int:
        """How many threads or processes make batches."""
        return int(self._option("_workers"))

    @workers.setter
    def workers(self, value: int) -> None:
        self._workers = _counted("workers", value, 0)

    @property
    def use_multiprocessing(self) -> bool:
        """Whether the workers are processes."""
        return bool(self._option("_use_multiprocessing"))

    @use_multiprocessing.setter
    def use_multiprocessing(self, value: bool) -> None:
        if not isinstance(value, bool | np.bool_):
            raise BadValue(
                f"use_multiprocessing is {value!r}",
                where="PyDataset",
                expected="True or False",
                fix="use_multiprocessing=True",
            )
        self._use_multiprocessing = bool(value)

    @property
    def max_queue_size(self) -> int:
        """How many batches are made ahead."""
        return int(self._option("_max_queue_size"))

    @max_queue_size.setter
    def max_queue_size(self, value: int) -> None:
        self._max_queue_size = _counted("max_queue_size", value, 1)

    def __getitem__(self, index: int) -> Any:
        """The batch with this number, counted from 0."""
        raise NotImplementedError(f"{type(self).__name__} has no __getitem__(index)")

    def __iter__(self) -> Iterator[Any]:
        """All batches, without workers."""
        try:
            count = self.num_batches
        except NotImplementedError:
            count = None
        for index in itertools.count() if count is None else range(count):
            yield self[index]

    @property
    def num_batches(self) -> int | None:
        """How many batches there are; None for no end."""
        if hasattr(self, "__len__"):
            return len(self)
        raise NotImplementedError(f"{type(self).__name__} has neither __len__ nor the property num_batches")

    def on_epoch_begin(self) -> None:
        """An epoch begins; called before its first batch is made."""

    def on_epoch_end(self) -> None:
        """An epoch is over."""


def _counted(name: str, value: Any, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        expected, fix = f"a whole number of at least {least}", f"{name}={max(least, 1)}"
        raise BadValue(f"{name} is {value!r}", where="PyDataset", expected=expected, fix=fix)
    return int(value)


Sequence = PyDataset
