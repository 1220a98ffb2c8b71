"""Whole models: twenty steps of training, and what evaluate and predict say afterwards, in float64 and in float32."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import inputs
from ..area import Area, Library, Results
from ..reading import numpy_of, variable_facts
from ..whole_networks import BATCH, BUILDERS, STEPS, Builder, Trained


@dataclass(frozen=True)
class WholeCase:
    """A network of the table."""

    name: str
    build: Builder


CASES = tuple(WholeCase(name, build) for name, build in BUILDERS.items())


def rows_of(data: Any, rows: slice) -> Any:
    """Some rows of arrays, however they are packed."""
    if isinstance(data, dict):
        return {name: array[rows] for name, array in data.items()}
    if isinstance(data, list):
        return [array[rows] for array in data]
    return None if data is None else data[rows]


def start_from_given_weights(model: Any, *names: object) -> None:
    """Kernels from a seed; gammas, biases and statistics near what they begin with."""
    old = model.get_weights()
    new = inputs.weights([array.shape for array in old], *names)
    model.set_weights([begun + given if begun.ndim == 1 else given for begun, given in zip(old, new, strict=True)])


def one_step(trained: Trained, step: int) -> np.ndarray:
    """Loss and metrics of a step."""
    rows = slice(step * BATCH, (step + 1) * BATCH)
    trained.model.reset_metrics()
    given = (rows_of(data, rows) for data in (trained.x, trained.y, trained.weights))
    return numbers(trained.model.train_on_batch(*given, return_dict=True))


def numbers(logs: dict[str, Any]) -> np.ndarray:
    """Measured values in the order of their names."""
    return np.array([float(numpy_of(logs[name])) for name in sorted(logs)])


def twenty_steps(library: Library, case: WholeCase) -> Results:
    """Losses and metrics of the steps; then an evaluation, predictions, and weights by size, sum and some elements."""
    trained = case.build(library)
    for place, one in enumerate(trained):
        start_from_given_weights(one.model, case.name, place)
        one.model.compile(**one.compile)
    turns = [[one_step(one, step) for one in trained] for step in range(STEPS)]
    results: Results = {}
    for place, (one, steps) in enumerate(zip(trained, zip(*turns, strict=True), strict=True)):
        results[f"{place}/steps"] = np.stack(steps)
        results |= {f"{place}/{field}": value for field, value in after(one).items()}
    return results


def after(trained: Trained) -> Results:
    """What a trained model says, and its weights."""
    options = {"batch_size": 3 * BATCH, "verbose": 0}
    model, seen = trained.model, slice(0, 5)
    evaluated = model.evaluate(trained.x, trained.y, sample_weight=trained.weights, return_dict=True, **options)
    predicted = model.predict(rows_of(trained.x, seen), **options)
    results: Results = {"evaluated": numbers(evaluated), "measured": sorted(evaluated)}
    results |= {f"predicted/{n}": x for n, x in enumerate(predicted if isinstance(predicted, list) else [predicted])}
    results |= {f"weights/{n}": digest(array) for n, array in enumerate(model.get_weights())}
    return results | {"weights": [variable_facts(variable)["path"] for variable in model.weights]}


def digest(array: np.ndarray) -> np.ndarray:
    """Up to ten numbers for a tensor: its elements where they are few, else its size, its sum and eight elements."""
    if array.size <= 10:
        return array
    flat = array.ravel()
    chosen = flat[np.linspace(0, flat.size - 1, 8).astype(int)]
    return np.array([np.linalg.norm(flat), flat.sum(), *chosen])


AREAS = (
    Area("whole models", CASES, twenty_steps),
    Area("whole models in float32", CASES, twenty_steps, floatx="float32"),
)
