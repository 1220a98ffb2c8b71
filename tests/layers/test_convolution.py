"""Convolutional layers: weights, what they refuse, and a model that learns from images."""

import numpy as np
import pytest

from kmagic.base.errors import BadType, BadValue, ShapeMismatch
from kmagic.datasets import digits
from kmagic.layers import Conv1D, Conv2D, Conv3D, Dense, Flatten, Input, MaxPooling2D
from kmagic.models import Sequential
from kmagic.optimizers import Adam

IMAGES = np.random.default_rng(0).normal(size=(2, 6, 5, 4)).astype("float32")


def test_weights_have_the_shapes_of_keras() -> None:
    layer = Conv2D(6, (3, 2), groups=2)
    layer(IMAGES)
    assert [weight.shape for weight in layer.weights] == [(3, 2, 2, 6), (6,)]
    assert [weight.path for weight in Conv1D(2, 3, use_bias=False, name="c").weights] == []
    assert layer.count_params() == 3 * 2 * 2 * 6 + 6


def test_the_batch_and_places_may_be_unknown() -> None:
    assert Conv2D(3, 2).compute_output_shape((None, 6, 5, 4)) == (None, 5, 4, 3)
    assert Conv2D(3, 3, padding="same").compute_output_shape((None, None, None, 4)) == (None, None, None, 3)
    assert Conv2D(3, 2, strides=2, data_format="channels_first").compute_output_shape((None, 4, 6, 5)) == (
        None,
        3,
        3,
        2,
    )


def test_causal_outputs_do_not_see_what_comes_later() -> None:
    layer = Conv1D(3, 3, padding="causal", dilation_rate=2)
    x = np.random.default_rng(1).normal(size=(1, 8, 2)).astype("float32")
    later = x.copy()
    later[:, 5:] = 9
    np.testing.assert_array_equal(layer(x)[:, :5], layer(later)[:, :5])
    assert layer(x).shape == (1, 8, 3)


def test_words_are_read_in_any_case() -> None:
    assert Conv2D(1, 2, padding="SAME").get_config()["padding"] == "same"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"filters": 0, "kernel_size": 2}, "filters is 0"),
        ({"filters": 3, "kernel_size": 0}, "kernel_size is 0"),
        ({"filters": 3, "kernel_size": (1, 2, 3)}, "kernel_size is"),
        ({"filters": 3, "kernel_size": 2, "strides": 0}, "strides is 0"),
        ({"filters": 3, "kernel_size": 2, "groups": 2}, "groups is 2"),
        ({"filters": 3, "kernel_size": 2, "padding": "causal"}, "padding is 'causal'"),
        ({"filters": 3, "kernel_size": 2, "data_format": "last"}, "data_format is 'last'"),
        ({"filters": 3, "kernel_size": 2, "strides": 2, "dilation_rate": 2}, "strides is .* and dilation_rate"),
    ],
)
def test_what_makes_no_layer_is_refused(arguments, message) -> None:
    with pytest.raises((BadValue, BadType), match=f"Conv2D: {message}"):
        Conv2D(**arguments)


def test_inputs_that_do_not_fit_name_the_layer() -> None:
    layer = Conv2D(3, 3, name="edges")
    layer(IMAGES)
    with pytest.raises(ShapeMismatch, match="edges: 3 channels"):
        layer(IMAGES[..., :3])
    with pytest.raises(ShapeMismatch, match=r"edges: input of shape \[2 6 5\]"):
        layer(IMAGES[..., 0])
    with pytest.raises(ShapeMismatch, match="edges: an axis of 2 under a window of 3"):
        layer(IMAGES[:, :2])
    with pytest.raises(ShapeMismatch, match="groups"):
        Conv2D(3, 1, groups=3)(IMAGES)
    with pytest.raises(ShapeMismatch, match=r"m/edges: input of shape \[\? 28 28\]"):
        Sequential([Input((28, 28)), Conv2D(3, 3, name="edges")], name="m")


def test_volumes() -> None:
    layer = Conv3D(2, 2, kernel_initializer="ones", use_bias=False)
    np.testing.assert_array_equal(layer(np.ones((1, 2, 3, 2, 1))), np.full((1, 1, 2, 1, 2), 8))


def test_a_small_network_learns_digits() -> None:
    (x, y), (x_test, y_test) = digits()
    model = Sequential(
        [
            Input((8, 8, 1)),
            Conv2D(16, 3, activation="relu", padding="same"),
            MaxPooling2D(),
            Flatten(),
            Dense(10, activation="softmax"),
        ]
    )
    model.compile(Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    scaled, seen = (np.reshape(part, (-1, 8, 8, 1)) / np.max(x) for part in (x, x_test))
    history = model.fit(scaled, y, batch_size=64, epochs=5, verbose=0)
    assert history.history["loss"][-1] < 0.3
    assert model.evaluate(seen, y_test, verbose=0)[1] > 0.9


@pytest.mark.parametrize("size", [2.5, (2.5, 2), True, "3", None])
def test_sizes_that_are_no_whole_numbers_are_named(size: object) -> None:
    with pytest.raises(BadValue, match="Conv2D: kernel_size is "):
        Conv2D(3, size)
    with pytest.raises(BadValue, match="Conv2D: strides is "):
        Conv2D(3, 2, strides=size)


def test_sizes_may_be_whole_numbers_of_numpy() -> None:
    assert Conv2D(3, np.int64(2)).kernel_size == (2, 2)
    assert Conv2D(3, np.array([2, 3])).kernel_size == (2, 3)
