"""Batch normalization: whose statistics count, and when they move. Expected values are NumPy's."""

import numpy as np
import pytest

from kmagic.base.errors import BadValue, ShapeMismatch, Unsupported
from kmagic.layers import BatchNormalization, Dense, Input, Masking
from kmagic.models import Model, Sequential

X = np.random.default_rng(1).normal(3.0, 2.0, (40, 3)).astype("float32")


def normalized(x: np.ndarray, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    return (x - mean) / np.sqrt(variance + 1e-3)


def test_averages_move_in_training_only_and_are_used_in_inference() -> None:
    layer = BatchNormalization(momentum=0.9)
    np.testing.assert_allclose(layer(X), X / np.sqrt(1 + 1e-3), rtol=1e-5)
    found = layer(X, training=True)
    np.testing.assert_allclose(found, normalized(X, X.mean(0), X.var(0)), rtol=1e-3, atol=1e-4)
    mean, variance = 0.1 * X.mean(0), 0.9 + 0.1 * X.var(0)
    np.testing.assert_allclose(layer.moving_mean.numpy(), mean, rtol=1e-5)
    np.testing.assert_allclose(layer.moving_variance.numpy(), variance, rtol=1e-5)
    np.testing.assert_allclose(layer(X), normalized(X, mean, variance), rtol=1e-4)
    assert [weight.name for weight in layer.non_trainable_weights] == ["moving_mean", "moving_variance"]


def test_fitting_moves_averages_batch_by_batch_the_last_smaller_one_too() -> None:
    model = Sequential([Input((3,)), BatchNormalization(momentum=0.5)])
    model.compile("sgd", "mse")
    model.fit(X, X, batch_size=16, epochs=2, shuffle=False, verbose=0)
    mean, variance = np.zeros(3), np.ones(3)
    for first in (0, 16, 32) * 2:
        batch = X[first : first + 16].astype("float64")
        mean, variance = 0.5 * mean + 0.5 * batch.mean(0), 0.5 * variance + 0.5 * batch.var(0)
    np.testing.assert_allclose(model.get_weights()[2], mean, rtol=1e-5)
    np.testing.assert_allclose(model.get_weights()[3], variance, rtol=1e-5)
    before = model.get_weights()
    model.evaluate(X, X, verbose=0)
    model.predict(X, verbose=0)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("whole", [False, True])
def test_a_frozen_layer_infers_while_the_others_train(whole: bool) -> None:
    """As for a base model that is taken over and frozen."""
    base = Sequential([Input((3,)), Dense(4), BatchNormalization()])
    base.compile("sgd", "mse")
    base.fit(X, np.ones((40, 4)), verbose=0)
    (base if whole else base.layers[1]).trainable = False
    model = Sequential([Input((3,)), base, Dense(1)])
    model.compile("sgd", "mse")
    before = base.get_weights()
    model.fit(X, np.ones((40, 1)), verbose=0)
    same = [np.array_equal(old, new) for old, new in zip(before, base.get_weights(), strict=True)]
    assert same == ([True] * 6 if whole else [False, False, True, True, True, True])
    layer = base.layers[1]
    y = np.asarray(base.layers[0](X))
    np.testing.assert_array_equal(layer(y, training=True), layer(y, training=False))


def test_a_layer_that_is_shared_moves_once_for_each_call() -> None:
    start, layer = Input((3,)), BatchNormalization(momentum=0.5)
    model = Model(start, layer(2 * layer(start)))
    model.compile("sgd", "mse")
    model.train_on_batch(X, X)
    # the second time the input has mean 0
    np.testing.assert_allclose(layer.moving_mean.numpy(), 0.25 * X.mean(0), rtol=1e-4)


def test_masked_positions_do_not_count() -> None:
    x = np.stack([X[:20], X[20:]])
    x[0, 15:] = x[1, 2:] = 0
    layer = BatchNormalization(momentum=0.0, epsilon=0.0)
    layer(Masking()(x), training=True)
    counted = np.concatenate([x[0, :15], x[1, :2]])
    np.testing.assert_allclose(layer.moving_mean.numpy(), counted.mean(0), rtol=1e-5)
    np.testing.assert_allclose(layer.moving_variance.numpy(), counted.var(0), rtol=1e-5)


def test_a_mask_has_an_axis_less_than_the_input() -> None:
    with pytest.raises(ShapeMismatch, match=r"mask of shape \[40 3\] beside input \[40 3\]"):
        BatchNormalization()(X, training=True, mask=X > 0)


def test_squares_of_half_precision_do_not_overflow() -> None:
    x = np.array([[2000.0], [-2000.0], [3000.0], [0.0]], "float16")
    found = np.asarray(BatchNormalization(dtype="float16")(x, training=True)).astype("float64")
    wide = x.astype("float64")
    np.testing.assert_allclose(found, (wide - wide.mean()) / wide.std(), rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize("limits", [{"rmin": 2.0, "rmax": 1.0}, {"dmax": -1.0}, {"largest": 1.0}])
def test_limits_of_the_correction_are_checked(limits: dict[str, float]) -> None:
    with pytest.raises(BadValue, match="renorm_clipping"):
        BatchNormalization(renorm=True, renorm_clipping=limits)


def test_statistics_of_several_devices_are_outside() -> None:
    with pytest.raises(Unsupported, match="synchronized"):
        BatchNormalization(synchronized=True)
