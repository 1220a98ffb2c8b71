"""Gradients by the engine's own differentiation, so that recorded ones do not rest on a training step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .areas import activations, losses
from .reading import numpy_of

Results = dict[str, Any]


def loss_gradients(keras: Any, case: losses.GradientCase) -> Results:
    """Loss and gradients of all weights of a gradient case."""
    given = losses.exercise(keras, case)
    differentiate = {"jax": by_jax, "torch": by_torch}[keras.config.backend()]
    loss, gradients = differentiate(given)
    return {"loss": numpy_of(loss)} | {f"gradient/{place}": numpy_of(array) for place, array in enumerate(gradients)}


def by_jax(given: losses.Exercise) -> tuple[Any, list[Any]]:
    """Through a stateless call of the model."""
    import jax

    fixed = [variable.value for variable in given.model.non_trainable_variables]

    def loss(weights: list[Any]) -> Any:
        predictions, _ = given.model.stateless_call(weights, fixed, given.x)
        return given.loss(given.y, predictions, sample_weight=given.sample_weight)

    return jax.value_and_grad(loss)([variable.value for variable in given.model.trainable_variables])


def by_torch(given: losses.Exercise) -> tuple[Any, list[Any]]:
    """Through the tape of a plain call."""
    loss = given.loss(given.y, given.model(given.x), sample_weight=given.sample_weight)
    loss.backward()
    return loss, [variable.value.grad for variable in given.model.trainable_variables]


def activation_values(keras: Any, case: activations.ActivationCase) -> Results:
    """Value and gradient of an activation on its grid."""
    grid = activations.activation_grid(case)
    function = getattr(keras.activations, case.part)
    weights = activations.cotangent(numpy_of(function(grid, **case.arguments)))
    pull = {"jax": pull_by_jax, "torch": pull_by_torch}[keras.config.backend()]
    value, gradient = pull(lambda x: function(x, **case.arguments), grid, weights)
    return {"value": numpy_of(value), "gradient": numpy_of(gradient)}


def pull_by_jax(function: Callable[[Any], Any], grid: np.ndarray, weights: np.ndarray) -> tuple[Any, Any]:
    """A function's value, and its gradient for weighted outputs."""
    import jax

    value, pull = jax.vjp(function, grid)
    return value, pull(weights)[0]


def pull_by_torch(function: Callable[[Any], Any], grid: np.ndarray, weights: np.ndarray) -> tuple[Any, Any]:
    """A function's value, and its gradient for weighted outputs."""
    import torch

    point = torch.tensor(grid, requires_grad=True)
    value = function(point)
    value.backward(torch.tensor(weights))
    return value, point.grad


DIFFERENTIATED = {"loss gradients": loss_gradients, "activations": activation_values}
