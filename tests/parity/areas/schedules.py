"""Schedules: their values at many steps, alone and inside optimizers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import inputs
from ..area import Area, Arguments, Library, Results, written
from ..reading import config_of, numpy_of, plain, variable_facts
from .optimizers import MATRIX, optimizer_on_model


@dataclass(frozen=True)
class ScheduleCase:
    """One schedule."""

    part: str
    arguments: Arguments = field(default_factory=dict)

    @property
    def name(self) -> str:
        return written(self.part, self.arguments)

    def made(self, library: Library) -> Any:
        """The schedule."""
        return getattr(library.optimizers.schedules, self.part)(**self.arguments)


FACTOR = {"initial_learning_rate": 0.3, "decay_steps": 10, "decay_rate": 0.6}
LINE = {"initial_learning_rate": 0.3, "decay_steps": 10}
RESTARTS = {"initial_learning_rate": 0.3, "first_decay_steps": 10}
SCHEDULES = (
    ScheduleCase("ExponentialDecay", FACTOR),
    ScheduleCase("ExponentialDecay", FACTOR | {"staircase": True}),
    ScheduleCase("ExponentialDecay", FACTOR | {"decay_steps": 7.5, "decay_rate": 1.01, "name": "growth"}),
    ScheduleCase("ExponentialDecay", FACTOR | {"decay_rate": 0.0}),
    ScheduleCase("ExponentialDecay", FACTOR | {"decay_steps": 1, "decay_rate": 0.999}),
    ScheduleCase("InverseTimeDecay", FACTOR),
    ScheduleCase("InverseTimeDecay", FACTOR | {"staircase": True}),
    ScheduleCase("InverseTimeDecay", FACTOR | {"decay_steps": 1, "decay_rate": 0.01, "name": "slow"}),
    ScheduleCase("PiecewiseConstantDecay", {"boundaries": [10, 30], "values": [0.3, 0.1, 0.01]}),
    ScheduleCase("PiecewiseConstantDecay", {"boundaries": [0], "values": [0.3, 0.1]}),
    ScheduleCase(
        "PiecewiseConstantDecay", {"boundaries": [5, 6, 100], "values": [0.3, 0.5, 0.0, 0.1], "name": "bumps"}
    ),
    ScheduleCase("PolynomialDecay", LINE),
    ScheduleCase("PolynomialDecay", LINE | {"end_learning_rate": 0.05, "power": 2.0}),
    ScheduleCase("PolynomialDecay", LINE | {"end_learning_rate": 0.05, "power": 0.5}),
    ScheduleCase("PolynomialDecay", LINE | {"end_learning_rate": 0.05, "cycle": True}),
    ScheduleCase("PolynomialDecay", LINE | {"decay_steps": 15, "end_learning_rate": 0.5, "power": 3.0, "cycle": True}),
    ScheduleCase("CosineDecay", LINE),
    ScheduleCase("CosineDecay", LINE | {"alpha": 0.2, "decay_steps": 30}),
    ScheduleCase("CosineDecay", LINE | {"initial_learning_rate": 0.0, "warmup_target": 0.4, "warmup_steps": 5}),
    ScheduleCase("CosineDecay", LINE | {"alpha": 0.1, "warmup_target": 0.1, "warmup_steps": 20}),
    ScheduleCase("CosineDecay", LINE | {"warmup_target": 0.4}),
    ScheduleCase("CosineDecay", LINE | {"warmup_steps": 5}),
    ScheduleCase("CosineDecayRestarts", RESTARTS),
    ScheduleCase("CosineDecayRestarts", RESTARTS | {"t_mul": 1.0}),
    ScheduleCase("CosineDecayRestarts", RESTARTS | {"m_mul": 0.7, "alpha": 0.1}),
    ScheduleCase("CosineDecayRestarts", RESTARTS | {"t_mul": 1.0, "m_mul": 0.7, "alpha": 0.1}),
    ScheduleCase("CosineDecayRestarts", RESTARTS | {"t_mul": 1.5, "m_mul": 1.1, "first_decay_steps": 7}),
    ScheduleCase("CosineDecayRestarts", RESTARTS | {"t_mul": 3.0, "name": "slower"}),
)
STEPS = (*range(8), 9, 10, 11, 14, 15, 16, 19, 20, 21, 25, 29, 30, 31, 39, 41, 69, 70, 71, 100, 101, 350, 9999)


def schedule_values(library: Library, case: ScheduleCase) -> Results:
    """The learning rate at Python numbers and at counters, and how the schedule is written down."""
    schedule = case.made(library)
    counters = [library.ops.convert_to_tensor(step, dtype="int32") for step in STEPS]
    return {
        "at numbers": np.array([numpy_of(schedule(step)) for step in STEPS]),
        "at counters": np.array([numpy_of(schedule(step)) for step in counters]),
        "config": config_of(schedule),
        "serialized": plain(library.optimizers.schedules.serialize(schedule)),
    }


@dataclass(frozen=True)
class ScheduledCase:
    """An optimizer whose learning rate is a schedule."""

    part: str
    schedule: ScheduleCase
    arguments: Arguments = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.schedule.name} in {written(self.part, self.arguments)}"

    def made(self, library: Library) -> Any:
        """The optimizer."""
        return getattr(library.optimizers, self.part)(self.schedule.made(library), **self.arguments)


FAST = (
    ScheduleCase("ExponentialDecay", FACTOR | {"decay_steps": 4}),
    ScheduleCase("InverseTimeDecay", FACTOR | {"decay_steps": 2, "staircase": True}),
    ScheduleCase("PiecewiseConstantDecay", {"boundaries": [2, 5], "values": [0.2, 0.1, 0.01]}),
    ScheduleCase("PolynomialDecay", LINE | {"decay_steps": 6, "power": 2.0}),
    ScheduleCase("CosineDecay", LINE | {"decay_steps": 6, "warmup_target": 0.2, "warmup_steps": 3}),
    ScheduleCase("CosineDecayRestarts", RESTARTS | {"first_decay_steps": 3}),
)
AROUND: Mapping[str, Arguments] = {
    "SGD": {"weight_decay": 0.1},
    "Adam": {"gradient_accumulation_steps": 3},
    "Adafactor": {"use_ema": True, "ema_momentum": 0.5},
    "Muon": {"clipnorm": 0.5},
}
SCHEDULED = tuple(ScheduledCase(part, schedule, around) for schedule in FAST for part, around in AROUND.items())


def scheduled_steps(library: Library, case: ScheduledCase) -> Results:
    """Variables and the learning rate after each of several steps."""
    variables = [
        library.Variable(inputs.normal("variable", name, shape=shape), name=name) for name, shape in MATRIX.items()
    ]
    optimizer = case.made(library)
    rates = []
    for step in range(10):
        gradients = [inputs.normal("gradient", name, step, shape=shape) for name, shape in MATRIX.items()]
        optimizer.apply([library.ops.convert_to_tensor(gradient) for gradient in gradients], variables)
        rates.append(numpy_of(optimizer.learning_rate))
    moved = {variable.name: numpy_of(variable) for variable in variables}
    names = [variable_facts(variable)["name"] for variable in optimizer.variables]
    return moved | {"rates": np.array(rates), "names": names, "config": config_of(optimizer)}


AREAS = (
    Area("schedules", SCHEDULES, schedule_values),
    Area("schedules in float32", SCHEDULES, schedule_values, floatx="float32"),
    Area("schedules in optimizers", SCHEDULED, scheduled_steps),
    Area("schedules on a model", SCHEDULED[::3], optimizer_on_model),
)
