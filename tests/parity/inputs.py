"""The arrays that the cases work on, made from seeds with NumPy alone, so that recorder and tests see the same ones."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import numpy as np

Array = np.ndarray
CLASSES = 4
COLUMNS = 3


def generator(*names: object) -> np.random.Generator:
    """A stream of random numbers that depends on the given names only."""
    return np.random.default_rng(zlib.crc32("/".join(map(str, names)).encode()))


def normal(*names: object, shape: tuple[int, ...], scale: float = 1.0) -> Array:
    """Normal float64 numbers; the names are the seed."""
    return scale * generator(*names).standard_normal(shape)


def weights(shapes: list[tuple[int, ...]], *names: object) -> list[Array]:
    """Initial weights: kernels scaled to their fan-in, biases small but not zero, as in the midst of training."""
    return [
        normal(*names, place, shape=shape, scale=shape[0] ** -0.5 if len(shape) > 1 else 0.1)
        for place, shape in enumerate(shapes)
    ]


def one_hot(labels: Array) -> Array:
    """Rows of CLASSES columns with a one at each label."""
    return np.eye(CLASSES)[labels]


def softmax(values: Array) -> Array:
    """Probabilities along the last axis."""
    powers = np.exp(values - values.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def sigmoid(values: Array) -> Array:
    """The logistic function."""
    return 1.0 / (1.0 + np.exp(-values))


# ---- targets, by kind: generator, leading axes -> array ----

TARGETS: dict[str, Callable[[np.random.Generator, tuple[int, ...]], Array]] = {
    "real": lambda stream, lead: stream.standard_normal((*lead, COLUMNS)),
    "positive": lambda stream, lead: stream.uniform(0.1, 5.0, (*lead, COLUMNS)),
    "column of reals": lambda stream, lead: stream.standard_normal((*lead, 1)),
    "counts": lambda stream, lead: stream.poisson(2.0, (*lead, COLUMNS)).astype(float),
    "shares": lambda stream, lead: softmax(stream.standard_normal((*lead, CLASSES))),
    "signs": lambda stream, lead: stream.choice([-1.0, 1.0], (*lead, COLUMNS)),
    "zeros and ones": lambda stream, lead: stream.choice([0.0, 1.0], (*lead, COLUMNS)),
    "column of zeros and ones": lambda stream, lead: stream.choice([0.0, 1.0], (*lead, 1)),
    "one-hot": lambda stream, lead: one_hot(stream.integers(0, CLASSES, lead)),
    "classes": lambda stream, lead: stream.integers(0, CLASSES, lead),
    "column of classes": lambda stream, lead: stream.integers(0, CLASSES, (*lead, 1)),
}

# ---- what a model's last layer gives, by its activation: normal numbers -> predictions ----

HEADS: dict[str, Callable[[Array], Array]] = {
    "linear": lambda values: values,
    "softplus": lambda values: np.log1p(np.exp(values)),
    "tanh": np.tanh,
    "sigmoid": sigmoid,
    "softmax": softmax,
}


def columns(targets: str) -> int:
    """How many columns predictions have for targets of a kind."""
    if targets in ("column of zeros and ones", "column of reals"):
        return 1
    return CLASSES if targets in ("one-hot", "shares", "classes", "column of classes") else COLUMNS


def targets_of(kind: str, lead: tuple[int, ...], *names: object) -> Array:
    """Targets of a kind; `lead` are the axes before the columns."""
    return TARGETS[kind](generator("targets", kind, *names), lead)


def predictions_of(head: str, kind: str, lead: tuple[int, ...], *names: object) -> Array:
    """Predictions as a last layer with that activation would give them for targets of a kind."""
    return HEADS[head](2.0 * normal("predictions", head, *names, shape=(*lead, columns(kind))))


def sample_weights(count: int, *names: object) -> Array:
    """Weights of samples between 0 and 2, some of them exactly 0."""
    stream = generator("sample weights", *names)
    return np.where(stream.random(count) < 0.2, 0.0, stream.uniform(0.1, 2.0, count))


# ---- points where formulas break: corners, ties, saturation, the far ends ----

AWKWARD_TARGETS: dict[str, Array] = {
    "real": np.array([[0.0, 1.0, -1.0], [1e3, -1e3, 0.0], [1e-9, -1e-9, 2.0], [0.5, 0.5, 0.5]]),
    "positive": np.array([[0.0, 1.0, 5.0], [-2.0, 1e3, 0.0], [1e-9, 0.0, 2.0], [0.5, 0.5, 0.5]]),
    "column of reals": np.array([[0.0], [1e3], [-1e-9], [0.5]]),
    "counts": np.array([[0.0, 1.0, 5.0], [0.0, 1e3, 0.0], [1.0, 0.0, 2.0], [3.0, 3.0, 3.0]]),
    "shares": np.array([[0.0, 1.0, 0.0, 0.0], [0.25] * 4, [1e-9, 0.5, 0.5, 0.0], [0.1, 0.2, 0.3, 0.4]]),
    "signs": np.array([[1.0, -1.0, 1.0], [-1.0, -1.0, -1.0], [1.0, 1.0, 1.0], [-1.0, 1.0, -1.0]]),
    "zeros and ones": np.array([[0.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 0.0, 0.0], [1.0, 0.0, 0.25]]),
    "column of zeros and ones": np.array([[0.0], [1.0], [1.0], [0.0]]),
    "one-hot": one_hot(np.array([0, 1, 3, 2])),
    "classes": np.array([0, 1, 3, 2]),
    "column of classes": np.array([[0], [1], [3], [2]]),
}
AWKWARD_VALUES = np.array(
    [[0.0, 1.0, 0.0, 0.0], [1.0, 0.5, 0.5, -0.0], [1e-9, 1.0 - 1e-9, 1e-9, 0.2], [0.5, 0.5, 0.5, 0.5]]
)
AWKWARD_LOGITS = np.array(
    [[0.0, -800.0, 800.0, 3.0], [40.0, -40.0, 40.0, 1e-9], [-1e3, 1e3, 0.5, 1e3], [0.5, 0.5, 0.5, 0.5]]
)


def awkward_predictions(head: str, kind: str) -> Array:
    """Four rows of predictions at the edges of what the head can give."""
    rows = AWKWARD_LOGITS if head == "linear" else AWKWARD_VALUES
    return rows[:, : columns(kind)]


# Each activation is looked at on rows of this grid: around zero, at its corners, and where it saturates.
ACTIVATION_GRID = np.array(
    [
        [0.0, -0.0, 1e-12, -1e-12, 1e-3, -1e-3],
        [0.5, -0.5, 1.0, -1.0, 2.0, -2.0],
        [3.0, -3.0, 6.0, -6.0, 5.999, 6.001],
        [20.0, -20.0, 40.0, -40.0, 0.7, -0.7],
        [300.0, -300.0, 1.5, -1.5, 2.5, -2.5],
        [0.25, 0.25, 0.25, 0.25, -3.001, -2.999],
    ]
)
