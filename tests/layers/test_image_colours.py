"""Colours: grey, hue and saturation against the standard library."""

import colorsys

import numpy as np

from kmagic.layers import RandomColorDegeneration, RandomColorJitter, RandomGrayscale, RandomHue, RandomSaturation

X = np.random.default_rng(0).uniform(0.05, 0.95, (2, 3, 4, 3))
GREY = X @ [0.2989, 0.587, 0.114]


def by_pixel(change) -> np.ndarray:
    """Images whose pixels (hue, saturation, value) are changed."""
    return np.apply_along_axis(lambda pixel: np.array(colorsys.hsv_to_rgb(*change(*colorsys.rgb_to_hsv(*pixel)))), 3, X)


def test_images_without_colours() -> None:
    found = RandomGrayscale(1.0, dtype="float64")(X, training=True)
    np.testing.assert_allclose(found, np.repeat(GREY[..., None], 3, -1))
    half = RandomColorDegeneration((0.5, 0.5), value_range=(0, 1), dtype="float64")(X, training=True)
    np.testing.assert_allclose(half, (X + GREY[..., None]) / 2)


def test_colours_along_the_rainbow_and_round_its_end() -> None:
    expected = by_pixel(lambda h, s, v: ((h + 0.2) % 1, s, v))
    for high in (1, 255):
        layer = RandomHue(0.5, value_range=(0, high), dtype="float64")
        found = layer.transform_images(X * high, {"factor": np.array([0.2, 0.2])}) / high
        np.testing.assert_allclose(found, expected, atol=1e-12)


def test_saturation_ends_at_full_colours() -> None:
    """Keras lets it go up to the end of value_range, 255, where colours are negative."""
    for high in (1, 255):
        layer = RandomSaturation((0.8, 0.8), value_range=(0, high), dtype="float64")
        expected = by_pixel(lambda h, s, v: (h, min(s * 4, 1), v))
        np.testing.assert_allclose(layer(X * high, training=True) / high, expected, atol=1e-6)
    grey = RandomSaturation((-0.5, 0.0))(X, training=True)
    np.testing.assert_allclose(grey, np.repeat(X.max(-1, keepdims=True), 3, -1), rtol=1e-6)


def test_jitter_is_its_steps_one_after_the_other() -> None:
    layer = RandomColorJitter((0, 1), brightness_factor=(0.1, 0.1), saturation_factor=(0.0, 0.0), dtype="float64")
    expected = np.minimum(X + 0.1, 1).max(-1, keepdims=True)
    np.testing.assert_allclose(layer(X, training=True), np.repeat(expected, 3, -1), atol=1e-9)
    np.testing.assert_array_equal(RandomColorJitter(dtype="float64")(X, training=True), X)
