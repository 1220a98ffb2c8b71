"""What is trained: model, optimizer, loss, batch size, and data made from a seed, all in float32.

W1 is small, so that it measures what a step costs besides arithmetic; W2 is of middle size and bound by matrix
products.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

Data = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Workload:
    """A model of Dense layers, written as units and activations, with how it is compiled and fitted."""

    name: str
    columns: int
    layers: tuple[tuple[int, str], ...]
    optimizer: str
    loss: str
    metrics: tuple[str, ...]
    batch_size: int
    samples: int
    draw: Callable[[np.random.Generator, int, int], Data]

    def data(self) -> Data:
        """Features and labels, the same at every call."""
        return self.draw(np.random.default_rng(0), self.samples, self.columns)

    def model(self, library: ModuleType) -> Any:
        """The compiled model, built with `keras` or `kmagic`."""
        model = library.models.Sequential([library.layers.Input((self.columns,))])
        for units, activation in self.layers:
            model.add(library.layers.Dense(units, activation=activation))
        model.compile(optimizer=self.optimizer, loss=self.loss, metrics=list(self.metrics))
        return model

    def __str__(self) -> str:
        sizes = "-".join(str(size) for size in (self.columns, *(units for units, _ in self.layers)))
        activations = "/".join(dict.fromkeys(activation for _, activation in self.layers))
        metrics = "".join(f", {metric}" for metric in self.metrics)
        return (
            f"{self.name}: {sizes}, {activations}, {self.optimizer}, {self.loss}{metrics}, "
            f"batches of {self.batch_size}, {self.samples} samples"
        )


def two_classes(stream: np.random.Generator, samples: int, columns: int) -> Data:
    """Normal features; the label is the sign of the sum of the first five, with noise."""
    x = stream.standard_normal((samples, columns), dtype=np.float32)
    labels = x[:, :5].sum(1) + 0.5 * stream.standard_normal(samples) > 0.0
    return x, labels.astype(np.float32).reshape(samples, 1)


def ten_classes(stream: np.random.Generator, samples: int, columns: int) -> Data:
    """Uniform features with labels that have nothing to do with them: only speed is measured."""
    x = stream.random((samples, columns), dtype=np.float32)
    return x, stream.integers(0, 10, samples).astype(np.int32)


WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload(
            name="W1",
            columns=100,
            layers=((32, "relu"), (1, "sigmoid")),
            optimizer="rmsprop",
            loss="binary_crossentropy",
            metrics=("accuracy",),
            batch_size=32,
            samples=10_000,
            draw=two_classes,
        ),
        Workload(
            name="W2",
            columns=784,
            layers=((512, "relu"), (512, "relu"), (10, "softmax")),
            optimizer="adam",
            loss="sparse_categorical_crossentropy",
            metrics=(),
            batch_size=128,
            samples=20_000,
            draw=ten_classes,
        ),
    )
}
