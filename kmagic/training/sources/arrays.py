"""Rows of arrays in memory."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kmagic.base.dtypes import held_as, standard
from kmagic.training.sources.source import Block, Source, in_order

Array = np.ndarray[Any, Any]

_SMALL = 64 * 2**20  # bytes; arrays up to this size are copied, so that nothing changes under a run


class ArraySource:
    """Arrays of equal length.

    Small ones are copied, so that changing the user's array does not change a run that has begun.
    """

    def __init__(self, arrays: Sequence[Array]) -> None:
        self.specs = tuple((array.shape[1:], standard(array.dtype)) for array in arrays)
        self.arrays = [_own(array, held_as(dtype)) for array, (_, dtype) in zip(arrays, self.specs, strict=True)]
        self.length = len(self.arrays[0])

    def read(self, rows: Array, out: Sequence[Array]) -> None:
        """Copy the rows with these numbers into `out`."""
        for array, target in zip(self.arrays, out, strict=True):
            # row numbers come from the loop and are in range; 'clip' spares NumPy a buffer
            array.take(rows, 0, target, "clip")


class RowBatches:
    """Rows of a source in batches; `order(pass)` gives their numbers, which by default are as they come."""

    fixed = True

    def __init__(self, source: Source, size: int, order: Callable[[int], Array] | None = None) -> None:
        self.source, self.size, self.specs = source, size, source.specs
        self._order = order or functools.partial(in_order, count=source.length)
        self._numbers = np.arange(0)
        self._rows = self._numbers
        self._place = 0

    @property
    def count(self) -> int:
        """The number of batches; the last one may be smaller."""
        return -(-self.source.length // self.size)

    def begin_epoch(self, limit: int | None, interrupted: Callable[[], bool]) -> None:
        """Nothing is to be done: rows are there without waiting."""

    def begin_pass(self, number: int) -> None:
        """Go back to the first batch, in the order of this pass."""
        self._numbers, self._place = self._order(number), 0

    def next(self) -> int:
        """Make the next batch ready; 0 where there is none."""
        self._rows = self._numbers[self._place : self._place + self.size]
        self._place += self.size
        return len(self._rows)

    def read(self, out: Sequence[Array]) -> None:
        """Copy the rows of the batch that is ready into `out`."""
        self.source.read(self._rows, out)

    def several(self, limit: int) -> Block | None:
        """The batch that is ready and those after it, up to `limit`."""
        if not isinstance(self.source, ArraySource):
            return None
        start = self._place - self.size
        block = Block(self.source.arrays, self._numbers[start : start + limit * self.size], self.size)
        self._place = start + block.count * self.size
        return block

    def end_epoch(self) -> None:
        """Nothing is to be done."""

    def close(self) -> None:
        """Nothing is to be done."""


def _own(array: Array, dtype: str) -> Array:
    """A plain array in C order and native byte order, as native code takes rows from it; memory of its own if small.

    A large one that is so already stays where it is, and so do those that NumPy only wraps (memory maps, matrices).
    """
    plain = np.asarray(array, dtype, order="C")
    is_shared = np.may_share_memory(plain, array)
    return plain.copy() if is_shared and plain.nbytes <= _SMALL else plain
