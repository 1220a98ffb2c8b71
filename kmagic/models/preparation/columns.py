"""Targets in other columns than the user has them in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kmagic.models.preparation.step import Step, changed_at


class Column(Step):
    """Targets of one number a row as a column, as the output has them.

    >>> Column().targets(([1, 2],))[0].tolist()
    [[1], [2]]
    """

    def __init__(self, output: int = 0) -> None:
        self.output = output

    def targets(self, targets: tuple[Any, ...]) -> tuple[Any, ...]:
        """The target with an axis more, where it has only rows."""
        return changed_at(targets, self.output, lambda target: target[:, None] if target.ndim == 1 else target)


class SplitColumns(Step):
    """One array of targets as several, `widths` columns each.

    >>> [part.tolist() for part in SplitColumns([1, 2]).targets(([[1, 2, 3]],))]
    [[[1]], [[2, 3]]]
    """

    def __init__(self, widths: Sequence[int]) -> None:
        self.widths = list(widths)

    def targets(self, targets: tuple[Any, ...]) -> tuple[Any, ...]:
        """A target for each output."""
        if len(targets) != 1:
            return targets
        return tuple(np.split(np.asarray(targets[0]), np.cumsum(self.widths)[:-1], axis=-1))


class Shares(Step):
    """Each row of targets divided by its sum.

    >>> Shares().targets(([[1.0, 3.0]],))[0].tolist()
    [[0.25, 0.75]]
    """

    def __init__(self, output: int = 0) -> None:
        self.output = output

    def targets(self, targets: tuple[Any, ...]) -> tuple[Any, ...]:
        """Rows that sum to 1; those of zeros stay."""
        return changed_at(targets, self.output, _shares)


def _shares(target: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    sums = target.sum(-1, keepdims=True)
    result: np.ndarray[Any, Any] = target / np.where(sums == 0, 1, sums)
    return result
