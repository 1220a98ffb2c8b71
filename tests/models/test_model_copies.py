"""Copies of models: everything that was learned, in memory of its own, and ready to train on."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from kmagic import Input, Model, losses, optimizers
from kmagic.layers import Dense
from kmagic.models import Sequential

X = np.random.default_rng(0).normal(size=(32, 4)).astype("float32")
Y = X[:, :1] * 2
WAYS: dict[str, Callable[[Any], Any]] = {"deepcopy": copy.deepcopy, "pickle": lambda x: pickle.loads(pickle.dumps(x))}


def stacked() -> Model:
    model = Sequential([Dense(3, "relu"), Dense(1)])
    model.compile("adam", losses.Huber(2.0), metrics=["mae", "r2"])
    return model


def joined() -> Model:
    x = Input((4,))
    model = Model(x, Dense(1)(Dense(3, "tanh")(x) * 2))
    model.compile(optimizers.Adam(optimizers.schedules.CosineDecay(0.1, 10)), "mse")
    return model


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("make", [stacked, joined])
def test_copies_go_on_as_the_model_would(make: Callable[[], Model], way: str) -> None:
    model = make()
    model.fit(X, Y, epochs=2, verbose=0)
    twin = WAYS[way](model)
    np.testing.assert_array_equal(twin.predict(X, verbose=0), model.predict(X, verbose=0))
    before = model.get_weights()
    curve = twin.fit(X, Y, shuffle=False, verbose=0).history
    for kept, now in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(now, kept)
    assert model.fit(X, Y, shuffle=False, verbose=0).history == curve


@pytest.mark.parametrize("way", WAYS)
def test_parts_can_be_copied(way: str) -> None:
    for part in (losses.Huber(2.0), Dense(3), optimizers.Lion(0.5), losses.huber):
        twin = WAYS[way](part)
        assert type(twin) is type(part) and getattr(twin, "arguments", 0) == getattr(part, "arguments", 0)
