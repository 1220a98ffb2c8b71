"""The protocol of sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

Array = Any


class Source(Protocol):
    """Rows of several arrays, read together.

    `specs` are (shape of a row, dtype) of each array, in the order of the program's inputs.
    """

    length: int
    specs: tuple[tuple[tuple[int, ...], str], ...]

    def read(self, rows: Array, out: Sequence[Array]) -> None:
        """Copy the rows with these numbers into `out`, one array for each spec."""
