"""Edits of a model where it stands, and the way back."""

import numpy as np

from kmagic import ops
from kmagic.base.trees import leaves
from kmagic.layers import Activation, Dense, Dropout, Flatten, Input, Rescaling, Softmax
from kmagic.models import Model, Sequential
from kmagic.models.diagnosis.facts.model import repeated
from kmagic.models.editing import (
    insert_before,
    insert_first,
    remember,
    separate,
    set_activation,
    set_head,
    set_input,
    set_layers,
    set_units,
)

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


def test_inputs_of_another_width() -> None:
    wide = np.concatenate([X, X], 1)
    for model in (
        Sequential([Input((4,), name="table"), Dense(3), Dense(1, name="head")]),
        Sequential([Dense(3, input_dim=4), Dense(1, name="head")]),
        functional(),
    ):
        kept = model.layers[-1].get_weights()
        undo = remember(model)
        before = model.predict(X, verbose=0)
        set_input(model, (8,))
        assert model.input_shape == (None, 8)
        assert {len(p) for p in leaves(model.predict(wide, verbose=0))} == {6}
        np.testing.assert_array_equal(model.layers[-1].get_weights()[0], kept[0])
        undo()
        assert model.input_shape == (None, 4)
        for ours, theirs in zip(leaves(model.predict(X, verbose=0)), leaves(before), strict=True):
            np.testing.assert_array_equal(ours, theirs)
        set_input(model, (8,))
        model.compile("sgd", "mse", validate=False)
        model.train_on_batch(wide, [np.zeros((6, 2)), np.zeros(6)] if model.outputs[1:] else np.zeros(6))


def test_one_of_several_inputs_through_operations_and_rows_of_unknown_length() -> None:
    first, second = Input((2,), name="first"), Input((None, 3), name="second")
    model = Model([first, second], Dense(1)(ops.concatenate([Dense(4)(first), ops.mean(second, 1)], -1)))
    set_input(model, (None, 5), place=1)
    assert model.input_names == ["first", "second"] and model.input_shape == [(None, 2), (None, None, 5)]
    assert model.predict([X[:, :2], np.ones((6, 7, 5))], verbose=0).shape == (6, 1)
    assert model.layers[-1].get_weights()[0].shape == (9, 1)


def looped(times: int) -> Model:
    x = Input((4,))
    same, out = Dense(4, name="same"), x
    for _ in range(times):
        out = same(out)
    return Model(x, Dense(1, name="head")(out))


def test_a_layer_on_its_own_output_is_told_with_its_number() -> None:
    for times in (2, 4):
        assert {layer.name: count for layer, count in repeated(looped(times)).items()} == {"same": times}


def test_a_layer_on_two_inputs_is_shared_and_not_repeated() -> None:
    one, other = Input((4,)), Input((4,))
    shared = Dense(3)
    assert repeated(Model([one, other], Dense(1)(shared(one) - shared(other)))) == {}


def test_each_call_gets_a_layer_of_its_own() -> None:
    model = looped(3)
    kernel = model.get_layer("same").kernel.numpy()
    separate(model, "same")
    assert repeated(model) == {} and model.count_params() == 3 * 20 + 5
    np.testing.assert_array_equal(model.get_layer("same").kernel.numpy(), kernel)
    by_hand = X
    for name in ("same", "same_1", "same_2", "head"):
        layer = model.get_layer(name)
        by_hand = by_hand @ layer.kernel.numpy() + layer.bias.numpy()
    np.testing.assert_allclose(model.predict(X, verbose=0), by_hand, rtol=1e-4, atol=1e-5)


def test_units_inside_change_with_the_weights_behind_them() -> None:
    x = Input((4,))
    chain = [Dense(3, name="first"), Dense(1, name="narrow"), Dropout(0.5), Dense(2, name="head")]
    first, narrow, thinned, head = (type(layer).from_config(layer.get_config()) for layer in chain)
    for model in (Sequential([Input((4,)), *chain]), Model(x, head(thinned(narrow(first(x)))))):
        kept = model.get_layer("first").kernel.numpy()
        set_units(model, "narrow", 5)
        assert model.get_layer("narrow").kernel.shape == (3, 5) and model.get_layer("head").kernel.shape == (5, 2)
        np.testing.assert_array_equal(model.get_layer("first").kernel.numpy(), kept)
        assert model.predict(X, verbose=0).shape == (6, 2)
