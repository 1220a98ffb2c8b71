"""Scaled losses: what is skipped, and how the scale follows."""

import numpy as np
import pytest

from kmagic import ops
from kmagic.layers import Dense
from kmagic.models import Sequential
from kmagic.optimizers import SGD, Adam, LossScaleOptimizer

X = np.ones((1, 1), "float32")


def test_updates_that_are_not_finite_are_skipped_in_training() -> None:
    """The slope of |p| by way of a root is 0/0 at p = 0: the loss is finite, its gradient is not."""
    model = Sequential([Dense(1, input_dim=1, kernel_initializer="zeros", use_bias=False)])
    optimizer = LossScaleOptimizer(SGD(0.25), initial_scale=8.0, dynamic_growth_steps=2)
    model.compile(optimizer, loss=lambda y, p: ops.sqrt(ops.square(p - y)))
    seen = []
    for target in (0.0, 1.0, 1.0, 1.0):
        model.fit(X, np.full((1, 1), target), verbose=0)
        seen.append((float(model.get_weights()[0][0, 0]), float(optimizer.dynamic_scale), int(optimizer.step_counter)))
    assert seen == [(0.0, 4.0, 0), (0.25, 4.0, 1), (0.5, 8.0, 0), (0.75, 8.0, 1)]
    assert int(optimizer.iterations) == 3


def test_one_fit_follows_the_scale() -> None:
    """The scale is read at every step of a program, not when it is made."""
    model = Sequential([Dense(1, input_dim=1, kernel_initializer="zeros", use_bias=False)])
    optimizer = LossScaleOptimizer(SGD(0.25), initial_scale=8.0, dynamic_growth_steps=1)
    model.compile(optimizer, loss=lambda y, p: ops.abs(p - y))
    model.fit(np.ones((3, 1)), np.ones((3, 1)), batch_size=1, verbose=0)
    assert model.get_weights()[0][0, 0] == 0.75 and float(optimizer.dynamic_scale) == 64.0


def test_the_inner_optimizer_gives_its_learning_rate_and_averages() -> None:
    optimizer = LossScaleOptimizer(Adam(0.5, loss_scale_factor=4.0))
    assert optimizer.inner_optimizer.loss_scale_factor is None
    optimizer.learning_rate = 0.25
    assert float(optimizer.inner_optimizer.learning_rate) == 0.25 == float(optimizer.learning_rate)
    assert float(optimizer.scale_loss(np.float32(1.0))) == 32768.0
    with pytest.raises(TypeError, match="3 is no optimizer"):
        LossScaleOptimizer(3)
    with pytest.raises(TypeError, match="unknown argument 'weight_decay'"):
        LossScaleOptimizer(SGD(), weight_decay=0.1)
