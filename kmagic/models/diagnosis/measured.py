"""What a probe measures of one training step, as plain data."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from kmagic.models.diagnosis import shown


@dataclass(frozen=True)
class MeasuredWeight:
    """Euclidean norms: of a weight, of the gradient of the loss by it, and of what the step would add to it."""

    path: str
    shape: tuple[int, ...]
    norm: float
    gradient: float
    update: float

    @property
    def ratio(self) -> float:
        """The update beside the weight; infinite where the weight is all zeros and would change."""
        return _ratio(self.update, self.norm)


@dataclass(frozen=True)
class MeasuredLayer:
    """A layer with weights that are trained; its norms are those of all of them together."""

    path: str
    kind: str
    weights: tuple[MeasuredWeight, ...]

    @property
    def norm(self) -> float:
        """The norm of the weights."""
        return _together(weight.norm for weight in self.weights)

    @property
    def gradient(self) -> float:
        """The norm of the gradient."""
        return _together(weight.gradient for weight in self.weights)

    @property
    def update(self) -> float:
        """The norm of the update."""
        return _together(weight.update for weight in self.weights)

    @property
    def ratio(self) -> float:
        """The update beside the weights."""
        return _ratio(self.update, self.norm)


@dataclass(frozen=True)
class MeasuredActivation:
    """How much of an activation is at rest, where its slope is at most 0.01.

    `saturated` is the share of all values, `dead` the share of the `units` that are at rest for every row. Of a ReLU
    half of the values usually are, which is no fault; a dead unit learns nothing from these rows. Of an output
    (`is_output`) values at rest may just be sure predictions.
    """

    layer: str
    function: str
    saturated: float
    dead: float
    units: int
    is_output: bool = False


@dataclass(frozen=True)
class MeasuredOutput:
    """One output: its own loss, and how much predictions and targets differ from row to row.

    `size` is the largest prediction, without its sign. A spread is the standard deviation over the rows, the largest of
    all columns; where that of the predictions is 0 the model gives the same for every row. None stands where there is
    no loss or no target.
    """

    name: str
    loss: float | None
    size: float
    spread: float
    target_spread: float | None


@dataclass(frozen=True)
class Preview:
    """One training step on one batch, measured and not made.

    `problem` says in which layer a value is not finite, where one is.
    """

    rows: int
    loss: float
    learning_rate: float | None
    outputs: tuple[MeasuredOutput, ...]
    layers: tuple[MeasuredLayer, ...]
    activations: tuple[MeasuredActivation, ...]
    problem: str | None = None

    @cached_property
    def gradient(self) -> float:
        """The norm of the whole gradient."""
        return _together(layer.gradient for layer in self.layers)

    @cached_property
    def weights(self) -> tuple[MeasuredWeight, ...]:
        """All weights that are trained."""
        return tuple(weight for layer in self.layers for weight in layer.weights)

    @property
    def is_finite(self) -> bool:
        """Whether loss and gradient are finite."""
        return math.isfinite(self.loss) and math.isfinite(self.gradient)

    def as_data(self) -> dict[str, Any]:
        """The same as dictionaries, lists and numbers."""
        return asdict(self)

    def __str__(self) -> str:
        return shown.as_text(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return shown.as_html(self)


def _together(norms: Iterable[float]) -> float:
    return math.hypot(*norms)


def _ratio(update: float, norm: float) -> float:
    if norm == 0:
        return 0.0 if update == 0 else math.inf
    return update / norm
