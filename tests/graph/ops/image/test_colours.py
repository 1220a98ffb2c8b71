"""Colours: there and back, grey of whole numbers, and what is refused."""

import numpy as np
import pytest

from kmagic import ops
from kmagic.base.errors import BadValue, ShapeMismatch

X = np.random.default_rng(0).uniform(0, 1, (2, 3, 4, 3))


def test_there_and_back_again() -> None:
    np.testing.assert_allclose(ops.image.hsv_to_rgb(ops.image.rgb_to_hsv(X)), X, atol=1e-14)
    first = X.transpose(0, 3, 1, 2)
    hues = ops.image.rgb_to_hsv(first, data_format="channels_first")
    np.testing.assert_array_equal(hues.transpose(0, 2, 3, 1), ops.image.rgb_to_hsv(X))


def test_grey_and_black_have_no_hue() -> None:
    pixels = np.array([[[0.0, 0.0, 0.0], [0.5, 0.5, 0.5], [1.0, 1.0, 1.0]]])
    np.testing.assert_array_equal(ops.image.rgb_to_hsv(pixels)[0], [[0, 0, 0], [0, 0, 0.5], [0, 0, 1]])


def test_grey_of_bytes_is_bytes_and_of_one_channel_itself() -> None:
    found = ops.image.rgb_to_grayscale(np.array([[[255, 0, 0]]], "uint8"))
    assert (found.dtype, found.tolist()) == ("uint8", [[[76]]])
    np.testing.assert_array_equal(ops.image.rgb_to_grayscale(X[..., :1]), X[..., :1])


def test_what_has_no_colours_is_refused() -> None:
    with pytest.raises(ShapeMismatch, match="of 2 channels"):
        ops.image.rgb_to_grayscale(X[..., :2])
    with pytest.raises(BadValue, match="images of dtype uint8"):
        ops.image.rgb_to_hsv((X * 255).astype("uint8"))
