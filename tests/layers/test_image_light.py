"""Light: brightness, contrast, negatives and shades against NumPy."""

import numpy as np
import pytest

from kmagic.base.errors import BadValue
from kmagic.layers import (
    AutoContrast,
    Equalization,
    RandomBrightness,
    RandomContrast,
    RandomInvert,
    RandomPosterization,
    Solarization,
)

SHADES = np.random.default_rng(0).integers(0, 256, (2, 5, 6, 3)).astype("uint8")
FLOATS = SHADES.astype("float64")


def test_bytes_become_brighter_by_fractions_too() -> None:
    """Keras adds to bytes in bytes, so that −0.1 of the range becomes +231."""
    found = RandomBrightness((-0.1, -0.1))(SHADES, training=True)
    np.testing.assert_allclose(found, np.clip(FLOATS - 25.5, 0, 255), rtol=1e-6)


def test_contrast_is_about_the_mean_of_each_channel() -> None:
    given = {"contrast_factor": np.array([0.5, 2.0]).reshape(2, 1, 1, 1)}
    mean = FLOATS.mean((1, 2), keepdims=True)
    expected = np.clip((FLOATS - mean) * given["contrast_factor"] + mean, 0, 255)
    np.testing.assert_allclose(RandomContrast(0.5, dtype="float64").transform_images(SHADES, given), expected)


def test_negatives_in_the_range_of_values() -> None:
    np.testing.assert_array_equal(RandomInvert((1.0, 1.0))(SHADES, training=True), 255 - FLOATS)


def test_what_is_above_the_threshold_becomes_its_negative() -> None:
    layer = Solarization((0.2, 0.2), (0.5, 0.5), dtype="float64")
    given = {"additions": np.full((2, 1, 1, 1), 51.0), "thresholds": np.full((2, 1, 1, 1), 127.5)}
    added = np.minimum(FLOATS + 51, 255)
    expected = np.where(added < 127.5, added, 255 - added)
    np.testing.assert_allclose(layer.transform_images(SHADES, given), expected)
    small = Solarization((0.2, 0.2), (0.5, 0.5), value_range=(-1, 1), dtype="float64")
    np.testing.assert_allclose(small.transform_images(FLOATS / 127.5 - 1, given), expected / 127.5 - 1, atol=1e-12)


def test_stretched_channels_reach_both_ends_and_flat_ones_stay() -> None:
    flat = np.concatenate([FLOATS[..., :1] / 2 + 30, np.full((2, 5, 6, 1), 7.0)], -1)
    found = AutoContrast(dtype="float64")(flat)
    np.testing.assert_array_equal(found[..., 1], 7.0)
    ends = found[..., 0].min((1, 2)), found[..., 0].max((1, 2))
    np.testing.assert_allclose(ends, [[0, 0], [255, 255]], atol=1e-9)


def test_equal_shares_of_shades() -> None:
    found = Equalization(dtype="float64")(SHADES, training=True)
    for channel in range(3):
        values = FLOATS[..., channel].ravel()
        at_most = (values[:, None] >= values).sum(1)
        first = at_most[values == values.min()][0]
        expected = np.round((at_most - first) * 255 / (values.size - first))
        np.testing.assert_array_equal(found[..., channel].ravel(), expected)
    np.testing.assert_array_equal(Equalization()(np.full((1, 2, 2, 1), 9.0), training=True), 9.0)
    np.testing.assert_allclose(
        Equalization(value_range=(0, 1), dtype="float64")(FLOATS / 255, training=True), found / 255
    )


def test_the_first_bits_of_each_pixel() -> None:
    np.testing.assert_array_equal(RandomPosterization((3, 3))(SHADES, training=True), SHADES >> 5 << 5)
    with pytest.raises(BadValue, match="RandomPosterization: factor is 9"):
        RandomPosterization(9)
