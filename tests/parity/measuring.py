"""One experiment for every metric: batches of some kind of data go in, running results and the state come out."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import inputs
from .area import Arguments, Library, Results, written
from .reading import numpy_of, plain, variable_facts

Array = np.ndarray
SIZES = (5, 5, 2)  # rows of each batch; the last is smaller, as at the end of an epoch
LONGEST = 80  # elements of a state that is recorded in full; of a longer one, sums are


def _sigmoid(shape: tuple[int, ...], *names: object) -> Array:
    return inputs.sigmoid(1.5 * inputs.normal("scores", *names, shape=shape))


def _softmax(shape: tuple[int, ...], *names: object) -> Array:
    return inputs.softmax(1.5 * inputs.normal("scores", *names, shape=shape))


def _bits(shape: tuple[int, ...], *names: object) -> Array:
    return inputs.generator("bits", *names).integers(0, 2, shape).astype(float)


def _classes(shape: tuple[int, ...], number: int, *names: object) -> Array:
    return inputs.generator("classes", *names).integers(0, number, shape)


def _one_hot(shape: tuple[int, ...], *names: object) -> Array:
    return np.eye(shape[-1])[_classes(shape[:-1], shape[-1], *names)]


def _edges(rows: int, place: object) -> tuple[Array, Array]:
    """Scores that are equal to thresholds, outside of 0 … 1, or tied; targets that are neither 0 nor 1."""
    scores = np.array([[0.0, 1.0, 0.5], [0.25, 0.75, 1.0 - 1e-9], [1e-9, 1.5, -0.5], [0.5, 0.5, 0.5], [0.1, 0.3, 0.9]])
    targets = np.array([[0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.25, 2.0, 0.0]])
    return np.roll(targets, hash_of(place), 0)[:rows], np.roll(scores, hash_of(place), 0)[:rows]


def _outside(rows: int, place: object) -> tuple[Array, Array]:
    """Classes 0 … 3 and some beyond."""
    stream = inputs.generator("outside", place)
    return stream.integers(-1, 6, (rows, 2, 3)), stream.integers(-1, 6, (rows, 2, 3))


def hash_of(place: object) -> int:
    """The number of a batch."""
    return int(place) if isinstance(place, int) else 0


DATA: dict[str, Callable[[int, object], tuple[Array, Array]]] = {
    "numbers": lambda n, i: (_bits((n,), i), _sigmoid((n,), i)),
    "column": lambda n, i: (_bits((n, 1), i), _sigmoid((n, 1), i)),
    "numbers against a column": lambda n, i: (_bits((n,), i), _sigmoid((n, 1), i)),
    "columns": lambda n, i: (_bits((n, 3), i), _sigmoid((n, 3), i)),
    "columns of logits": lambda n, i: (_bits((n, 3), i), 2.0 * inputs.normal("scores", i, shape=(n, 3))),
    "edges": _edges,
    "all 0": lambda n, i: (np.zeros((n, 3)), _sigmoid((n, 3), i)),
    "all 1": lambda n, i: (np.ones((n, 3)), _sigmoid((n, 3), i)),
    "one-hot": lambda n, i: (_one_hot((n, 4), i), _softmax((n, 4), i)),
    "one-hot sequences": lambda n, i: (_one_hot((n, 3, 4), i), _softmax((n, 3, 4), i)),
    "classes": lambda n, i: (_classes((n,), 4, i), _softmax((n, 4), i)),
    "column of classes": lambda n, i: (_classes((n, 1), 4, i), _softmax((n, 4), i)),
    "sequences of classes": lambda n, i: (_classes((n, 3), 4, i), _softmax((n, 3, 4), i)),
    "sorted ids": lambda n, i: (_classes((n,), 4, i), _classes((n, 4), 4, "ids", i).astype(float)),
    "class numbers": lambda n, i: (_classes((n,), 3, i), _classes((n,), 3, "said", i)),
    "maps": lambda n, i: (_classes((n, 2, 3), 4, i), _classes((n, 2, 3), 4, "said", i)),
    "maps with classes beyond": _outside,
    "one-hot maps": lambda n, i: (_one_hot((n, 2, 4), i), _softmax((n, 2, 4), i)),
    "one-hot maps against classes": lambda n, i: (_one_hot((n, 2, 4), i), _classes((n, 2), 4, "said", i)),
    "real": lambda n, i: (inputs.normal("real", i, shape=(n, 3)), inputs.normal("said", i, shape=(n, 3))),
    "real column": lambda n, i: (inputs.normal("real", i, shape=(n, 1)), inputs.normal("said", i, shape=(n, 1))),
    "real numbers against a column": lambda n, i: (
        inputs.normal("real", i, shape=(n,)),
        inputs.normal("said", i, shape=(n, 1)),
    ),
    "real sequences": lambda n, i: (
        inputs.normal("real", i, shape=(n, 2, 3)),
        inputs.normal("said", i, shape=(n, 2, 3)),
    ),
    "constant": lambda n, i: (np.full((n, 3), 0.5), inputs.normal("said", i, shape=(n, 3))),
    "good": lambda n, i: (inputs.normal("real", i, shape=(n, 3)), inputs.normal("real", i, shape=(n, 3)) + 0.125),
    "hits and misses": lambda n, i: (
        _classes((n, 3), 2, i).astype(float),
        _classes((n, 3), 2, "said", i).astype(float),
    ),
}


def _eighths(weights: Array) -> Array:
    """Weights that float32 holds exactly: Keras on torch adds them up in it where thresholds are evenly spaced."""
    return np.round(8.0 * weights) / 8.0


WEIGHTS: dict[str, Callable[[int, Array, object], Array | None]] = {
    "unweighted": lambda n, y, i: None,
    "weighted": lambda n, y, i: _eighths(inputs.sample_weights(n, i)),
    "weighted by whole numbers": lambda n, y, i: inputs.generator("whole weights", i).integers(0, 4, n),
    "each element weighted": lambda n, y, i: _eighths(inputs.generator("weights", i).uniform(0.0, 2.0, y.shape)),
    "each element weighted by whole numbers": lambda n, y, i: inputs.generator("whole", i).integers(0, 4, y.shape),
    "weights in a column": lambda n, y, i: _eighths(inputs.sample_weights(n, i))[:, None],
    "weights 0": lambda n, y, i: np.zeros(n),
}


@dataclass(frozen=True)
class Measure:
    """A metric, the kind of data it is updated with, and how these are weighted."""

    part: str
    data: str
    arguments: Arguments = field(default_factory=dict)
    weights: str = "unweighted"

    @property
    def name(self) -> str:
        return f"{written(self.part, self.arguments)} of {self.data}, {self.weights}"


def measures(
    part: str, data: str | Sequence[str], *arguments: Arguments, weights: Iterable[str] = ("unweighted", "weighted")
) -> list[Measure]:
    """Every combination: data, arguments (none by default), weights."""
    kinds = [data] if isinstance(data, str) else data
    return [
        Measure(part, kind, given, weight)
        for kind, given, weight in itertools.product(kinds, arguments or ({},), weights)
    ]


def measured(library: Library, case: Measure) -> Results:
    """Running results after each batch, the state at the end, and what a reset and the stateless methods give."""
    metric = getattr(library.metrics, case.part)(**case.arguments)
    batches = [(*DATA[case.data](rows, place), rows, place) for place, rows in enumerate(SIZES)]
    running = []
    for targets, predictions, rows, place in batches:
        metric.update_state(targets, predictions, sample_weight=WEIGHTS[case.weights](rows, targets, place))
        running.append(result_of(metric))
    state = [numpy_of(variable).astype(float).ravel() for variable in metric.variables]
    metric.reset_state()
    reset = result_of(metric)
    # names, shapes and arguments do not depend on weights
    facts = {"variables": [variable_facts(variable) for variable in metric.variables], "config": _config(metric)}
    return {
        "running": np.array(running),
        "state": np.concatenate(state) if sum(map(len, state)) <= LONGEST else np.array([part.sum() for part in state]),
        "reset": reset,
        "called": numpy_of(metric(*batches[0][:2])),
        "stateless": stateless(metric, batches[1][:2]),
    } | (facts if case.weights == "unweighted" else {})


def result_of(metric: Any) -> Array:
    """A metric's result, without a warning of too few values."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return numpy_of(metric.result())


def _config(metric: Any) -> Any:
    """The metric's configuration, normalised, without arrays."""
    return plain({name: listed(value) for name, value in metric.get_config().items()})


def stateless(metric: Any, batch: tuple[Array, Array]) -> Array:
    """The result of one batch from a fresh state that is handed in and out."""
    return numpy_of(metric.stateless_result(metric.stateless_update_state(metric.stateless_reset_state(), *batch)))


def listed(value: Any) -> Any:
    """An entry of a configuration without arrays."""
    return numpy_of(value).tolist() if hasattr(value, "shape") else value
