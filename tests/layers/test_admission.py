"""Errors that name the layer and what it was called on."""

from typing import Any

import numpy as np
import pytest

from kmagic import ops
from kmagic.base.errors import ShapeMismatch
from kmagic.layers import LSTM, AdditiveAttention, BatchNormalization, Bidirectional, Conv1D, Dense
from kmagic.layers.layer import Layer
from kmagic.models import Sequential


def refused(layer: Any, built: tuple[int, ...], called: tuple[int, ...]) -> str:
    """What a layer that was built for one shape says of another."""
    layer(np.zeros(built))
    with pytest.raises(ShapeMismatch) as caught:
        layer(np.zeros(called))
    return str(caught.value)


def test_the_layer_and_the_shape_are_named() -> None:
    windows = refused(Conv1D(2, 3, name="edges"), (1, 5, 2), (1, 5, 3))
    assert windows == "edges: 3 channels; called on [1 5 3]\nexpected: 2, as at the first call"
    assert refused(Dense(2, name="head"), (1, 5), (1, 6)).startswith("head: input of shape [1 6]\n")
    text = refused(BatchNormalization(name="scale"), (2, 3), (2, 3, 3))
    assert text == "scale: input of shape [2 3 3]\nexpected: [? 3], as at the first call"


def test_as_many_axes_as_the_class_declares() -> None:
    assert refused(LSTM(2, name="walk"), (1, 3, 2), (1, 2)).startswith("walk: input of shape [1 2]\nexpected: [batch")


def test_only_a_layer_that_was_built_for_them_asks_for_declared_axes() -> None:
    both = Bidirectional(LSTM(2), name="both")
    assert both(np.zeros((1, 3, 2))).shape == both(np.zeros((1, 7, 2))).shape == (1, 4)
    attention = AdditiveAttention(name="looks")
    assert attention([np.zeros((1, 2, 3)), np.zeros((1, 4, 3))]).shape == (1, 2, 3)
    with pytest.raises(ShapeMismatch, match=r"looks: .*called on \[1 2 5\] and \[1 4 3\]"):
        attention([np.zeros((1, 2, 5)), np.zeros((1, 4, 3))])


def test_the_innermost_layer_is_named_once() -> None:
    model = Sequential([Dense(3, name="first"), Dense(2, name="second")], name="net")
    model(np.zeros((1, 4)))
    with pytest.raises(ShapeMismatch) as caught:
        model(np.zeros((1, 5)))
    assert "first" in str(caught.value) and str(caught.value).count("called on") <= 1
    assert "second" not in str(caught.value)


def test_arrays_that_do_not_meet_in_a_users_layer() -> None:
    class Meets(Layer):
        def call(self, inputs: Any) -> Any:
            return ops.convert_to_tensor(inputs) + np.zeros((4,), "float32")

    with pytest.raises(ShapeMismatch, match=r"meets: .*\[2 3\]"):
        Meets(name="meets")(np.zeros((2, 3)))


def test_other_mistakes_of_a_users_layer_stay_their_own() -> None:
    class Wrong(Layer):
        def call(self, inputs: Any) -> Any:
            raise ValueError("mine")

    with pytest.raises(ValueError, match="^mine$") as caught:
        Wrong()(np.zeros((2, 3)))
    assert type(caught.value) is ValueError
