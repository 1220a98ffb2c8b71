"""Warps: known angles, factors and steps against NumPy, with every way to fill what is beyond the edge."""

import numpy as np
import pytest

from kmagic.layers import RandomRotation, RandomShear, RandomTranslation, RandomZoom

X = np.random.default_rng(0).normal(size=(2, 6, 6, 2))
BEYOND = {"reflect": "symmetric", "wrap": "wrap", "nearest": "edge", "constant": "constant"}


@pytest.mark.parametrize(("turns", "times"), [(0.25, 1), (0.5, 2), (-0.25, 3), (1.0, 4)])
def test_quarter_turns(turns: float, times: int) -> None:
    found = RandomRotation((turns, turns), dtype="float64", fill_mode="nearest")(X, training=True)
    np.testing.assert_allclose(found, np.rot90(X, times, (1, 2)), atol=1e-9)


@pytest.mark.parametrize("mode", BEYOND)
def test_whole_steps(mode: str) -> None:
    layer = RandomTranslation((1 / 3, 1 / 3), (-0.5, -0.5), fill_mode=mode, dtype="float64")
    wide = np.pad(X, ((0, 0), (2, 0), (0, 3), (0, 0)), mode=BEYOND[mode])
    np.testing.assert_allclose(layer(X, training=True), wide[:, :6, 3:], atol=1e-9)


@pytest.mark.parametrize("mode", BEYOND)
@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
def test_half_the_size(mode: str, interpolation: str) -> None:
    """Every second pixel, half-way between two where they are mixed."""
    options = {"fill_mode": mode, "fill_value": 0.5, "interpolation": interpolation, "dtype": "float64"}
    found = RandomZoom((1.0, 1.0), **options)(X[:, :5, :5], training=True)
    ends = {"constant_values": 0.5} if mode == "constant" else {}
    wide = np.pad(X[:, :5, :5], ((0, 0), (2, 2), (2, 2), (0, 0)), mode=BEYOND[mode], **ends)
    np.testing.assert_allclose(found, wide[:, ::2, ::2], atol=1e-9)


@pytest.mark.parametrize("beyond", [1e8, np.nan])
@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
def test_what_is_beyond_the_edge_does_not_touch_what_is_inside(beyond: float, interpolation: str) -> None:
    options = {"fill_mode": "constant", "fill_value": beyond, "interpolation": interpolation}
    x = X[:, :, :4].astype("float32")
    found = RandomTranslation((0.5, 0.5), (0.25, 0.25), **options)(x, training=True)
    wide = np.pad(x, ((0, 0), (3, 0), (1, 0), (0, 0)), constant_values=beyond)[:, :6, :4]
    np.testing.assert_array_equal(found[:, :, :3], wide[:, :, :3])


def test_one_factor_for_both_axes_unless_there_are_two() -> None:
    both = RandomZoom(0.4, seed=1).get_random_transformation(X)
    np.testing.assert_array_equal(both["height_zoom"], both["width_zoom"])
    apart = RandomZoom(0.4, 0.4, seed=1).get_random_transformation(X)
    assert (apart["height_zoom"] != apart["width_zoom"]).all()


def test_a_slant_moves_rows_against_each_other() -> None:
    layer = RandomShear(x_factor=(1.0, 1.0), fill_mode="wrap", dtype="float64")
    row = np.arange(6)
    ways = [np.stack([np.roll(X[:, p], -sign * p, 1) for p in row], 1) for sign in (1, -1)]
    for image, *sides in zip(layer(X, training=True), *ways, strict=True):
        assert any(np.allclose(image, side) for side in sides)


def test_the_factor_that_a_configuration_holds_makes_the_same_layer() -> None:
    """Keras refuses the range that its own configuration has."""
    layer = RandomShear(0.25, (0.125, 0.5))
    assert layer.x_factor == (-0.25, 0.25) and layer.y_factor == (0.125, 0.5)
    assert RandomShear.from_config(layer.get_config()).get_config() == layer.get_config()


def test_half_precision_moves_pixels_where_they_belong() -> None:
    wide = np.arange(512, dtype="float16").reshape(1, 1, 512, 1)
    layer = RandomTranslation(0.0, (1 / 512, 1 / 512), dtype="float16", fill_mode="nearest")
    np.testing.assert_array_equal(layer(wide, training=True)[0, 0, 1:, 0], wide[0, 0, :-1, 0])
