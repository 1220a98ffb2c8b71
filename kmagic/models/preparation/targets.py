"""Targets in a range that an output reaches."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmagic.models.preparation.step import Step, changed_at


class ScaleTargets(Step):
    """Targets shifted by `offset` and divided by `scale`; predictions come back in the user's units.

    Formula: t' = (t − offset) / scale

    >>> step = ScaleTargets(100.0, 50.0)
    >>> step.targets(([150.0],))[0].tolist(), step.answers([np.array([1.0])])[0].tolist()
    ([1.0], [150.0])
    """

    def __init__(self, offset: float = 0.0, scale: float = 1.0, output: int = 0) -> None:
        self.offset, self.scale, self.output = offset, scale, output

    def targets(self, targets: tuple[Any, ...]) -> tuple[Any, ...]:
        """The scaled targets."""
        return changed_at(targets, self.output, lambda target: (target.astype("float64") - self.offset) / self.scale)

    def answers(self, predictions: list[Any]) -> list[Any]:
        """Predictions in the units of the user's targets."""
        return [
            np.asarray(p) * self.scale + self.offset if number == self.output else p
            for number, p in enumerate(predictions)
        ]
