"""Rescaling and Normalization: values by hand, statistics as exact as float64 allows."""

import numpy as np
import pytest

from kmagic.base.errors import BadData, BadValue, ShapeMismatch
from kmagic.layers import Dense, Normalization, Rescaling
from kmagic.models import Sequential


def test_rescaling_of_bytes() -> None:
    result = Rescaling(1 / 255, offset=-0.5)(np.array([[0, 255, 51]], "uint8"))
    np.testing.assert_allclose(result, [[-0.5, 0.5, -0.3]], atol=1e-7)


def test_statistics_are_found_in_float64() -> None:
    # in float32 the variance of such numbers would be lost
    data = 1e6 + np.random.default_rng(0).normal(size=(1000, 3))
    layer = Normalization(dtype="float64")
    layer.adapt(data)
    mean, variance, _ = layer.get_weights()
    np.testing.assert_allclose(mean, data.mean(0), rtol=1e-13)
    np.testing.assert_allclose(variance, data.var(0), rtol=1e-9)
    result = np.asarray(layer(data))
    np.testing.assert_allclose(result.mean(0), 0, atol=1e-8)
    np.testing.assert_allclose(result.std(0), 1, rtol=1e-8)


@pytest.mark.parametrize(("axis", "kept"), [(-1, (0, 1)), (1, (0, 2)), ((1, 2), (0,)), (None, (0, 1, 2))])
def test_axes_that_keep_their_own_statistics(axis: object, kept: tuple[int, ...]) -> None:
    data = np.random.default_rng(1).normal(size=(6, 3, 4))
    layer = Normalization(axis=axis, dtype="float64")
    layer.adapt(data)
    expected = (data - data.mean(kept, keepdims=True)) / data.std(kept, keepdims=True)
    np.testing.assert_allclose(layer(data), expected, rtol=1e-10)


def test_given_statistics_and_back() -> None:
    x = np.array([[1.0, 10.0]])
    there = Normalization(mean=[3.0, 0.0], variance=[4.0, 25.0])(x)
    np.testing.assert_allclose(there, [[-1.0, 2.0]], rtol=1e-6)
    back = Normalization(mean=[3.0, 0.0], variance=[4.0, 25.0], invert=True)(there)
    np.testing.assert_allclose(back, x, rtol=1e-6)


def test_a_constant_column_becomes_zero() -> None:
    layer = Normalization()
    layer.adapt(np.full((5, 1), 7.0))
    np.testing.assert_array_equal(layer(np.full((5, 1), 7.0)), np.zeros((5, 1)))


def test_adapting_again_forgets() -> None:
    layer = Normalization()
    layer.adapt(np.array([[0.0], [100.0]]))
    layer.adapt(np.array([[1.0], [3.0]]))
    np.testing.assert_allclose(layer(np.array([[1.0], [3.0]])), [[-1], [1]])


def test_batches_are_learned_one_after_the_other() -> None:
    data = np.random.default_rng(3).normal(5, 3, size=(50, 4))
    parts = [data[:7], data[7:30], data[30:]]
    for given in (parts, iter(parts), ((part, part[:, :1]) for part in parts)):
        layer = Normalization(dtype="float64")
        layer.adapt(given)
        np.testing.assert_allclose(layer.get_weights()[0], data.mean(0), rtol=1e-12)
        np.testing.assert_allclose(layer.get_weights()[1], data.var(0), rtol=1e-12)
    with pytest.raises(ShapeMismatch, match=r"data of shape \[7 3\]"):
        layer.adapt(data[:7, :3])
    with pytest.raises(BadData, match="no batches"):
        layer.adapt(iter([]))


def test_mistakes() -> None:
    with pytest.raises(BadData, match="data is empty"):
        Normalization().adapt(np.zeros((0, 3)))
    with pytest.raises(BadValue, match="one of mean and variance is missing"):
        Normalization(mean=1.0)
    with pytest.raises(BadValue, match="mean and variance were given"):
        Normalization(mean=1.0, variance=1.0).adapt(np.ones((2, 1)))


def test_adapted_before_compile_it_is_part_of_the_model() -> None:
    x = np.random.default_rng(2).normal(50, 9, size=(40, 3)).astype("float32")
    scale = Normalization(input_shape=(3,))
    scale.adapt(x)
    model = Sequential([scale, Dense(1, kernel_initializer="ones")])
    expected = ((x - x.mean(0)) / x.std(0)).sum(1, keepdims=True)
    np.testing.assert_allclose(model.predict(x, verbose=0), expected, rtol=1e-3, atol=1e-4)
    model.compile("sgd", "mse")
    before = scale.get_weights()
    model.fit(x, expected, verbose=0)
    for ours, theirs in zip(before, scale.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("data", [[[1.0, float("nan")]], [["a"]], [[float("inf")]]])
def test_adapting_to_what_has_no_mean_is_refused(data: list[list[object]]) -> None:
    layer = Normalization()
    with pytest.raises(BadData, match="expected: at least one row of finite numbers"):
        layer.adapt(data)
