"""Transposed convolutions: sizes, weights, and what they refuse; an autoencoder comes back to the size it had."""

import numpy as np
import pytest

from kmagic.base.errors import BadValue, ShapeMismatch
from kmagic.layers import Conv1DTranspose, Conv2D, Conv2DTranspose, Conv3DTranspose, Input
from kmagic.models import Sequential
from kmagic.utils import set_random_seed


@pytest.mark.parametrize(
    ("options", "size"),
    [
        ({}, 7),
        ({"strides": 2}, 11),
        ({"strides": 2, "padding": "same"}, 10),
        ({"strides": 2, "output_padding": 1}, 12),
        ({"dilation_rate": 2}, 9),
    ],
)
def test_sizes(options, size) -> None:
    layer = Conv1DTranspose(2, 3, **options)
    assert layer.compute_output_shape((None, 5, 4)) == (None, size, 2)
    assert layer.weights[0].shape == (3, 2, 4)


def test_an_autoencoder_comes_back() -> None:
    set_random_seed(1)
    model = Sequential(
        [
            Input((8, 8, 1)),
            Conv2D(4, 3, strides=2, padding="same", activation="relu"),
            Conv2DTranspose(1, 3, strides=2, padding="same"),
        ]
    )
    model.compile("adam", "mse")
    x = np.random.default_rng(0).uniform(size=(64, 8, 8, 1))
    losses = model.fit(x, x, batch_size=16, epochs=8, verbose=0).history["loss"]
    assert model.output_shape == (None, 8, 8, 1) and losses[-1] < 0.8 * losses[0]


def test_what_does_not_fit_is_refused() -> None:
    for wrong in (1, -1, (0, 1)):
        with pytest.raises(BadValue, match="Conv1DTranspose: output_padding is"):
            Conv1DTranspose(2, 3, output_padding=wrong)
    with pytest.raises(BadValue, match="Conv3DTranspose: strides is"):
        Conv3DTranspose(2, 3, strides=2, dilation_rate=2)
    layer = Conv2DTranspose(2, 2, name="up")
    layer(np.ones((1, 2, 2, 3)))
    with pytest.raises(ShapeMismatch, match="up: 4 channels"):
        layer(np.ones((1, 2, 2, 4)))
