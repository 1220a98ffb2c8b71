"""Large arrays in blocks: temporaries that fit into the cache are not asked of the system anew for every operation."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from kmagic.graph.names import quietly

BLOCK = 1 << 19  # elements of a target or prediction that are worked on at a time


def in_blocks(update: Callable[..., None]) -> Callable[..., None]:
    """Call `update(self, y_true, y_pred, sample_weight, …)` for some rows at a time where the arrays are large.

    Counts and sums add up over rows, so the state is the same; programs get symbols, which stay whole.
    """

    @functools.wraps(update)
    def blocked(self: Any, y_true: Any, y_pred: Any, sample_weight: Any = None, *rest: Any, **options: Any) -> None:
        rows = _rows(y_true, y_pred, sample_weight)
        step = max(1, BLOCK * rows // max(1, y_pred.size)) if rows else 0
        if step >= rows:
            quietly(update, self, y_true, y_pred, sample_weight, *rest, **options)
            return
        for start in range(0, rows, step):
            parts = (None if x is None else x[start : start + step] for x in (y_true, y_pred, sample_weight))
            quietly(update, self, *parts, *rest, **options)

    return blocked


def _rows(*arrays: Any) -> int:
    """How many rows all arrays have; 0 where one of them has no rows, or others."""
    counts = {
        len(array) if isinstance(array, np.ndarray) and array.ndim else 0 for array in arrays if array is not None
    }
    return counts.pop() if len(counts) == 1 else 0
