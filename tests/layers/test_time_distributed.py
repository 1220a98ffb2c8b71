"""A layer on each step: the same as on every step by itself."""

from typing import Any

import numpy as np
import pytest

from kmagic.base.errors import BadType, ShapeMismatch
from kmagic.graph.masks import mask_of
from kmagic.layers import LSTM, BatchNormalization, Dense, Dropout, Flatten, Input, Masking, TimeDistributed
from kmagic.models import Sequential

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(3, 4, 5, 2))


@pytest.mark.parametrize("inner", [Dense(3, dtype="float64"), Flatten(dtype="float64"), LSTM(3, dtype="float64")])
def test_each_step_goes_through_the_layer_by_itself(inner: Any) -> None:
    found = np.asarray(TimeDistributed(inner, dtype="float64")(X))
    for t in range(4):
        np.testing.assert_allclose(found[:, t], inner(X[:, t]), rtol=1e-12)


def test_statistics_of_a_batch_are_those_of_a_step() -> None:
    layer = TimeDistributed(BatchNormalization(momentum=0.5, epsilon=0.0, dtype="float64"), dtype="float64")
    found = np.asarray(layer(X, training=True))
    np.testing.assert_allclose(found.mean((0, 2)), 0, atol=1e-12)
    mean = np.zeros(2)
    for t in range(4):
        mean = 0.5 * mean + 0.5 * X[:, t].mean((0, 1))
    np.testing.assert_allclose(layer.layer.moving_mean.numpy(), mean, rtol=1e-12)


def test_sequences_of_any_length_and_masks() -> None:
    model = Sequential([Input((None, 2)), Masking(), TimeDistributed(Dense(3)), LSTM(2)])
    model.compile("adam", "mse")
    x = X[:, :, 0].astype("float32")
    x[1, 2:] = 0
    model.fit(x, np.ones((3, 2)), verbose=0)
    np.testing.assert_allclose(model(x)[1], model(x[1:2, :2])[0], rtol=1e-5, atol=1e-6)
    assert mask_of(TimeDistributed(Dense(3))(Masking()(x))).tolist() == x.any(-1).tolist()


def test_noise_is_drawn_for_each_step() -> None:
    found = np.asarray(TimeDistributed(Dropout(0.5, seed=1))(np.ones((1, 200, 1)), training=True)).ravel()
    assert set(found.tolist()) == {0.0, 2.0}


def test_what_does_not_fit_is_named() -> None:
    with pytest.raises(ShapeMismatch, match=r"input of shape \[\? 4\]"):
        TimeDistributed(Dense(3))(X[:, :, 0, 0])
    with pytest.raises(ShapeMismatch, match=r"mask of shape \[3 3\] beside input"):
        TimeDistributed(Dense(3))(X, mask=np.ones((3, 3), bool))
    with pytest.raises(BadType, match="'dense' is no layer"):
        TimeDistributed("dense")
