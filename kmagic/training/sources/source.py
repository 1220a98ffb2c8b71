"""The protocols of sources: rows, and batches that are gone through in passes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

Array = Any
Specs = tuple[tuple[tuple[int, ...], str], ...]


def in_order(number: int, count: int) -> Array:
    """The numbers of so many rows or batches as they come, which is the order of any pass that is not shuffled."""
    return np.arange(count)


class Source(Protocol):
    """Rows of several arrays, read together.

    `specs` are (shape of a row, dtype) of each array, in the order of the program's inputs.
    """

    length: int
    specs: Specs

    def read(self, rows: Array, out: Sequence[Array]) -> None:
        """Copy the rows with these numbers into `out`, one array for each spec."""


@dataclass(frozen=True)
class Block:
    """Batches of rows of arrays in memory, that need nobody between them: `numbers` of rows, `size` in a batch."""

    arrays: Sequence[Array]
    numbers: Array
    size: int

    @property
    def count(self) -> int:
        """How many batches there are; the last one may be smaller."""
        return -(-len(self.numbers) // self.size)


class Batches(Protocol):
    """Batches one after the other, in passes: over rows of a source, or of an object that makes batches itself.

    `size` is how many rows a batch usually has; a batch may have any number of them. `specs` are those of the batch
    that is ready; they are the same object for as long as nothing changes, and for ever where they are `fixed`.
    """

    specs: Specs
    size: int
    fixed: bool

    @property
    def count(self) -> int | None:
        """How many batches a pass has; None where nobody knows."""

    def begin_epoch(self, limit: int | None, interrupted: Callable[[], bool]) -> None:
        """An epoch of at most `limit` batches starts; a wait within it ends once it is `interrupted`."""

    def begin_pass(self, number: int) -> None:
        """Go back to the first batch; what cannot be gone through anew stays where it is."""

    def next(self) -> int:
        """Make the next batch ready, and say how many rows it has; 0 where the pass has no more.

        Raises `Interrupted` where a user stops while it is waited for.
        """

    def read(self, out: Sequence[Array]) -> None:
        """Copy the batch that is ready into `out`, one array for each spec."""

    def several(self, limit: int) -> Block | None:
        """The batch that is ready and those after it, up to `limit`; None where each must be asked for."""

    def end_epoch(self) -> None:
        """The epoch is over."""

    def close(self) -> None:
        """Nothing more will be asked for: threads and processes end."""
