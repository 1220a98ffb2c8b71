"""Dictionaries of data: keys beside those of the inputs are left out, missing ones are named with the closest."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from kmagic import Input, Model
from kmagic.base.errors import BadData
from kmagic.layers import Concatenate, Dense
from kmagic.models import Sequential
from kmagic.models.preparation import Preparation, Standardize

GENERATOR = np.random.default_rng(3)
TITLE, BODY = GENERATOR.normal(size=(8, 3)), GENERATOR.normal(size=(8, 5))
Y = GENERATOR.normal(size=(8, 1))
WHOLE = {"title": TITLE, "body": BODY}
EXTRA = {"aside": np.array(["a"] * 8), **WHOLE, "year": np.ones(8)}


def model_of(as_dictionary: bool = False) -> Any:
    title, body = Input((3,), name="title"), Input((5,), name="body")
    joined = Concatenate()([title, body])
    inputs = {"title": title, "body": body} if as_dictionary else [title, body]
    model = Model(inputs, Dense(1, kernel_initializer="ones")(joined), name="m")
    model.compile("sgd", "mse")
    return model


CALLS: dict[str, Callable[[Any, Any], Any]] = {
    "fit": lambda model, x: model.fit(x, Y, verbose=0, shuffle=False).history["loss"],
    "a stream": lambda model, x: model.fit(iter([(x, Y)]), steps_per_epoch=1, verbose=0).history["loss"],
    "validation": lambda model, x: model.fit(WHOLE, Y, validation_data=(x, Y), verbose=0).history["val_loss"],
    "evaluate": lambda model, x: model.evaluate(x, Y, verbose=0),
    "evaluate a stream": lambda model, x: model.evaluate(iter([(x, Y)]), steps=1, verbose=0),
    "predict": lambda model, x: model.predict(x, verbose=0),
    "predict a stream": lambda model, x: model.predict(iter([(x,)]), steps=1, verbose=0),
    "call": lambda model, x: model(x),
    "train_on_batch": lambda model, x: model.train_on_batch(x, Y),
    "predict_on_batch": lambda model, x: model.predict_on_batch(x),
}


@pytest.mark.parametrize("as_dictionary", [False, True])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_keys_beside_those_of_the_inputs_are_left_out(call: Any, as_dictionary: bool) -> None:
    found, expected = (call(model_of(as_dictionary), x) for x in (EXTRA, WHOLE))
    np.testing.assert_array_equal(found, expected)


def test_what_is_left_out_does_not_move_the_others() -> None:
    expected = TITLE.sum(-1, keepdims=True) + BODY.sum(-1, keepdims=True)
    np.testing.assert_allclose(model_of().predict(EXTRA, verbose=0), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("as_dictionary", [False, True])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_missing_key_is_named_with_the_closest(call: Any, as_dictionary: bool) -> None:
    model = model_of(as_dictionary)
    before = model.get_weights()
    with pytest.raises(BadData, match="missing data for input \"title\" among the keys 'titel', 'body'") as caught:
        call(model, {"titel": TITLE, "body": BODY})
    assert "K137" not in str(caught.value)
    assert caught.value.expected == "the keys 'title', 'body'"
    # what mends x would not mend the data of validation
    assert caught.value.fix == (None if call is CALLS["validation"] else "'title' in place of 'titel'")
    assert model.input_shape in ([(None, 3), (None, 5)], {"title": (None, 3), "body": (None, 5)})
    np.testing.assert_equal(model.get_weights(), before)


def test_a_key_that_is_like_no_other_has_no_fix() -> None:
    with pytest.raises(BadData, match='missing data for input "title"') as caught:
        model_of().fit({"body": BODY, "year": np.ones(8)}, Y)
    assert caught.value.fix is None


def test_the_one_input_of_a_model_goes_by_its_name() -> None:
    x = Input((3,), name="title")
    joined = Model(x, Dense(1)(x))
    stacked = Sequential([x, Dense(1)])
    for model in (joined, stacked):
        model.compile("sgd", "mse")
        model.fit({"title": TITLE, "body": BODY}, Y, verbose=0)
        expected = model.predict(TITLE, verbose=0)
        np.testing.assert_array_equal(model.predict({"title": TITLE, "body": BODY}, verbose=0), expected)


def test_steps_before_the_model_find_their_input_beside_other_keys() -> None:
    model = model_of()
    model.preparation = Preparation((Standardize([1.0] * 5, [2.0] * 5, 1),))
    x = {**EXTRA, "aside": TITLE}
    expected = TITLE.sum(-1, keepdims=True) + ((BODY - 1) / 2).sum(-1, keepdims=True)
    np.testing.assert_allclose(model.predict(x, verbose=0), expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(CALLS["fit"](model, x), CALLS["evaluate"](_prepared_alike(model), WHOLE), rtol=1e-6)


def _prepared_alike(model: Any) -> Any:
    other = model_of()
    other.preparation = model.preparation
    return other
