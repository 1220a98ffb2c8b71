"""Losses that are scaled under the policy mixed_float16."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from kmagic.base.policies import set_dtype_policy
from kmagic.layers import Dense
from kmagic.models import Sequential
from kmagic.optimizers import SGD, LossScaleOptimizer

X = np.random.default_rng(0).normal(size=(16, 4)).astype("float32")
Y = X[:, :1]


@pytest.fixture(autouse=True)
def usual_policy() -> Iterator[None]:
    yield
    set_dtype_policy(None)


def compiled(policy: str, optimizer: Any = "sgd", **options: Any) -> Any:
    set_dtype_policy(policy)
    model = Sequential([Dense(3, activation="relu", input_dim=4), Dense(1)])
    model.compile(optimizer, "mse", **options)
    return model


@pytest.mark.parametrize("eagerly", [False, True])
def test_the_optimizer_is_put_into_one_that_scales(eagerly: bool) -> None:
    model = compiled("mixed_float16", run_eagerly=eagerly)
    assert isinstance(model.optimizer, LossScaleOptimizer) and isinstance(model.optimizer.inner_optimizer, SGD)
    assert model.optimizer.name == "loss_scale_optimizer"
    losses = model.fit(X, Y, epochs=8, batch_size=4, verbose=0, shuffle=False).history["loss"]
    assert losses[-1] < losses[0]
    # each step either updates or halves the scale, where a gradient did not fit
    halved = np.log2(32768.0 / float(model.optimizer.dynamic_scale.numpy()))
    assert int(model.optimizer.iterations.numpy()) == 32 - halved and 0 <= halved < 8


def test_not_where_nobody_wants_it() -> None:
    assert isinstance(compiled("mixed_float16", auto_scale_loss=False).optimizer, SGD)
    assert isinstance(compiled("mixed_bfloat16").optimizer, SGD) and isinstance(compiled("float32").optimizer, SGD)
    own = LossScaleOptimizer(SGD(), initial_scale=8.0)
    assert compiled("mixed_float16", own).optimizer is own


def test_a_configuration_is_not_wrapped_twice() -> None:
    model = compiled("mixed_float16")
    model.compile_from_config(model.get_compile_config())
    assert isinstance(model.optimizer, LossScaleOptimizer) and isinstance(model.optimizer.inner_optimizer, SGD)


@pytest.mark.parametrize("eagerly", [False, True])
def test_steps_whose_gradients_are_infinite_are_left_out(eagerly: bool) -> None:
    """Scaled by 2³⁰, gradients are infinite in float16; the scale halves until they fit."""
    model = compiled("mixed_float16", LossScaleOptimizer(SGD(0.01), initial_scale=2.0**30), run_eagerly=eagerly)
    before = model.get_weights()
    model.train_on_batch(X, Y)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    assert float(model.optimizer.dynamic_scale.numpy()) == 2.0**29
    losses = model.fit(X, Y, epochs=60, batch_size=16, verbose=0).history["loss"]
    scale = float(model.optimizer.dynamic_scale.numpy())
    assert scale < 2.0**20 and losses[-1] < losses[0] and np.isfinite(losses).all()
    assert all(np.isfinite(array).all() for array in model.get_weights())
