"""What happens while a model trains: a loop yields events; history, callbacks and panels listen in its thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

# a number, a list of numbers where a metric has several, or what a callback puts there
Logs = dict[str, Any]


@dataclass(frozen=True)
class Event:
    """Something that happened."""


@dataclass(frozen=True)
class TrainBegin(Event):
    """Training starts: it will run to epoch `epochs`, each of `steps` steps; `params` as Keras's callbacks get them.

    The number of steps is None here and below where nobody knows it yet.
    """

    epochs: int
    steps: int | None
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class EpochBegin(Event):
    """An epoch starts; they count from 0."""

    epoch: int


@dataclass(frozen=True)
class StepsBegin(Event):
    """The next steps start at `step` of this epoch."""

    epoch: int
    step: int


@dataclass(frozen=True)
class StepsEnd(Event):
    """`step` of the `steps` steps of this epoch are done; `logs` are means over the epoch so far."""

    epoch: int
    step: int
    steps: int | None
    logs: Logs


@dataclass(frozen=True)
class ValidationBegin(Event):
    """Validation (or an evaluation) starts."""

    epoch: int


@dataclass(frozen=True)
class ValidationStepsBegin(Event):
    """The next steps start at `step` of the validation."""

    epoch: int
    step: int


@dataclass(frozen=True)
class ValidationSteps(Event):
    """`step` of the `steps` steps of the validation are done."""

    epoch: int
    step: int
    steps: int | None
    logs: Logs


@dataclass(frozen=True)
class ValidationEnd(Event):
    """Validation is done; names without `val_`."""

    epoch: int
    logs: Logs


@dataclass(frozen=True)
class EpochEnd(Event):
    """An epoch is done; `logs` hold training and `val_` values, and listeners may add to them."""

    epoch: int
    logs: Logs


@dataclass(frozen=True)
class Noticed(Event):
    """Somebody who watches the training has found something: `finding` has a code, a severity and a message."""

    finding: Any


@dataclass(frozen=True)
class TrainEnd(Event):
    """Training is over: `status` is done, stopped or failed, `reason` says why."""

    status: str
    reason: str
    history: Any


Listener = Callable[[Event], None]


def part_of(step: int, steps: int | None) -> float:
    """Which part of an epoch is done; while nobody knows how long it is, a number that grows and stays below 1.

    >>> part_of(1, 4), part_of(100, None)
    (0.25, 0.5)
    """
    return step / (step + 100) if steps is None else step / max(steps, 1)


def is_number(value: Any) -> bool:
    """Whether a value of logs is one number."""
    return np.ndim(value) == 0 and isinstance(value, int | float | np.number | np.ndarray)


def written(value: Any, number: Callable[[float], str] = "{:.4g}".format) -> str:
    """A value of logs as text; `number` writes one number.

    >>> written(0.43219), written(1234.5), written(0.00001234), written([0.5, 2.0])
    ('0.4322', '1234', '1.234e-05', '[0.5, 2]')
    """
    if is_number(value):
        return number(float(value))
    if isinstance(value, list | tuple | np.ndarray):
        return f"[{', '.join(written(part, number) for part in value)}]"
    return str(value)
