"""Facts of rows: which are equal, whether they could be so by chance, and how labels are ordered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kmagic.models.diagnosis.facts.arrays import ArrayFacts

Array = np.ndarray[Any, Any]

_LABELS = 1000


def row_keys(inputs: Sequence[ArrayFacts]) -> Array | None:
    """A number for each row, equal for equal rows of all inputs; None where this would take long."""
    found = [keys for part in inputs if (keys := part.row_keys) is not None and len(keys) == inputs[0].rows]
    if not inputs or len(found) < len(inputs):
        return None
    keys = np.zeros(inputs[0].rows, "uint64")
    for part in found:
        keys = keys * np.uint64(31) + part
    return keys


def are_distinctive(inputs: Sequence[ArrayFacts]) -> bool:
    """Whether columns hold so many different numbers that two rows are hardly equal by chance."""
    return sum(found.distinctness for found in inputs) > 2 * float(np.log(max(inputs[0].rows, 2)))


def count_repeated(keys: Array) -> int:
    """How many rows stand there already."""
    ordered = np.sort(keys)
    return int(np.count_nonzero(ordered[1:] == ordered[:-1]))


def are_among(keys: Array, others: Array) -> Array:
    """Which rows are among others."""
    ordered = np.sort(others)
    places = np.minimum(np.searchsorted(ordered, keys), len(ordered) - 1)
    found: Array = ordered[places] == keys
    return found


def labels_of(found: ArrayFacts | None) -> Array | None:
    """The class of each row, of class numbers or one-hot rows; None of anything else."""
    if found is None or found.array is None:
        return None
    if found.is_one_hot and len(found.shape) == 2:
        labels: Array = found.array.argmax(-1)
        return labels
    if found.column is not None and found.is_whole and found.values is not None and len(found.values) <= _LABELS:
        return found.column
    return None


def distinct(column: Array) -> Array:
    """The different numbers of a column, in order; sorting is quicker than NumPy's hashing of them."""
    ordered = np.sort(column)
    keep = np.ones(len(ordered), bool)
    keep[1:] = ordered[1:] != ordered[:-1]
    found: Array = ordered[keep]
    return found


def is_sorted(column: Array) -> bool:
    """Whether a column never falls, or never rises, and is not all the same."""
    if len(column) < 2 or column[0] == column[-1]:
        return False
    before, after = column[:-1], column[1:]
    return bool((after >= before).all() if column[0] < column[-1] else (after <= before).all())
