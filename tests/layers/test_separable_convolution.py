"""Separable convolutions: two steps in one, with fewer weights."""

import numpy as np

from kmagic.layers import Conv2D, DepthwiseConv2D, SeparableConv2D, SeparableConvolution1D

IMAGES = np.random.default_rng(0).normal(size=(2, 5, 4, 3))


def test_it_is_a_depthwise_convolution_and_a_mixture() -> None:
    layer = SeparableConv2D(5, 2, strides=2, depth_multiplier=2, dtype="float64")
    found = layer(IMAGES)
    deep, mix, bias = layer.get_weights()
    apart = DepthwiseConv2D(2, 2, depth_multiplier=2, use_bias=False, dtype="float64")
    apart.build((None, 5, 4, 3))
    apart.set_weights([deep])
    mixed = Conv2D(5, 1, dtype="float64")
    mixed.build((None, 2, 2, 6))
    mixed.set_weights([mix, bias])
    np.testing.assert_allclose(found, mixed(apart(IMAGES)), rtol=1e-12)


def test_weights_are_named_as_in_keras() -> None:
    layer = SeparableConvolution1D(4, 3)
    layer.build((None, 7, 2))
    assert [(w.name, w.shape) for w in layer.weights] == [
        ("depthwise_kernel", (3, 2, 1)),
        ("pointwise_kernel", (1, 2, 4)),
        ("bias", (4,)),
    ]
