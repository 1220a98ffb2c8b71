"""Noise: its distribution over a million draws, and rest when the model is not training."""

import numpy as np
import pytest

from kmagic import ops
from kmagic.base.errors import BadType, BadValue
from kmagic.graph.ops.derivatives import grad
from kmagic.layers import AlphaDropout, GaussianDropout, GaussianNoise

COUNT = 10**6
LOWEST = -1.7580993408473766
LAYERS = [GaussianNoise(0.3, seed=1), GaussianDropout(0.2, seed=1), AlphaDropout(0.2, seed=1)]


def within(values: np.ndarray, mean: float, deviation: float) -> None:
    """Mean and variance at five times their own deviations."""
    assert values.mean() == pytest.approx(mean, abs=5 * deviation / COUNT**0.5)
    fourth = np.mean((values - values.mean()) ** 4)
    assert values.var() == pytest.approx(deviation**2, abs=5 * ((fourth - deviation**4) / COUNT) ** 0.5)


def test_gaussian_noise() -> None:
    within(GaussianNoise(0.3, seed=1, dtype="float64")(np.full(COUNT, 2.0), training=True), 2.0, 0.3)


def test_gaussian_dropout() -> None:
    within(GaussianDropout(0.2, seed=1, dtype="float64")(np.full(COUNT, 2.0), training=True), 2.0, 2.0 * 0.5)


def test_alpha_dropout_keeps_mean_and_variance() -> None:
    x = np.random.default_rng(0).standard_normal(COUNT)
    x = (x - x.mean()) / x.std()
    found = AlphaDropout(0.2, seed=1, dtype="float64")(x, training=True)
    within(found, 0.0, 1.0)
    scale = (0.8 * (1 + 0.2 * LOWEST**2)) ** -0.5
    dropped = np.isclose(found, scale * LOWEST * 0.8, rtol=1e-12)
    assert dropped.mean() == pytest.approx(0.2, abs=5 * 0.4 / COUNT**0.5)
    np.testing.assert_allclose(found[~dropped], scale * (x - LOWEST * 0.2)[~dropped])


def test_alpha_dropout_along_one_axis() -> None:
    found = AlphaDropout(0.5, noise_shape=(None, 1), seed=2)(np.ones((64, 3)), training=True)
    assert (found == found[:, :1]).all() and len(set(found[:, 0].tolist())) == 2


@pytest.mark.parametrize("layer", LAYERS)
def test_nothing_happens_when_not_training(layer) -> None:
    x = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")
    np.testing.assert_array_equal(layer(x), x)
    np.testing.assert_array_equal(type(layer)(0.0)(x, training=True), x)


@pytest.mark.parametrize("kind", [GaussianNoise, GaussianDropout, AlphaDropout])
def test_equal_seeds_draw_equal_noise_and_each_call_draws_anew(kind) -> None:
    x = np.ones((4, 3))
    first, second = kind(0.3, seed=7), kind(0.3, seed=7)
    drawn = first(x, training=True)
    np.testing.assert_array_equal(drawn, second(x, training=True))
    assert (first(x, training=True) != drawn).any()


def test_gradients_pass_what_is_kept() -> None:
    x = np.ones((1, 50))
    layer, again = (AlphaDropout(0.5, seed=3, dtype="float64") for _ in range(2))
    found = grad(lambda x: ops.sum(layer(x, training=True)))(x)
    drawn = again(x, training=True)
    scale = (0.5 * (1 + 0.5 * LOWEST**2)) ** -0.5
    np.testing.assert_allclose(found, np.where(drawn > 0, scale, 0))
    assert 0 < (drawn > 0).sum() < 50


def test_bounds() -> None:
    for kind in (GaussianDropout, AlphaDropout):
        with pytest.raises((BadValue, BadType), match="rate is 1"):
            kind(1)
    with pytest.raises((BadValue, BadType), match="stddev is 2"):
        GaussianNoise(2)
