"""Depthwise convolutions: channels stay apart."""

import numpy as np
import pytest

from kmagic.base.errors import BadType, BadValue, ShapeMismatch
from kmagic.layers import DepthwiseConv1D, DepthwiseConv2D

IMAGES = np.random.default_rng(0).normal(size=(2, 5, 4, 3))


def test_channels_stay_apart() -> None:
    layer = DepthwiseConv2D(2, depth_multiplier=2)
    before = layer(IMAGES)
    other = IMAGES.copy()
    other[..., 1] = 0
    changed = np.abs(layer(other) - before).max((0, 1, 2)) > 0
    assert changed.tolist() == [False, False, True, True, False, False]
    assert [weight.shape for weight in layer.weights] == [(2, 2, 3, 2), (6,)]


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises((BadValue, BadType), match="depth_multiplier is 0"):
        DepthwiseConv1D(2, depth_multiplier=0)
    layer = DepthwiseConv2D(2, name="apart")
    layer(IMAGES)
    with pytest.raises(ShapeMismatch, match="apart: 2 channels"):
        layer(IMAGES[..., :2])
