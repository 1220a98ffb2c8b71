"""Linear regression by gradient descent, written in NumPy from the formulas: what a fit must agree with."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from kmagic import config
from kmagic.layers import Dense
from kmagic.models import Sequential
from kmagic.optimizers import SGD

RATE = 0.05
GENERATOR = np.random.default_rng(12)
X = GENERATOR.normal(size=(23, 3))
Y = X @ np.array([[1.0], [-2.0], [0.5]]) + 0.1 * GENERATOR.normal(size=(23, 1))
W = GENERATOR.normal(size=(3, 1))


def exact() -> Iterator[None]:
    """A fixture's body: float64 everywhere."""
    config.set_floatx("float64")
    yield
    config.set_floatx("float32")


@dataclass
class Descent:
    """Weights that follow the mean squared error of batches in order."""

    w: np.ndarray = field(default_factory=lambda: W.copy())
    b: float = 0.0
    rate: float = float(np.float64(RATE))

    def error(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Prediction less target."""
        return x @ self.w + self.b - y

    def loss(self, x: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> float:
        """Σ weight·error² / n."""
        return float((np.ones(len(x)) if weight is None else weight) @ self.error(x, y)[:, 0] ** 2 / len(x))

    def epoch(self, x: np.ndarray, y: np.ndarray, batch: int, weight: np.ndarray | None = None) -> float:
        """One epoch; the mean of the losses that the batches had, each counted by its rows."""
        weight = np.ones(len(x)) if weight is None else weight
        total = 0.0
        for start in range(0, len(x), batch):
            rows = slice(start, start + batch)
            part, size = x[rows], len(x[rows])
            total += self.loss(part, y[rows], weight[rows]) * size
            slope = 2 * weight[rows, None] * self.error(part, y[rows]) / size
            self.w, self.b = self.w - self.rate * part.T @ slope, self.b - self.rate * float(slope.sum())
        return total / len(x)


def model(**compiled: object) -> Sequential:
    """The same model here."""
    made = Sequential([Dense(1, input_dim=3)])
    made.set_weights([W, np.zeros(1)])
    made.compile(**{"optimizer": SGD(RATE), "loss": "mse", **compiled})  # type: ignore[arg-type]
    return made
