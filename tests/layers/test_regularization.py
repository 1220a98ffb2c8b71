"""Dropout: how much it drops, what it does to the rest, and when it does nothing."""

import numpy as np
import pytest

from kmagic.base.errors import BadType, BadValue
from kmagic.layers import ActivityRegularization, Dense, Dropout, SpatialDropout1D, SpatialDropout2D, SpatialDropout3D
from kmagic.models import Sequential

ONES = np.ones((200, 100), "float32")


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_share_and_scale(rate: float) -> None:
    result = np.asarray(Dropout(rate, seed=3)(ONES, training=True))
    kept = result != 0
    np.testing.assert_allclose(result[kept], 1 / (1 - rate), rtol=1e-6)
    # 20000 draws: five standard deviations of their share
    assert abs(kept.mean() - (1 - rate)) < 5 * np.sqrt(rate * (1 - rate) / ONES.size)


def test_inference_is_the_identity() -> None:
    layer = Dropout(0.7)
    x = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")
    np.testing.assert_array_equal(layer(x), x)
    np.testing.assert_array_equal(layer(x, training=False), x)
    np.testing.assert_array_equal(Dropout(0.0)(x, training=True), x)
    assert layer.seed_generator.state.numpy()[1] == 0 and layer.weights == []


def test_each_call_draws_anew_and_seeds_repeat() -> None:
    first, second = Dropout(0.5, seed=1), Dropout(0.5, seed=1)
    draws = [np.asarray(first(ONES, training=True)) for _ in range(2)]
    assert not np.array_equal(*draws)
    for draw in draws:
        np.testing.assert_array_equal(second(ONES, training=True), draw)
    assert not np.array_equal(Dropout(0.5, seed=2)(ONES, training=True), draws[0])
    assert not np.array_equal(Dropout(0.5)(ONES, training=True), Dropout(0.5)(ONES, training=True))


def test_the_mask_of_a_row_does_not_depend_on_the_rows_behind_it() -> None:
    whole, part = (np.asarray(Dropout(0.5, seed=4)(ONES[:n], training=True)) for n in (100, 30))
    np.testing.assert_array_equal(whole[:30], part)


def test_noise_is_shared_along_axes_of_size_one() -> None:
    result = np.asarray(Dropout(0.5, noise_shape=(None, 1), seed=1)(ONES, training=True))
    assert (result == result[:, :1]).all() and {0.0, 2.0} == set(result.ravel().tolist())


def test_training_uses_it_and_evaluation_does_not() -> None:
    model = Sequential([Dropout(0.5, input_shape=(100,))])
    model.compile("sgd", "mse", validate=False)
    assert model.evaluate(ONES, ONES, verbose=0) == 0.0
    # values are 0 or 2 and targets 1, so that each error is 1
    assert model.fit(ONES, ONES, verbose=0, validate=False).history["loss"] == [1.0]
    np.testing.assert_array_equal(model.predict(ONES, verbose=0), ONES)


@pytest.mark.parametrize("rate", [-0.1, 1.0, 50, "half"])
def test_rate_is_a_share_below_one(rate: object) -> None:
    with pytest.raises((BadValue, BadType), match="Dropout: rate is"):
        Dropout(rate)


@pytest.mark.parametrize(
    ("layer", "shape", "axes"),
    [
        (SpatialDropout1D(0.3, seed=1), (50, 4, 40), (1,)),
        (SpatialDropout2D(0.3, seed=1), (50, 2, 3, 40), (1, 2)),
        (SpatialDropout3D(0.3, seed=1), (50, 2, 2, 2, 40), (1, 2, 3)),
        (SpatialDropout2D(0.3, "channels_first", seed=1), (50, 40, 2, 3), (2, 3)),
    ],
)
def test_channels_are_dropped_as_a_whole(layer, shape, axes) -> None:
    found = np.asarray(layer(np.ones(shape, "float32"), training=True))
    channels = found.max(axes)
    np.testing.assert_array_equal(found.min(axes), channels)
    assert set(np.unique(channels)) == {np.float32(0), np.float32(1 / 0.7)}
    assert abs((channels > 0).mean() - 0.7) < 5 * np.sqrt(0.21 / channels.size)
    np.testing.assert_array_equal(layer(np.ones(shape)), np.ones(shape))


def test_activity_regularization_adds_to_the_loss() -> None:
    x = np.array([[1.0, -2.0], [3.0, 0.5]])
    model = Sequential([ActivityRegularization(l1=0.1, l2=0.01), Dense(1, kernel_initializer="zeros")])
    model.compile("sgd", "mse")
    expected = (0.1 * np.abs(x).sum() + 0.01 * (x**2).sum()) / 2
    assert model.evaluate(x, np.zeros((2, 1)), verbose=0) == pytest.approx(expected)
