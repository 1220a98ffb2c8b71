"""Rows of arrays in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kmagic.base.dtypes import standard

Array = np.ndarray[Any, Any]

_SMALL = 64 * 2**20  # bytes; arrays up to this size are copied, so that nothing changes under a run


class ArraySource:
    """Arrays of equal length.

    Small ones are copied, so that changing the user's array does not change a run that has begun.
    """

    def __init__(self, arrays: Sequence[Array]) -> None:
        self.arrays = [_own(array) for array in arrays]
        self.length = len(self.arrays[0])
        self.specs = tuple((array.shape[1:], standard(array.dtype)) for array in self.arrays)

    def read(self, rows: Array, out: Sequence[Array]) -> None:
        """Copy the rows with these numbers into `out`."""
        for array, target in zip(self.arrays, out, strict=True):
            # row numbers come from the loop and are in range; 'clip' spares NumPy a buffer
            array.take(rows, 0, target, "clip")


def _own(array: Array) -> Array:
    contiguous = np.ascontiguousarray(array)
    return contiguous.copy() if contiguous is array and array.nbytes <= _SMALL else contiguous
