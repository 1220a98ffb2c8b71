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
    ActivationCase("log_softmax", {"axis": 0}),
    ActivationCase("celu"),
    ActivationCase("celu", {"alpha": 0.25}),
    ActivationCase("celu", {"alpha": 2.0}),
    ActivationCase("elu", {"alpha": 2.0}),
    ActivationCase("glu"),
    ActivationCase("hard_shrink"),
    ActivationCase("hard_shrink", {"threshold": 1.5}),
    ActivationCase("hard_silu"),
    ActivationCase("hard_swish"),
    ActivationCase("hard_tanh"),
    ActivationCase("log_sigmoid"),
    ActivationCase("soft_shrink"),
    ActivationCase("soft_shrink", {"threshold": 1.5}),
    ActivationCase("sparse_plus"),
    ActivationCase("sparse_sigmoid"),
    ActivationCase("squareplus"),
    ActivationCase("squareplus", {"b": 0.5}),
    ActivationCase("swish"),
    ActivationCase("tanh_shrink"),
    ActivationCase("threshold", {"threshold": 0.5, "default_value": -2.0}),
    ActivationCase("threshold", {"threshold": -3.0, "default_value": 0.25}),
    ActivationCase("relu", {"negative_slope": 0.3, "threshold": 2.0}),
    ActivationCase("relu", {"max_value": 0.5, "threshold": 0.25}),
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
    value = numpy_of(activation(grid))
    model.train_on_batch(np.eye(rows), cotangent(value))
    return {"value": value, "gradient": rows * (grid - model.get_weights()[0])}


def cotangent(value: np.ndarray) -> np.ndarray:
    """What the outputs are weighted with."""
    return inputs.normal("cotangent", shape=value.shape)


AREAS = (Area("activations", ACTIVATIONS, activation_values),)
