"""Sequential: the ways to make one, what its parts are called, and what is refused."""

from typing import Any

import numpy as np
import pytest

from kmagic.base.errors import BadType, BadValue, KmagicError, ShapeMismatch
from kmagic.layers import Dense, Dropout, Flatten, Input, InputLayer
from kmagic.models import Sequential


def shapes_of(model: Sequential) -> list[tuple[int, ...]]:
    return [weight.shape for weight in model.get_weights()]


ONE = [(5, 4), (4,), (4, 1), (1,)]


def by_adding() -> Sequential:
    model = Sequential()
    model.add(Dense(4, activation="relu", input_dim=5))
    model.add(Dense(1))
    return model


FORMS = {
    "list": lambda: Sequential([Dense(4, "relu", input_dim=5), Dense(1)]),
    "add": by_adding,
    "input": lambda: Sequential([Input(shape=(5,)), Dense(4, "relu"), Dense(1)]),
    "input layer": lambda: Sequential([InputLayer(shape=(5,)), Dense(4, "relu"), Dense(1)]),
    "input shape": lambda: Sequential([Dense(4, "relu", input_shape=(5,)), Dense(1)]),
    "tuple": lambda: Sequential((Dense(4, "relu", input_dim=5), Dense(1))),
    "batch size": lambda: Sequential([Input(batch_shape=(None, 5)), Dense(4, "relu"), Dense(1)]),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_makes_weights_at_once(form: str) -> None:
    model = FORMS[form]()
    assert model.built and shapes_of(model) == ONE and model.count_params() == 29
    assert (model.input_shape, model.output_shape) == ((None, 5), (None, 1))
    assert [type(layer).__name__ for layer in model.layers] == ["Dense", "Dense"]
    assert len(model.inputs) == len(model.outputs) == 1


def test_without_a_shape_the_first_data_make_the_weights() -> None:
    model = Sequential([Dense(4), Dense(1)])
    assert not model.built and model.weights == []
    model.compile("sgd", "mse")
    model.fit(np.ones((3, 5)), np.ones((3, 1)), verbose=0)
    assert model.built and shapes_of(model) == ONE
    called = Sequential([Dense(4), Dense(1)])
    assert called(np.ones((2, 5))).shape == (2, 1) and shapes_of(called) == ONE
    built = Sequential([Dense(4), Dense(1)])
    built.build((None, 5))
    assert shapes_of(built) == ONE and built.output_shape == (None, 1)


def test_pop_takes_the_last_layer_away() -> None:
    model = FORMS["list"]()
    kernel = model.get_weights()[0]
    last = model.layers[-1]
    assert model.pop() is last and model.output_shape == (None, 4)
    model.add(Dense(2))
    assert shapes_of(model) == [(5, 4), (4,), (4, 2), (2,)]
    np.testing.assert_array_equal(model.get_weights()[0], kernel)
    with pytest.raises(KmagicError, match="no layers"):
        Sequential().pop()


def test_a_model_is_a_layer_of_another() -> None:
    inner = Sequential([Dense(4, "relu", input_dim=5), Dense(3)], name="inner")
    model = Sequential([inner, Dense(1)])
    assert shapes_of(model) == [(5, 4), (4,), (4, 3), (3,), (3, 1), (1,)]
    x = np.ones((2, 5), "float32")
    by_hand = np.maximum(x @ inner.get_weights()[0], 0) @ inner.get_weights()[2] @ model.get_weights()[4]
    np.testing.assert_allclose(model.predict(x, verbose=0), by_hand, rtol=1e-5)
    model.compile("sgd", "mse")
    before = inner.get_weights()[0]
    model.fit(np.random.default_rng(0).normal(size=(8, 5)), np.ones(8), verbose=0)
    assert not np.array_equal(inner.get_weights()[0], before)
    assert model.get_layer("inner") is inner and model.get_layer(index=0) is inner


def test_names_are_unique_and_found() -> None:
    model = Sequential([Dense(2, input_dim=2, name="first"), Dense(2)])
    assert model.get_layer("first") is model.layers[0]
    assert model.layers[0].name != model.layers[1].name
    with pytest.raises(BadValue, match="a second layer 'first'") as caught:
        model.add(Dense(1, name="first"))
    assert caught.value.fix == "name='another'" and len(model.layers) == 2
    with pytest.raises(BadValue, match="no layer 'frist'"):
        model.get_layer("frist")


def test_a_layer_may_come_twice() -> None:
    again = Dense(3)
    model = Sequential([Input((3,)), again, again])
    assert model.layers == [again, again] and model.count_params() == 12
    x = np.ones((2, 3), "float32")
    kernel, bias = model.get_weights()
    np.testing.assert_allclose(model.predict(x, verbose=0), (x @ kernel + bias) @ kernel + bias, rtol=1e-5)


@pytest.mark.parametrize("stranger", [5, "dense", Dense, None, np.ones(3)])
def test_only_layers_can_be_added(stranger: Any) -> None:
    model = Sequential(name="m")
    with pytest.raises((BadType, BadValue), match="is no layer"):
        model.add(stranger)
    assert model.layers == []


def test_input_comes_first() -> None:
    with pytest.raises(BadValue, match="Input comes after another layer"):
        Sequential([Dense(2, input_dim=2), Input(shape=(2,))])


def test_a_layer_that_does_not_fit_is_not_added() -> None:
    model = Sequential([Dense(4, input_dim=5)])
    shared = Dense(3, input_dim=7)
    Sequential([shared])
    with pytest.raises(ShapeMismatch, match=r"\[\? 4\]"):
        model.add(shared)
    assert [layer.units for layer in model.layers] == [4] and model.output_shape == (None, 4)
    model.add(Dense(1))
    assert model.count_params() == 29


def test_a_model_without_layers_says_so() -> None:
    model = Sequential()
    model.compile("sgd", "mse")
    with pytest.raises(BadValue, match="there are no layers"):
        model.fit(np.ones((2, 2)), np.ones(2), verbose=0)


def test_weights_can_be_copied() -> None:
    first, second = FORMS["list"](), FORMS["add"]()
    second.set_weights(first.get_weights())
    x = np.random.default_rng(1).normal(size=(3, 5))
    np.testing.assert_array_equal(first.predict(x, verbose=0), second.predict(x, verbose=0))
    copies = first.get_weights()
    copies[0][:] = 7
    assert not (first.get_weights()[0] == 7).any()
    kept = first.get_weights()
    with pytest.raises(BadValue, match="3 arrays"):
        first.set_weights(kept[:3])
    with pytest.raises(ShapeMismatch, match=r"\[4 5\]"):
        first.set_weights([kept[0].T, *kept[1:]])
    for before, after in zip(kept, first.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)


def test_config_makes_an_equal_model() -> None:
    model = Sequential([Input(shape=(4, 2)), Flatten(), Dense(3, "relu"), Dropout(0.3), Dense(1)], name="original")
    again = Sequential.from_config(model.get_config())
    assert again.get_config() == model.get_config() and again.name == "original"
    assert shapes_of(again) == shapes_of(model)
    again.set_weights(model.get_weights())
    x = np.random.default_rng(2).normal(size=(3, 4, 2))
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
