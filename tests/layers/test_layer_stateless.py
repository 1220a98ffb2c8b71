"""Calls without side effects: values come in, values go out, and the layer stays as it was."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kmagic
from kmagic import layers, ops
from kmagic.base.errors import BadValue

X = np.random.default_rng(0).normal(size=(8, 3))


class Noisy(layers.Layer):
    """Adds noise from a generator of its own, and a loss."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.generator = kmagic.random.SeedGenerator(1)

    def call(self, inputs: Any) -> Any:
        self.add_loss(ops.sum(inputs))
        return inputs + kmagic.random.normal(ops.shape(inputs), seed=self.generator)


def values(variables: Any) -> list[Any]:
    return [variable.numpy() for variable in variables]


def test_state_comes_back_and_nothing_is_changed() -> None:
    layer = layers.BatchNormalization(dtype="float64")
    layer.build((None, 3))
    before = values(layer.variables)
    outputs, state = layer.stateless_call(
        values(layer.trainable_variables), values(layer.non_trainable_variables), X, training=True
    )
    for variable, value in zip(layer.variables, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)
    np.testing.assert_allclose(state[0], 0.01 * X.mean(axis=0))
    np.testing.assert_allclose(outputs.mean(axis=0), 0, atol=1e-12)
    expected = layer(X, training=True)
    np.testing.assert_allclose(outputs, expected)
    np.testing.assert_allclose(layer.moving_mean.numpy(), state[0])


def test_random_generators_are_part_of_the_state() -> None:
    layer = Noisy()
    layer(X)
    (state,) = layer.non_trainable_variables
    assert state is layer.generator.state
    before = state.numpy()
    first, (after,) = layer.stateless_call([], [before], X)
    again, _ = layer.stateless_call([], [before], X)
    other, _ = layer.stateless_call([], [after], X)
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)
    np.testing.assert_array_equal(state.numpy(), before)


def test_losses_come_with_the_output() -> None:
    model = kmagic.Sequential([Noisy(), layers.Dense(1, kernel_regularizer="l2", kernel_initializer="ones")])
    model.build((None, 3))
    trained, others = values(model.trainable_variables), values(model.non_trainable_variables)
    _, _, losses = model.stateless_call(trained, others, X, return_losses=True)
    assert [float(loss) for loss in losses] == pytest.approx([X.sum(), 0.01 * 3], rel=1e-5)


def test_gradients_of_a_stateless_loss() -> None:
    layer = layers.Dense(1, dtype="float64")
    layer.build((None, 3))

    def loss(trained: Any, others: Any) -> Any:
        outputs, others = layer.stateless_call(trained, others, X)
        return ops.sum(outputs * outputs), others

    trained = values(layer.trainable_variables)
    (value, _), slopes = kmagic.value_and_grad(loss, has_aux=True)(trained, [])
    outputs = X @ trained[0] + trained[1]
    assert float(value) == pytest.approx((outputs**2).sum())
    np.testing.assert_allclose(slopes[0], 2 * X.T @ outputs)
    np.testing.assert_allclose(slopes[1], 2 * outputs.sum(axis=0))


def test_numbers_of_values_are_checked() -> None:
    layer = layers.Dense(1)
    with pytest.raises(BadValue, match="not built"):
        layer.stateless_call([], [], X)
    layer.build((None, 3))
    with pytest.raises(BadValue, match="Argument `trainable_variables` has 1 values"):
        layer.stateless_call([1.0], [], X)
