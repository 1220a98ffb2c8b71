"""Models of symbols as plain data: what stands there, and that the same model comes back."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from kmagic import Input, Model, Variable, ops
from kmagic.base.errors import Unsupported
from kmagic.layers import Add, BatchNormalization, Concatenate, Dense, Flatten, Layer, TimeDistributed
from kmagic.models import Sequential

X = np.random.default_rng(0).normal(size=(6, 4)).astype("float32")


def shared() -> Model:
    first, second, layer = Input((4,), name="a"), Input((4,), name="b"), Dense(3, name="shared")
    return Model([first, second], Add(name="add")([layer(first), layer(second)]), name="m")


def nested() -> Model:
    x = Input((4,), name="x")
    deepest = Sequential([Input((4,)), Dense(4, "relu", name="in"), BatchNormalization(name="norm")], name="deepest")
    y = Input((4,), name="y")
    middle = Model(y, [deepest(y), Dense(2, name="side")(y)], name="middle")
    one, two = middle(x)
    return Model(x, Concatenate(name="both")([one, two, Dense(2, name="last")(one)]), name="m")


def operations() -> Model:
    x = Input((4,), name="x")
    y = ops.reshape(x * 2 + np.arange(4, dtype="float32"), (-1, 2, 2))[:, ::-1]
    z = ops.mean(y, axis=1) / ops.cast(ops.shape(x)[0], "float32")
    return Model(x, Dense(1, name="out")(ops.softmax(z, axis=-1)), name="m")


def dictionaries() -> Model:
    a, b = Input((4,), name="a"), Input((4,), name="b")
    return Model({"one": a, "two": b}, {"sum": a + b, "parts": (Dense(2, name="d")(a), b)}, name="m")


def open_axes() -> Model:
    x = Input((None, 4), name="x")
    return Model(x, TimeDistributed(Sequential([Flatten(), Dense(2)]), name="each")(ops.flip(x, 1)), name="m")


CASES: dict[str, tuple[Callable[[], Model], Any]] = {
    "shared": (shared, [X, -X]),
    "nested": (nested, X),
    "operations": (operations, X),
    "dictionaries": (dictionaries, {"one": X, "two": 2 * X}),
    "open axes": (open_axes, np.stack([X, -X, X], 1)),
}


def same(found: Any, wanted: Any) -> None:
    if isinstance(wanted, dict):
        assert list(found) == list(wanted)
        found, wanted = list(found.values()), list(wanted.values())
    if isinstance(wanted, list | tuple):
        for one, other in zip(found, wanted, strict=True):
            same(one, other)
    else:
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("name", CASES)
def test_the_same_model_comes_back(name: str) -> None:
    make, x = CASES[name]
    model = make()
    config = json.loads(json.dumps(model.get_config()))
    again = Model.from_config(config)
    assert json.loads(json.dumps(again.get_config())) == config
    assert [layer.name for layer in again.layers] == [layer.name for layer in model.layers]
    assert [weight.shape for weight in again.weights] == [weight.shape for weight in model.weights]
    again.set_weights(model.get_weights())
    same(again.predict(x, verbose=0), model.predict(x, verbose=0))


def test_what_stands_there_is_what_keras_writes() -> None:
    config = shared().get_config()
    # as Keras 3.15.1 writes the same model
    assert sorted(config) == ["input_layers", "layers", "name", "output_layers", "trainable"]
    assert config["input_layers"] == [["a", 0, 0], ["b", 0, 0]] and config["output_layers"] == ["add", 0, 0]
    entries = {entry["name"]: entry for entry in config["layers"]}
    assert list(entries) == ["a", "b", "shared", "add"] and entries["a"]["inbound_nodes"] == []
    assert [call["args"][0]["config"]["keras_history"] for call in entries["shared"]["inbound_nodes"]] == [
        ["a", 0, 0],
        ["b", 0, 0],
    ]
    (call,) = entries["add"]["inbound_nodes"]
    assert call["args"] == [
        [
            {
                "class_name": "__keras_tensor__",
                "config": {"shape": [None, 3], "dtype": "float32", "keras_history": ["shared", number, 0]},
            }
            for number in (0, 1)
        ]
    ]


def test_models_inside_count_their_making_as_a_call_as_in_keras() -> None:
    config = nested().get_config()
    (call,) = next(entry for entry in config["layers"] if entry["name"] == "both")["inbound_nodes"]
    taken = [value["config"]["keras_history"] for value in call["args"][0]]
    assert taken == [["middle", 1, 0], ["middle", 1, 1], ["last", 0, 0]]


def test_layers_of_the_users_own() -> None:
    class Times(Layer):
        def __init__(self, factor: float, name: str | None = None, trainable: bool = True, dtype: Any = None) -> None:
            super().__init__(name=name, trainable=trainable, dtype=dtype)
            self.factor = factor

        def call(self, inputs: Any) -> Any:
            return inputs * self.factor

    x = Input((4,))
    model = Model(x, Times(3.0)(x))
    again = Model.from_config(model.get_config(), {"Times": Times})
    np.testing.assert_array_equal(again(X), 3 * X)


def test_a_frozen_layer_stays_frozen() -> None:
    model = shared()
    model.get_layer("shared").trainable = False
    assert Model.from_config(model.get_config()).trainable_weights == []


def test_sequential_inside_sequential() -> None:
    model = Sequential([Sequential([Input((4,)), Dense(2)], name="inner"), Dense(1)], name="outer")
    again = Sequential.from_config(json.loads(json.dumps(model.get_config())))
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again.predict(X, verbose=0), model.predict(X, verbose=0))


@pytest.mark.parametrize("what", ["a branch", "a variable"])
def test_what_cannot_be_written_says_so(what: str) -> None:
    x = Input((4,))
    y = x * Variable(2.0) if what == "a variable" else ops.cond(ops.sum(x) > 0, lambda: x, lambda: -x)
    with pytest.raises(Unsupported, match="in a layer of your own"):
        Model(x, y).get_config()
