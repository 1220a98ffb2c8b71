"""Errors that name the layer and what it was called on."""

from typing import Any

import numpy as np
import pytest

from kmagic import ops
from kmagic.base.errors import BadType, ShapeMismatch, UserCodeError
from kmagic.layers import (
    GRU,
    LSTM,
    Add,
    AdditiveAttention,
    BatchNormalization,
    Bidirectional,
    Conv1D,
    Dense,
    Dropout,
    Input,
)
from kmagic.layers.layer import Layer
from kmagic.models import Model, Sequential


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


@pytest.mark.parametrize(
    "call",
    [
        lambda layer, x: Dense(3)(layer),
        lambda layer, x: Add()([layer, x]),
        lambda layer, x: Add()([x, layer]),
        lambda layer, x: GRU(4)(Input((3, 4)), initial_state=layer),
        lambda layer, x: Sequential([Dense(2)])(layer),
        lambda layer, x: Model(x, Dense(2)(x))(layer),
    ],
)
def test_a_layer_that_was_not_called_is_named(call: Any) -> None:
    with pytest.raises(BadType, match="Dense 'first' is a layer that was not called") as caught:
        call(Dense(4, name="first"), Input((4,)))
    assert caught.value.fix == "Dense(units=4, name='first')(inputs)"


def test_a_layer_of_layers_is_called_by_its_name() -> None:
    with pytest.raises(BadType, match="Bidirectional 'both' is a layer that was not called") as caught:
        Dense(1)(Bidirectional(LSTM(2), name="both"))
    assert caught.value.fix == "both(inputs)"


def _forgetful(base: Any, prepare: Any) -> Any:
    class Forgetful(base):
        def __init__(self) -> None:
            prepare(self)

        def call(self, inputs: Any) -> Any:
            return inputs

    return Forgetful


@pytest.mark.parametrize("base", [Layer, Model])
@pytest.mark.parametrize(
    "prepare",
    [
        lambda layer: None,
        lambda layer: setattr(layer, "inner", Dense(3)),
        lambda layer: layer.add_weight((2,)),
        lambda layer: layer.name.upper(),
    ],
)
def test_a_constructor_that_forgets_its_base_is_told(base: Any, prepare: Any) -> None:
    with pytest.raises(
        UserCodeError, match=r"In layer 'Forgetful', you forgot to call `super\(\).__init__\(\)`"
    ) as caught:
        Sequential([Input((3,)), _forgetful(base, prepare)()])
    assert caught.value.fix == "super().__init__()"


def test_other_missing_attributes_stay_what_they_are() -> None:
    with pytest.raises(AttributeError, match="no attribute 'unist'"):
        _forgetful(Layer, lambda layer: layer.unist)()


@pytest.mark.parametrize(
    ("before", "behind", "name"),
    [
        ([LSTM(3, name="walk")], GRU(3), "walk"),
        ([LSTM(3, name="walk"), Dropout(0.1)], Conv1D(3, 2), "walk"),
        ([Bidirectional(LSTM(3), name="both")], Bidirectional(GRU(3)), "both"),
    ],
)
def test_a_recurrent_layer_before_has_to_return_sequences(before: Any, behind: Any, name: str) -> None:
    with pytest.raises(ShapeMismatch) as caught:
        Sequential([Input((5, 2)), *before, behind])
    assert caught.value.fix == f"return_sequences=True in {name}, the recurrent layer before it"


def test_what_is_no_sequence_from_the_start_needs_an_axis() -> None:
    with pytest.raises(ShapeMismatch) as caught:
        Sequential([Input((5,)), GRU(3)])
    assert caught.value.fix == "x[..., None] for sequences of single numbers"
