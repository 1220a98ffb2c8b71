"""Facts of rows: which are equal, whether they could be so by chance, and how labels are ordered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kmagic.models.diagnosis.facts.arrays import ArrayFacts

Array = np.ndarray[Any, Any]

_MOST = 1 << 24  # numbers that are looked at for equal rows: a tenth of a second
_BLOCK = 1 << 20
_FEW = 10  # a column with more distinct values than this tells rows apart
_LABELS = 1000


def row_keys(inputs: Sequence[ArrayFacts]) -> Array | None:
    """A number for each row, equal for equal rows of all inputs; None where this would take long."""
    if not inputs or any(not found.is_number or found.array is None or not found.array.size for found in inputs):
        return None
    if sum(found.array.size for found in inputs if found.array is not None) > _MOST:
        return None
    if len({found.rows for found in inputs}) > 1:
        return None
    generator = np.random.default_rng(0)
    keys = np.zeros(inputs[0].rows, "uint64")
    for found in inputs:
        assert found.array is not None
        keys = keys * np.uint64(31) + _keys(found.array, generator)
    return keys


def _keys(array: Array, generator: np.random.Generator) -> Array:
    size = array.size // len(array)
    factors = generator.integers(0, 1 << 63, size, dtype="uint64") * np.uint64(2) + np.uint64(1)
    keys = np.empty(len(array), "uint64")
    step = max(1, _BLOCK // size)
    for start in range(0, len(array), step):
        # as models see them; + 0 makes one zero of both
        with np.errstate(over="ignore"):
            block = array[start : start + step].reshape(-1, size).astype("float32") + np.float32(0)
        bits = block.view("uint32").astype("uint64")
        bits = (bits ^ (bits >> np.uint64(15))) * factors  # so that rows with exchanged numbers differ
        keys[start : start + step] = (bits ^ (bits >> np.uint64(29))).sum(1, dtype="uint64")
    return keys


def are_distinctive(inputs: Sequence[ArrayFacts]) -> bool:
    """Whether columns hold so many different numbers that two rows are hardly equal by chance."""
    rows = inputs[0].rows
    told = 0.0
    for found in inputs:
        sample = found.sample[:2000].reshape(len(found.sample[:2000]), -1)
        for column in range(min(sample.shape[1], 64)):
            distinct = len(np.unique(sample[:, column]))
            told += float(np.log(distinct)) if distinct > _FEW else 0.0
    return told > 2 * float(np.log(max(rows, 2)))


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


def is_sorted(column: Array) -> bool:
    """Whether a column never falls, or never rises, and is not all the same."""
    if len(column) < 2 or column[0] == column[-1]:
        return False
    steps = np.diff(column.astype("float64"))
    return bool((steps >= 0).all() or (steps <= 0).all())
