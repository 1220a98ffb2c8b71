"""Activations: values on a grid, and gradients."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import inputs
from ..area import Area, Arguments, Library, Results, written
from ..reading import numpy_of


@dataclass(frozen=True)
class ActivationCase:
    """One activation, with the part of the grid where it is finite."""

    part: str
    arguments: Arguments = field(default_factory=dict)
    largest: float = 1e9

    @property
    def name(self) -> str:
        return written(self.part, self.arguments)


ACTIVATIONS = (
    ActivationCase("linear"),
    ActivationCase("relu"),
    ActivationCase("relu", {"negative_slope": 0.1}),
    ActivationCase("relu", {"max_value": 2.25}),
    ActivationCase("relu", {"threshold": 0.75}),
    ActivationCase("relu", {"negative_slope": 0.1, "max_value": 2.25, "threshold": 0.75}),
    ActivationCase("relu6"),
    ActivationCase("leaky_relu"),
    ActivationCase("leaky_relu", {"negative_slope": 0.05}),
    ActivationCase("elu"),
    ActivationCase("elu", {"alpha": 0.5}),
    ActivationCase("selu"),
    ActivationCase("gelu"),
    ActivationCase("gelu", {"approximate": True}),
    ActivationCase("sigmoid"),
    ActivationCase("hard_sigmoid"),
    ActivationCase("tanh"),
    ActivationCase("softplus"),
    ActivationCase("softsign"),
    ActivationCase("silu"),
    ActivationCase("mish"),
    ActivationCase("exponential", largest=50.0),
    ActivationCase("softmax"),
    ActivationCase("softmax", {"axis": 0}),
    ActivationCase("log_softmax"),
)


def activation_grid(case: ActivationCase) -> np.ndarray:
    """The points where an activation is looked at."""
    return np.clip(inputs.ACTIVATION_GRID, -case.largest, case.largest)


def activation_values(library: Library, case: ActivationCase) -> Results:
    """Values on the grid, and the gradient of a weighted sum of them, found by a training step.

    The input is the identity, so that a kernel holding the grid is what the activation sees; plain SGD with learning
    rate 1 then moves the kernel by the gradient, divided by the number of rows.
    """
    grid = activation_grid(case)
    rows, columns = grid.shape
    function = getattr(library.activations, case.part)

    def activation(x: Any) -> Any:
        return function(x, **case.arguments)

    def weighted_sum(y_true: Any, y_pred: Any) -> Any:
        return library.ops.sum(y_true * y_pred, axis=-1)

    dense = library.layers.Dense(columns, use_bias=False, activation=activation)
    model = library.models.Sequential([library.layers.Input((rows,)), dense])
    model.set_weights([grid])
    model.compile(optimizer=library.optimizers.SGD(learning_rate=1.0), loss=weighted_sum)
    model.train_on_batch(np.eye(rows), cotangent(grid))
    return {"value": numpy_of(activation(grid)), "gradient": rows * (grid - model.get_weights()[0])}


def cotangent(grid: np.ndarray) -> np.ndarray:
    """What the outputs are weighted with."""
    return inputs.normal("cotangent", shape=grid.shape)


AREAS = (Area("activations", ACTIVATIONS, activation_values),)
