"""Moments and normalizations against NumPy."""

import numpy as np
import pytest

import kmagic
from kmagic import ops
from kmagic.base.errors import BadValue, ShapeMismatch, Unsupported
from tests.graph.ops.every_way import check_slopes, check_values

GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(2.0, 3.0, (4, 3, 5))
VECTORS = GENERATOR.uniform(0.5, 2.0, (4, 5))


def test_moments() -> None:
    check_values(lambda x: ops.moments(x, axes=-1), [X], (X.mean(-1), X.var(-1)))
    check_values(
        lambda x: ops.moments(x, (0, 2), keepdims=True),
        [X],
        (X.mean((0, 2), keepdims=True), X.var((0, 2), keepdims=True)),
    )
    check_slopes(lambda x: ops.moments(x, [0, 1]), [X])
    with pytest.raises(Unsupported):
        ops.moments(X, 0, synchronized=True)


def test_moments_of_half_precision_are_held_in_its_range() -> None:
    large = np.array([-6e4, 6e4, 6e4, 6e4], "float16")
    mean, variance = ops.moments(large, 0)
    assert mean.dtype == variance.dtype == np.float16
    assert float(mean) == pytest.approx(3e4, rel=1e-3) and float(variance) == 65504


@pytest.mark.parametrize("axis", [1, -1])
def test_batch_normalization(axis: int) -> None:
    size = X.shape[axis]
    along = (-1, 1) if axis == 1 else (-1,)
    mean, variance, offset, scale = (row[:size] for row in VECTORS)

    def function(x, *given):
        return ops.batch_normalization(x, *given[:2], axis, *given[2:])

    plain = (X - mean.reshape(along)) / np.sqrt(variance.reshape(along) + 1e-3)
    check_values(function, [X, mean, variance], plain, batch=False)
    arrays = [X, mean, variance, offset, scale]
    check_values(function, arrays, plain * scale.reshape(along) + offset.reshape(along), batch=False)
    check_slopes(function, arrays)


def normalized(x, axes, epsilon):
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + epsilon)


def test_layer_normalization() -> None:
    gamma, beta = VECTORS[:2]
    check_values(ops.layer_normalization, [X], normalized(X, -1, 1e-7))
    check_values(
        lambda x: ops.layer_normalization(x, gamma, beta, epsilon=0.1), [X], normalized(X, -1, 0.1) * gamma + beta
    )
    check_slopes(lambda x, g, b: ops.layer_normalization(x, g, b), [X, gamma, beta])
    column = VECTORS[2, :3]
    expected = normalized(X, (1, 2), 1e-7) * VECTORS[:3]
    check_values(lambda x: ops.layer_normalization(x, VECTORS[:3], axis=[1, 2]), [X], expected)
    check_values(lambda x: ops.layer_normalization(x, column, axis=1), [X], normalized(X, 1, 1e-7) * column[:, None])
    deviation = X / np.sqrt(X.var(-1, keepdims=True) + 1e-7)
    check_values(lambda x: ops.layer_normalization(x, gamma, rms_scaling=True), [X], deviation * gamma)


def test_rms_normalization() -> None:
    def expected(x, axis):
        return x / np.sqrt((x * x).mean(axis, keepdims=True) + 1e-7)

    check_values(ops.rms_normalization, [X], expected(X, -1))
    check_values(lambda x: ops.rms_normalization(x, axis=(0, 1)), [X], expected(X, (0, 1)))
    check_values(lambda x, s: ops.rms_normalization(x, s), [X, VECTORS[0]], expected(X, -1) * VECTORS[0], batch=False)
    check_slopes(ops.rms_normalization, [X, VECTORS[0]])
    np.testing.assert_allclose(ops.rms_normalization(np.float64(3.0)), [1.0])


@pytest.mark.parametrize("function", [ops.layer_normalization, ops.rms_normalization])
def test_half_precision_is_computed_in_float32(function) -> None:
    x = np.array([300.0, -300.0, 600.0], "float16")
    found = function(x)
    assert found.dtype == np.float16
    np.testing.assert_allclose(found, function(x.astype("float64")), rtol=1e-3)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_normalize(order: int) -> None:
    expected = X / (abs(X) ** order).sum(-1, keepdims=True) ** (1 / order)
    check_values(lambda x: ops.normalize(x, order=order), [X], expected)
    check_slopes(lambda x: ops.normalize(x, order=order), [X])


def test_normalize_of_nothing_is_nothing_with_a_slope() -> None:
    zeros = np.zeros(3)
    assert ops.normalize(zeros).tolist() == [0, 0, 0]
    np.testing.assert_allclose(kmagic.grad(lambda x: ops.sum(ops.normalize(x, epsilon=0.01)))(zeros), 100)
    with pytest.raises(BadValue, match="order"):
        ops.normalize(zeros, order=0)


def test_psnr() -> None:
    other = X + GENERATOR.normal(size=X.shape)
    expected = 10 * np.log10(255**2 / ((X - other) ** 2).mean())
    check_values(lambda a, b: ops.psnr(a, b, max_val=255), [X, other], expected)
    with pytest.raises(ShapeMismatch, match="match"):
        ops.psnr(X, X[:2], 255)
