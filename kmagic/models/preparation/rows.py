"""Which rows a model learns from, and in which order."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from kmagic.models.preparation.step import Array, Bound, Step, as_rows, missing_in


class DropMissing(Step):
    """Leaves out rows with nothing, NaN or infinity in a feature or a target, where targets are known.

    Rows that only are to be predicted stay.
    """

    def rows(self, data: Bound) -> Bound:
        """The rows that are complete."""
        if not data.y:
            return data
        arrays = [as_rows(array) for array in (*data.x, *data.y) if array is not None]
        if any(not array.ndim for array in arrays) or len({len(array) for array in arrays}) > 1:
            return data  # which rows go together cannot be told
        return data.rows(functools.reduce(np.logical_and, map(_complete, arrays)))


def _complete(array: Array) -> Any:
    if array.dtype.kind not in "fO":
        return np.ones(len(array), bool)
    there = np.isfinite(array) if array.dtype.kind == "f" else ~missing_in(array)
    return there.all(tuple(range(1, array.ndim)))


class ShuffleRows(Step):
    """Rows to learn from in random order, so that the part that `validation_split` holds out is like the rest."""

    needs_all_rows = True

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    def rows(self, data: Bound) -> Bound:
        """The same rows in another order."""
        if not data.training:
            return data
        return data.rows(np.random.default_rng(self.seed).permutation(len(data.x[0])))


class UniqueRows(Step):
    """Rows to learn from without those that stand there already, features and targets alike."""

    needs_all_rows = True

    def rows(self, data: Bound) -> Bound:
        """The first of equal rows."""
        if not data.training:
            return data
        arrays = [as_rows(array) for array in (*data.x, *data.y) if array is not None]
        table = np.concatenate([array.reshape(len(array), -1).astype("float64") for array in arrays], 1)
        first = np.unique(table, axis=0, return_index=True)[1]
        return data.rows(np.sort(first))


class TakeRows(Step):
    """The first rows that every array has."""

    needs_all_rows = True

    def rows(self, data: Bound) -> Bound:
        """As many rows as the shortest array has."""
        lengths = [len(array) for array in (*data.x, *data.y, *data.weights) if array is not None]
        return data.rows(slice(min(lengths)))


class DropLabel(Step):
    """Leaves out rows whose target is `label`, where targets are known."""

    def __init__(self, label: int, output: int = 0) -> None:
        self.label, self.output = label, output

    def rows(self, data: Bound) -> Bound:
        """The rows with other labels."""
        if self.output >= len(data.y) or data.y[self.output] is None:
            return data
        target = np.asarray(data.y[self.output])
        return data.rows((target != self.label).reshape(len(target), -1).all(1))
