"""Pooling layers: sizes, defaults, and what they refuse."""

import numpy as np
import pytest

from kmagic.base.errors import BadValue, ShapeMismatch
from kmagic.layers import AveragePooling2D, AvgPool1D, MaxPool2D, MaxPooling1D, MaxPooling2D, MaxPooling3D

IMAGES = np.random.default_rng(0).normal(size=(2, 6, 5, 3))


def test_strides_are_the_pool_size_by_default() -> None:
    assert MaxPooling2D((3, 2)).get_config()["strides"] == [3, 2]
    assert MaxPooling2D((3, 2))(IMAGES).shape == (2, 2, 2, 3)
    assert MaxPooling2D((3, 2), 1)(IMAGES).shape == (2, 4, 4, 3)
    assert MaxPooling2D(padding="same")(IMAGES).shape == (2, 3, 3, 3)


def test_short_names() -> None:
    assert MaxPool2D is MaxPooling2D
    assert AvgPool1D(2).get_config()["pool_size"] == [2]


def test_channels_first() -> None:
    first = np.moveaxis(IMAGES, -1, 1)
    for layer in (MaxPooling2D, AveragePooling2D):
        expected = np.moveaxis(layer(2)(IMAGES), -1, 1)
        np.testing.assert_array_equal(layer(2, data_format="channels_first")(first), expected)
    assert MaxPooling3D().compute_output_shape((None, 4, 4, 5, 2)) == (None, 2, 2, 2, 2)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(BadValue, match="MaxPooling1D: pool_size is 0"):
        MaxPooling1D(0)
    with pytest.raises(BadValue, match="AveragePooling2D: padding is 'causal'"):
        AveragePooling2D(2, padding="causal")
    with pytest.raises(ShapeMismatch, match=r"p: input of shape \[2 6 5\]"):
        MaxPooling2D(name="p")(IMAGES[..., 0])
    with pytest.raises(ShapeMismatch, match="p: an axis of 6 under a window of 7"):
        MaxPooling2D(7, name="p")(IMAGES)
