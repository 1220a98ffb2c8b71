"""What scenarios are made of: small stories about fit, evaluate and callbacks that either library can act out.

A scenario returns named results, as an experiment does. All of them use one small data set whose rows do not fill the
last batch, and a model that learns it quickly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from . import inputs
from .small_models import layered

Library = ModuleType
Results = dict[str, Any]
Act = Callable[[Library], Results]

ROWS, COLUMNS, BATCH = 23, 4, 5
X = inputs.normal("scenario", shape=(ROWS, COLUMNS))
Y = (X.sum(-1, keepdims=True) > 0.0).astype(float)
WEIGHTS = inputs.sample_weights(ROWS, "scenario")
FIT: Mapping[str, Any] = {"batch_size": BATCH, "shuffle": False, "verbose": 0}


@dataclass(frozen=True)
class Scenario:
    """A story with a name."""

    name: str
    act: Act


def entering(table: list[Scenario]) -> Callable[[Act], Act]:
    """A decorator that enters a function into a table of scenarios under its own name."""

    def enter(act: Act) -> Act:
        table.append(Scenario(act.__name__.replace("_", " "), act))
        return act

    return enter


def play(library: Library, story: Scenario) -> Results:
    """Act out one scenario."""
    return story.act(library)


# ---- the model of all scenarios, and how results are written ----


def compiled(library: Library, learning_rate: float = 0.5, metrics: tuple[str, ...] = ("accuracy",)) -> Any:
    """The small model, compiled."""
    model = layered(library, (COLUMNS, 3, 1), head="sigmoid")
    optimizer = library.optimizers.SGD(learning_rate=learning_rate)
    model.compile(optimizer=optimizer, loss="binary_crossentropy", metrics=list(metrics))
    return model


def told(history: Any) -> Results:
    """A history as results: the curves, and which epochs they cover."""
    curves = {f"history/{name}": np.array(values) for name, values in history.history.items()}
    return curves | {"epochs": list(history.epoch)}


def logs(values: Mapping[str, Any], label: str) -> Results:
    """A dictionary of numbers as results."""
    return {f"{label}/{name}": np.array(value) for name, value in values.items()}


def shape_of_answer(answer: Any) -> str:
    """Whether an answer is a list, a dictionary or one number."""
    if isinstance(answer, list | dict):
        return type(answer).__name__
    return "number" if np.ndim(answer) == 0 else "array"


def weights_of(model: Any, label: str = "weights") -> Results:
    """A model's weights as results, in their order."""
    return {f"{label}/{place}": array for place, array in enumerate(model.get_weights())}
