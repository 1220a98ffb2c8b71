"""Initializers: spread and limits against the formulas, and what a seed means."""

import json
import math

import numpy as np
import pytest

from kmagic import initializers
from kmagic.base.errors import BadType, BadValue, ShapeMismatch
from kmagic.random import SeedGenerator
from kmagic.utils import set_random_seed

SHAPE = (300, 200)
# the variance that a formula gives, and the largest size there can be
SPREADS = {
    "glorot_uniform": (2 / 500, math.sqrt(6 / 500)),
    "glorot_normal": (2 / 500, 2 * math.sqrt(2 / 500) / 0.8796),
    "he_uniform": (2 / 300, math.sqrt(6 / 300)),
    "he_normal": (2 / 300, 2 * math.sqrt(2 / 300) / 0.8796),
    "lecun_uniform": (1 / 300, math.sqrt(3 / 300)),
    "lecun_normal": (1 / 300, 2 * math.sqrt(1 / 300) / 0.8796),
    "random_normal": (0.05**2, 0.5),
    "random_uniform": (0.1**2 / 12, 0.05),
    "truncated_normal": (0.05**2 * 0.8796**2, 0.1),
}


@pytest.mark.parametrize("name", SPREADS)
def test_spread(name: str) -> None:
    values = initializers.registry.find(name).target(seed=1)(SHAPE, dtype="float64")
    variance, limit = SPREADS[name]
    # 60000 numbers: the variance is off by less than 3 %, the mean by less than five standard errors
    assert values.var() == pytest.approx(variance, rel=0.03)
    assert abs(values.mean()) < 5 * math.sqrt(variance / values.size)
    assert abs(values).max() <= limit * 1.0001


def test_windows_count_for_both_fans() -> None:
    values = initializers.get("glorot_uniform")((3, 3, 8, 16), dtype="float64")
    limit = math.sqrt(6 / (9 * 8 + 9 * 16))
    assert 0.95 * limit < abs(values).max() <= limit


def test_seeds() -> None:
    make = initializers.registry.find("glorot_uniform").target
    repeated = make(seed=1)
    np.testing.assert_array_equal(repeated((3, 4)), repeated((3, 4)))
    assert not np.array_equal(make(seed=1)((3, 4)), make(seed=2)((3, 4)))
    assert not np.array_equal(make()((3, 4)), make()((3, 4)))
    generator = make(seed=SeedGenerator(1))
    assert not np.array_equal(generator((3, 4)), generator((3, 4)))
    drawn = []
    for _ in range(2):
        set_random_seed(5)
        drawn.append(make()((3, 4)))
    np.testing.assert_array_equal(*drawn)


def test_constants() -> None:
    assert initializers.get("zeros")((2,)).tolist() == [0, 0] and initializers.get("one")((2,)).tolist() == [1, 1]
    assert initializers.registry.find("constant").target(2.5)((1, 2)).tolist() == [[2.5, 2.5]]


def test_constants_of_arrays() -> None:
    rows = np.array([1.0, 2.0])
    assert initializers.get(rows)((3, 2)).tolist() == [[1, 2]] * 3
    assert initializers.deserialize(initializers.serialize(initializers.Constant(rows)))((2,)).tolist() == [1, 2]
    values = initializers.Constant(rows)((2,))
    values[0] = 9
    assert initializers.Constant(rows)((2,)).tolist() == [1, 2]
    with pytest.raises(ShapeMismatch):
        initializers.Constant(rows)((2, 3))
    with pytest.raises(BadType, match="value is 'a'"):
        initializers.Constant("a")


def test_identity() -> None:
    assert initializers.Identity(gain=2.0)((2, 3)).tolist() == [[2, 0, 0], [0, 2, 0]]
    with pytest.raises(ShapeMismatch, match="Identity"):
        initializers.Identity()((2, 2, 2))


@pytest.mark.parametrize("shape", [(6, 6), (8, 3), (3, 8), (3, 3, 4, 5), (2, 2, 3, 40)])
def test_orthogonal(shape: tuple[int, ...]) -> None:
    values = initializers.Orthogonal(gain=1.5, seed=3)(shape, dtype="float64")
    rows, columns = math.prod(shape[:-1]), shape[-1]
    flat = values.reshape(rows, columns)
    product = flat.T @ flat if rows >= columns else flat @ flat.T
    np.testing.assert_allclose(product, 1.5**2 * np.eye(min(rows, columns)), atol=1e-12)


def test_all_rotations_are_equally_likely() -> None:
    # of a random orthogonal matrix of n rows each entry has mean 0 and variance 1 / n, and so has the trace variance 1;
    # without the change of signs the diagonal would be negative
    drawn = np.array([initializers.Orthogonal(seed=seed)((4, 4), dtype="float64") for seed in range(2000)])
    error = 5 / math.sqrt(2000)
    assert abs(drawn.mean(0)).max() < error * 0.5
    np.testing.assert_allclose(drawn.var(0), 0.25, rtol=0.15)
    traces = np.trace(drawn, axis1=1, axis2=2)
    assert abs(traces.mean()) < error and traces.var() == pytest.approx(1, rel=0.2)
    assert abs(np.linalg.det(drawn).mean()) < error


def test_orthogonal_needs_two_axes() -> None:
    with pytest.raises(ShapeMismatch, match="at least 2 axes"):
        initializers.Orthogonal()((3,))


def test_axes_of_inputs_and_outputs() -> None:
    # 4·5 inputs and 6 outputs, where the usual rule would see windows of 4
    values = initializers.GlorotUniform(seed=1, input_axes=(0, 1), output_axes=(2,))((40, 50, 6), dtype="float64")
    limit = math.sqrt(6 / (40 * 50 + 6))
    assert 0.99 * limit < abs(values).max() <= limit
    inputs_alone = initializers.HeNormal(seed=1, input_axes=(0,))((30, 20), dtype="float64")
    np.testing.assert_array_equal(inputs_alone, initializers.HeNormal(seed=1)((30, 20), dtype="float64"))


@pytest.mark.parametrize("mode", ["fan_in", "fan_out", "fan_avg"])
@pytest.mark.parametrize("distribution", ["uniform", "truncated_normal", "untruncated_normal"])
def test_variance_is_scaled(mode: str, distribution: str) -> None:
    make = initializers.VarianceScaling(3.0, mode, distribution, seed=2)
    variance = 3 / {"fan_in": 300, "fan_out": 200, "fan_avg": 250}[mode]
    values = make(SHAPE, dtype="float64")
    assert values.var() == pytest.approx(variance, rel=0.03)
    limit = {"uniform": math.sqrt(3), "truncated_normal": 2 / 0.8796, "untruncated_normal": 6}[distribution]
    assert abs(values).max() <= limit * math.sqrt(variance) * 1.0001


def test_normal_is_short_for_truncated() -> None:
    assert initializers.VarianceScaling(distribution="normal").distribution == "truncated_normal"


def test_a_generator_is_written_into_the_config() -> None:
    generator = SeedGenerator(3)
    made = initializers.HeNormal(seed=generator)
    again = initializers.deserialize(json.loads(json.dumps(initializers.serialize(made))))
    first = made((4, 3))
    np.testing.assert_array_equal(again((4, 3)), first)
    assert not np.array_equal(made((4, 3)), first)


def test_clones_draw_the_same() -> None:
    made = initializers.RandomNormal(stddev=2.0, seed=4)
    np.testing.assert_array_equal(made.clone()((3,)), made((3,)))


@pytest.mark.parametrize("seed", [1.5, "one", True])
def test_seeds_of_other_kinds(seed: object) -> None:
    with pytest.raises(BadType, match="seed is"):
        initializers.RandomNormal(seed=seed)


NAMES = {
    "normal": "RandomNormal",
    "uniform": "RandomUniform",
    "one": "Ones",
    "zero": "Zeros",
    "identity": "Identity",
    "IdentityInitializer": "Identity",
    "orthogonal": "Orthogonal",
    "OrthogonalInitializer": "Orthogonal",
    "stft": "STFT",
    "STFTInitializer": "STFT",
    "he_normal": "HeNormal",
    "xavier_uniform": "GlorotUniform",
    "kaiming_normal": "HeNormal",
    "eye": "Identity",
}


@pytest.mark.parametrize("name", NAMES)
def test_names(name: str) -> None:
    assert type(initializers.get(name)) is getattr(initializers, NAMES[name])


def test_what_get_takes() -> None:
    def mine(shape: tuple[int, ...], dtype: str | None = None) -> np.ndarray:
        return np.full(shape, 7, dtype)

    assert initializers.get(None) is None and initializers.get(mine) is mine
    assert isinstance(initializers.get(initializers.HeNormal), initializers.HeNormal)
    assert initializers.get({"class_name": "constant", "config": {"value": 3.0}})((1,)).tolist() == [3]
    assert initializers.glorot_uniform is initializers.GlorotUniform
    with pytest.raises(ValueError, match="did you mean 'he_normal'"):
        initializers.get("he_norml")


def test_windows_of_the_fourier_transform() -> None:
    kernel = initializers.STFT(window=None)((8, 1, 5), dtype="float64")[:, 0, :]
    imaginary = initializers.STFT("imag", window=None)((8, 1, 5), dtype="float64")[:, 0, :]
    signal = np.random.default_rng(2).normal(size=8)
    np.testing.assert_allclose(signal @ kernel + 1j * (signal @ imaginary), np.fft.rfft(signal), atol=1e-12)
    # every channel gets the same; Keras leaves that axis at 1
    assert initializers.STFT()((8, 3, 5)).shape == (8, 3, 5)
    ramp = np.linspace(0, 1, 8)
    ramped = initializers.STFT(window=ramp, scaling=None)((8, 1, 5), dtype="float64")[:, 0, :]
    np.testing.assert_allclose(ramped, kernel * ramp[:, None])
    with pytest.raises(BadValue, match="window is 'hat'"):
        initializers.STFT(window="hat")
    with pytest.raises(ShapeMismatch, match="window of shape"):
        initializers.STFT(window=ramp)((9, 1, 5))
    with pytest.raises(ShapeMismatch, match="frame channels frequencies"):
        initializers.STFT()((9, 5))


# the first half of windows of 6 that end with the frame, and of 6 that go on after it, as scipy.signal gives them
HALF_WINDOWS = {
    "boxcar": ([1, 1, 1], [1, 1, 1, 1]),
    "hann": ([0, 0.345491502813, 0.904508497187], [0, 0.25, 0.75, 1]),
    "hamming": ([0.08, 0.397852182588, 0.912147817412], [0.08, 0.31, 0.77, 1]),
    "blackman": ([0, 0.200770143263, 0.849229856737], [0, 0.13, 0.63, 1]),
    "nuttall": ([0.0003628, 0.11051525305, 0.79825809695], [0.0003628, 0.0613345, 0.5292298, 1]),
    "blackmanharris": ([6e-5, 0.103011489346, 0.793833510654], [6e-5, 0.055645, 0.520575, 1]),
    "flattop": ([-0.000421051, -0.067714252076, 0.606872152576], [-0.000421051, -0.051263156, 0.19821053, 1]),
}


@pytest.mark.parametrize("name", HALF_WINDOWS)
@pytest.mark.parametrize("periodic", [False, True])
def test_windows_by_name(name: str, periodic: bool) -> None:
    kernel = initializers.STFT(window=name, scaling=None, periodic=periodic)((6, 1, 4), dtype="float64")
    half = HALF_WINDOWS[name][periodic]
    # the wave of frequency 0 is 1 everywhere
    np.testing.assert_allclose(kernel[: len(half), 0, 0], half, atol=1e-8)
