"""Edits of a model where it stands, and the way back."""

import numpy as np

from kmagic.layers import Activation, Dense, Flatten, Input, Rescaling, Softmax
from kmagic.models import Model, Sequential
from kmagic.models.editing import insert_before, insert_first, remember, set_activation, set_head, set_layers

X = np.random.default_rng(5).normal(size=(6, 4)).astype("float32")


def functional() -> Model:
    x = Input((4,))
    hidden = Dense(5, "relu", name="hidden")(x)
    return Model(x, [Dense(2, name="left")(hidden), Dense(1, name="right")(hidden)])


def test_another_head_keeps_the_layers_before_it() -> None:
    model = Sequential([Dense(5, "relu", input_dim=4), Dense(1)])
    first = model.layers[0].get_weights()
    undo = remember(model)
    before = model.predict(X, verbose=0)
    set_head(model, model.layers[-1], units=3, activation="softmax")
    assert model.output_shape == (None, 3)
    np.testing.assert_allclose(model.predict(X, verbose=0).sum(-1), 1, rtol=1e-6)
    np.testing.assert_array_equal(model.layers[0].get_weights()[0], first[0])
    undo()
    assert model.output_shape == (None, 1) and model.output.shape[-1] == 1
    np.testing.assert_array_equal(model.predict(X, verbose=0), before)


def test_a_functional_model_gets_another_head() -> None:
    model = functional()
    undo = remember(model)
    other = model.predict(X, verbose=0)[1]
    set_head(model, "left", units=3)
    assert [p.shape for p in model.predict(X, verbose=0)] == [(6, 3), (6, 1)]
    np.testing.assert_array_equal(model.predict(X, verbose=0)[1], other)
    assert model.output_names == ["left", "right"]
    undo()
    assert [p.shape for p in model.predict(X, verbose=0)] == [(6, 2), (6, 1)]


def test_a_layer_in_front_of_both_kinds() -> None:
    for model in (Sequential([Input((4,)), Dense(3)]), Sequential([Dense(3, input_dim=4)]), functional()):
        expected = model.predict(X * 0.5, verbose=0)
        undo = remember(model)
        insert_first(model, Rescaling(0.5))
        for ours, theirs in zip(model.predict(X, verbose=0), expected, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-6)
        assert "Rescaling" in [type(layer).__name__ for layer in model.layers]
        undo()
        for ours, theirs in zip(model.predict(X * 0.5, verbose=0), expected, strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_layers_whose_input_changes_get_fresh_weights() -> None:
    for model in (Sequential([Input((2, 2)), Dense(3), Dense(1)]), Sequential([Dense(3), Dense(1)])):
        model.predict(X.reshape(6, 2, 2), verbose=0)
        first, second = model.layers
        kept = second.get_weights()
        set_layers(model, [Flatten(), first, second])
        assert model.output_shape == (None, 1) and first.kernel.shape == (4, 3)
        np.testing.assert_array_equal(second.get_weights()[0], kept[0])


def test_a_layer_that_is_an_activation_makes_room_for_another() -> None:
    x = Input((4,))
    for model in (
        Sequential([Input((4,)), Dense(3), Softmax(name="shares")]),
        Model(x, Softmax(name="shares")(Dense(3)(x))),
    ):
        kept = model.get_weights()
        set_activation(model, "shares", "sigmoid")
        assert isinstance(model.get_layer("shares"), Activation)
        expected = 1 / (1 + np.exp(-(X @ kept[0] + kept[1])))
        np.testing.assert_allclose(model.predict(X, verbose=0), expected, rtol=1e-5)


def test_a_layer_before_another_of_both_kinds() -> None:
    x = Input((2, 2))
    for model in (Sequential([Input((2, 2)), Dense(3), Dense(1)]), Model(x, Dense(1)(Dense(3)(x)))):
        hidden, head = [layer for layer in model.layers if isinstance(layer, Dense)]
        kept = hidden.get_weights()
        insert_before(model, head, Flatten())
        assert model.output_shape == (None, 1) and head.kernel.shape == (6, 1)
        np.testing.assert_array_equal(hidden.get_weights()[0], kept[0])
        assert model.predict(X.reshape(6, 2, 2), verbose=0).shape == (6, 1)
