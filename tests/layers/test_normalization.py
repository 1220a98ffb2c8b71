"""Normalizations of single samples, against NumPy in float64, and what they refuse."""

from typing import Any

import numpy as np
import pytest

from kmagic.base.errors import BadValue, ShapeMismatch
from kmagic.layers import GroupNormalization, LayerNormalization, RMSNormalization, UnitNormalization

X = np.random.default_rng(0).normal(3.0, 2.0, (4, 3, 6))


@pytest.mark.parametrize("axis", [-1, 1, (1, 2), (2, 1), [-1, -2], (-1, 1)])
def test_layers_have_mean_0_and_variance_1_along_axes(axis: Any) -> None:
    """Along an axis that is not the last Keras on torch breaks."""
    layer = LayerNormalization(axis, epsilon=1e-12, dtype="float64")
    found = np.asarray(layer(X))
    along = tuple(axis) if isinstance(axis, list | tuple) else axis
    np.testing.assert_allclose(found.mean(along), 0, atol=1e-12)
    np.testing.assert_allclose(found.var(along), 1, atol=1e-8)
    sizes = [X.shape[place] for place in sorted(place % 3 for place in np.atleast_1d(axis))]
    assert layer.gamma is not None and layer.gamma.shape == tuple(sizes)
    layer.set_weights([2 * weight + 1 for weight in layer.get_weights()])
    np.testing.assert_allclose(layer(X), 3 * found + 1, rtol=1e-12)


def test_rms_scaling_of_older_scripts_is_taken_with_a_word() -> None:
    with pytest.warns(UserWarning, match="RMSNormalization is what is meant"):
        layer = LayerNormalization(rms_scaling=True, epsilon=0.0, dtype="float64")
    np.testing.assert_allclose(layer(X), X / X.std(-1, keepdims=True), rtol=1e-12)
    assert [weight.name for weight in layer.weights] == ["gamma"]


@pytest.mark.parametrize(("groups", "axis"), [(2, -1), (3, 2), (1, 1), (-1, -1)])
def test_groups_have_mean_0_and_variance_1_in_each_sample(groups: int, axis: int) -> None:
    found = np.asarray(GroupNormalization(groups, axis, epsilon=1e-12, dtype="float64")(X))
    moved = np.moveaxis(found, axis, 1).reshape(4, X.shape[axis] if groups == -1 else groups, -1)
    np.testing.assert_allclose(moved.mean(-1), 0, atol=1e-12)
    np.testing.assert_allclose(moved.var(-1), 1, atol=1e-8)


@pytest.mark.parametrize("axis", [-1, 1, (1, 2)])
def test_mean_squares_are_1_along_axes(axis: Any) -> None:
    layer = RMSNormalization(axis, epsilon=1e-12, dtype="float64")
    np.testing.assert_allclose(np.square(layer(X)).mean(axis), 1, rtol=1e-8)
    scale = layer.get_weights()[0]
    layer.set_weights([scale * 3])
    np.testing.assert_allclose(np.square(layer(X)).mean(axis), 9, rtol=1e-8)


def test_lengths_are_1_and_nothing_stays_nothing() -> None:
    found = np.asarray(UnitNormalization((1, 2))(np.concatenate([X, 0 * X[:1]])))
    np.testing.assert_allclose(np.linalg.norm(found.reshape(5, -1), axis=1), [1, 1, 1, 1, 0], rtol=1e-6)


def test_large_numbers_in_half_precision_do_not_overflow() -> None:
    x = np.array([[20000.0, -20000.0, 30000.0, 0.0]], "float16")
    for layer in (LayerNormalization(dtype="float16"), GroupNormalization(1, dtype="float16")):
        found = np.asarray(layer(x)).astype("float64")
        wide = x.astype("float64")
        np.testing.assert_allclose(found, (wide - wide.mean()) / wide.std(), rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize("layer", [LayerNormalization((1, 3)), RMSNormalization(7), GroupNormalization(2, axis=-4)])
def test_an_axis_that_is_not_there_is_named(layer: Any) -> None:
    with pytest.raises(ShapeMismatch, match=rf"{layer.name}: input of shape") as caught:
        layer(X)
    assert "along axis" in str(caught.value.expected)


@pytest.mark.parametrize(("groups", "fix"), [(4, "groups=3"), (32, "groups=6")])
def test_groups_divide_channels(groups: int, fix: str) -> None:
    with pytest.raises(ShapeMismatch, match=f"{groups} groups of 6 channels") as caught:
        GroupNormalization(groups)(X)
    assert caught.value.fix == fix


@pytest.mark.parametrize("groups", [0, -2, 1.5, True])
def test_groups_are_a_count(groups: Any) -> None:
    with pytest.raises(BadValue, match="groups is"):
        GroupNormalization(groups)
