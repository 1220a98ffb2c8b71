"""Models made of symbols: what is joined, in which order, and run on other values."""

from typing import Any

import numpy as np
import pytest

from kmagic import Input, Model, Variable, ops, random
from kmagic.base.errors import BadData, BadType, BadValue, ShapeMismatch, Unsupported
from kmagic.layers import Dense, Dropout, Layer
from kmagic.models import Sequential
from kmagic.optimizers import SGD

X = np.random.default_rng(0).normal(size=(6, 4)).astype("float32")


def two_headed() -> Model:
    x = Input((4,), name="x")
    hidden = Dense(3, activation="tanh", name="hidden")(x)
    return Model(x, [Dense(1, name="price")(hidden), Dense(2, name="kind")(hidden)])


def by_hand(model: Model, x: Any) -> list[Any]:
    kernel, bias, price, price_bias, kind, kind_bias = model.get_weights()
    hidden = np.tanh(x @ kernel + bias)
    return [hidden @ price + price_bias, hidden @ kind + kind_bias]


def test_outputs_are_those_of_the_layers() -> None:
    model = two_headed()
    for found in (model.predict(X, verbose=0), model(X)):
        for part, wanted in zip(found, by_hand(model, X), strict=True):
            np.testing.assert_allclose(part, wanted, rtol=1e-5)


def test_names_shapes_and_layers() -> None:
    model = two_headed()
    assert model.input_names == ["x"] and model.output_names == ["price", "kind"]
    assert model.input_shape == (None, 4) and model.output_shape == [(None, 1), (None, 2)]
    assert [layer.name for layer in model.layers] == ["x", "hidden", "price", "kind"]
    assert [variable.path for variable in model.weights[:2]] == ["hidden/kernel", "hidden/bias"]
    assert model.count_params() == 15 + 4 + 8
    assert model.get_layer("kind").output is model.outputs[1] and model.get_layer("hidden").input is model.input


def test_operations_between_layers_and_shared_layers() -> None:
    first, second = Input((4,)), Input((4,))
    shared = Dense(2)
    model = Model([first, second], ops.concatenate([shared(first) * 2, 1 - shared(second)], axis=-1))
    kernel, bias = model.get_weights()
    a, b = X[:, ::-1], X
    wanted = np.concatenate([(a @ kernel + bias) * 2, 1 - (b @ kernel + bias)], axis=-1)
    np.testing.assert_allclose(model.predict([a, b], verbose=0), wanted, rtol=1e-5)
    np.testing.assert_allclose(model([a, b]), wanted, rtol=1e-5)


def test_operations_that_know_the_batch() -> None:
    x = Input((4,))
    model = Model(x, ops.reshape(x, (-1, 2, 2)) / ops.cast(ops.shape(x)[0], "float32"))
    for rows in (1, 6):
        wanted = X[:rows].reshape(-1, 2, 2) / rows
        np.testing.assert_allclose(model.predict(X[:rows], verbose=0), wanted, rtol=1e-6)
        np.testing.assert_allclose(model(X[:rows]), wanted, rtol=1e-6)


def test_inputs_by_name() -> None:
    model = Model({"left": Input((4,), name="a"), "right": (r := Input((4,), name="b"))}, Dense(1)(r))
    given = {"right": X, "left": 0 * X}
    np.testing.assert_allclose(model.predict(given, verbose=0), model(given), rtol=1e-6)
    with pytest.raises(BadData, match="left"):
        model({"right": X, "middle": X})


def test_dictionaries_come_out_as_they_were_made() -> None:
    x = Input((4,))
    model = Model(x, {"one": Dense(1)(x), "all": (Dense(2)(x), x)})
    found = model.predict(X, verbose=0)
    assert list(found) == ["one", "all"] and found["one"].shape == (6, 1)
    np.testing.assert_array_equal(found["all"][1], X)


def test_models_inside_models() -> None:
    x = Input((4,))
    inner = Sequential([Input((4,)), Dense(3, activation="relu", name="deep")], name="inner")
    model = Model(x, Dense(1, name="head")(inner(x)))
    np.testing.assert_allclose(model.predict(X, verbose=0), model.get_layer("head")(inner(X)), rtol=1e-5)
    assert [variable.path for variable in model.weights] == [
        "inner/deep/kernel",
        "inner/deep/bias",
        "head/kernel",
        "head/bias",
    ]


def test_parts_of_a_model_make_another() -> None:
    whole = two_headed()
    part = Model(whole.input, whole.get_layer("hidden").output)
    np.testing.assert_allclose(part(X), np.tanh(X @ whole.get_weights()[0] + whole.get_weights()[1]), rtol=1e-5)
    stacked = Sequential([Input((4,)), Dense(3, name="first"), Dense(1)])
    inside = Model(stacked.input, stacked.get_layer("first").output)
    np.testing.assert_allclose(inside(X), stacked.layers[0](X), rtol=1e-6)
    assert inside.weights == stacked.weights[:2]


def test_training_one_trains_the_other() -> None:
    whole = two_headed()
    before = whole.get_weights()[0]
    part = Model(whole.input, whole.get_layer("hidden").output)
    part.compile("sgd", "mse")
    part.fit(X, np.ones((6, 3)), verbose=0)
    assert not np.allclose(whole.get_weights()[0], before)


def test_layers_know_whether_they_train() -> None:
    x = Input((4,))
    model = Model(x, Dropout(0.5)(x))
    np.testing.assert_array_equal(model.predict(X, verbose=0), X)
    fixed = Model(x, Dropout(0.5)(x, training=True))
    assert (fixed.predict(X, verbose=0) == 0).any()


def test_arguments_of_calls_are_kept() -> None:
    class Scaled(Layer):
        def call(self, inputs: Any, factor: Any = 1.0, beside: Any = None) -> Any:
            return inputs * factor + (0 if beside is None else beside["it"])

    x = Input((4,))
    model = Model(x, Scaled()(x, factor=3.0, beside={"it": x * 0.5}))
    np.testing.assert_allclose(model.predict(X, verbose=0), 3.5 * X, rtol=1e-6)


def test_a_subclass_may_hand_symbols_to_its_base() -> None:
    class Own(Model):
        def __init__(self) -> None:
            x = Input((4,))
            super().__init__(x, Dense(1)(x))

    model = Own()
    assert model.predict(X, verbose=0).shape == (6, 1) and model.count_params() == 5


# ---- refusals ----


def test_disconnected_graphs() -> None:
    x, other = Input((4,)), Input((4,), name="other")
    with pytest.raises(BadValue, match="Graph disconnected.*'other'"):
        Model(x, Dense(1)(x) + Dense(1)(other))


def test_what_is_no_symbol() -> None:
    x = Input((4,))
    with pytest.raises(BadType, match="expected: symbols"):
        Model(x, Dense(1))
    with pytest.raises(BadValue, match="outputs is missing"):
        Model(x)


def test_two_layers_of_one_name() -> None:
    x = Input((4,))
    with pytest.raises(BadValue, match="two layers are named 'same'"):
        Model(x, Dense(1, name="same")(Dense(2, name="same")(x)))


@pytest.mark.parametrize("given", [np.zeros((6, 5)), np.zeros((6, 4, 2))])
def test_inputs_of_another_shape(given: Any) -> None:
    with pytest.raises(ShapeMismatch, match=r"expected: \[batch 4\]"):
        two_headed()(given)
    with pytest.raises(BadData, match="x has shape"):
        two_headed().predict(given, verbose=0)


def test_inputs_of_different_lengths() -> None:
    a, b = Input((4,)), Input((4,))
    model = Model([a, b], a + b)
    with pytest.raises(BadData, match="cardinality|rows"):
        model.predict([X, X[:3]], verbose=0)


def test_one_array_for_two_inputs() -> None:
    a, b = Input((4,)), Input((4,))
    with pytest.raises(BadType, match="x is one array"):
        Model([a, b], a + b).predict(X, verbose=0)


def test_summary_of_layers_with_several_outputs(capsys: pytest.CaptureFixture[str]) -> None:
    inner = two_headed()
    x = Input((4,))
    Model(x, inner(x)).summary()
    assert "f32[? 1], f32[? 2]" in capsys.readouterr().out


# ---- what stands between layers ----


def test_variables_beside_symbols_are_read_when_the_model_runs() -> None:
    x, factor = Input((4,)), Variable(2.0)
    model = Model(x, x * factor)
    for value in (2.0, 5.0):
        factor.assign(value)
        np.testing.assert_allclose(model.predict(X, verbose=0), value * X, rtol=1e-6)
        np.testing.assert_allclose(model(X), value * X, rtol=1e-6)


def test_variables_in_larger_operations_are_alive_too() -> None:
    x = Input((4,))
    layer = Dense(3, use_bias=False)
    tied = Model(x, ops.einsum("bi,ji->bj", layer(x), layer.kernel))
    kernel = np.random.default_rng(3).normal(size=(4, 3)).astype("float32")
    layer.set_weights([kernel])
    np.testing.assert_allclose(tied(X), X @ kernel @ kernel.T, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("way", ["plainly", "in a branch"])
def test_tied_weights_train_in_both_places(way: str) -> None:
    x = Input((4,))
    layer = Dense(4, use_bias=False)
    once = layer(x)

    def twice() -> Any:
        return ops.matmul(once, layer.kernel)

    model = Model(x, twice() if way == "plainly" else ops.cond(ops.sum(x) > -1e9, twice, lambda: x))
    kernel = np.random.default_rng(3).normal(size=(4, 4)).astype("float32")
    model.set_weights([kernel])
    np.testing.assert_allclose(model(X), X @ kernel @ kernel, rtol=1e-4, atol=1e-5)
    model.compile(SGD(1.0), "mse")
    model.train_on_batch(X, X)
    error = X @ kernel @ kernel - X
    slope = 2 * (X.T @ error @ kernel.T + (X @ kernel).T @ error) / X.size
    np.testing.assert_allclose(model.get_weights()[0], kernel - slope, rtol=1e-4, atol=1e-4)


def test_random_numbers_between_layers_are_refused() -> None:
    x = Input((4,))
    with pytest.raises(Unsupported, match="random numbers between layers"):
        Model(x, random.dropout(x, 0.5))


CONTROL = {
    "cond": lambda x: ops.cond(ops.sum(x) > -1e9, lambda: x * 2, lambda: x),
    "scan": lambda x: ops.scan(lambda carry, row: (carry + row, carry), ops.zeros_like(x[:, 0]), ops.transpose(x))[0],
    "while": lambda x: ops.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * 2), (0, x))[1],
}


@pytest.mark.parametrize("name", CONTROL)
def test_branches_and_loops_between_layers(name: str) -> None:
    x = Input((4,))
    model = Model(x, CONTROL[name](x))
    wanted = {"cond": X * 2, "scan": X.sum(1), "while": X * 8}[name]
    np.testing.assert_allclose(model(X), wanted, rtol=1e-5)
    np.testing.assert_allclose(model.predict(X, verbose=0), wanted, rtol=1e-5)


def test_branches_know_every_axis() -> None:
    x = Input((None, 3))
    model = Model(x, ops.cond(ops.sum(x) > -1e9, lambda: x * ops.cast(ops.shape(x)[1], "float32"), lambda: x))
    for steps in (2, 5):
        rows = np.ones((4, steps, 3), "float32")
        np.testing.assert_allclose(model.predict(rows, verbose=0), steps * rows)


@pytest.mark.parametrize("name", ["network", "calls"])
def test_users_may_name_attributes_as_they_like(name: str) -> None:
    class Own(Model):
        def __init__(self) -> None:
            super().__init__()
            setattr(self, name, Dense(1))

        def call(self, inputs: Any) -> Any:
            return getattr(self, name)(inputs)

    model = Own()
    model.compile("sgd", "mse")
    model.fit(X, X[:, :1], verbose=0)
    assert model.count_params() == 5


def test_inputs_in_tuples_and_nested_dictionaries() -> None:
    a, b, c = (Input((4,)) for _ in range(3))
    pair = Model((a, b), a - b)
    np.testing.assert_allclose(pair.predict((X, 2 * X), verbose=0), -X)
    nested = Model({"p": [a, b], "q": c}, a + 2 * b + 3 * c)
    given = {"q": X, "p": [0 * X, X]}
    np.testing.assert_allclose(nested.predict(given, verbose=0), 5 * X, rtol=1e-6)
    np.testing.assert_allclose(nested(given), 5 * X, rtol=1e-6)


def test_an_input_that_is_none() -> None:
    a, b = Input((4,)), Input((4,))
    with pytest.raises(BadData, match="an input is None"):
        Model([a, b], a + b).predict([None, X], verbose=0)


def test_a_sequential_takes_inputs_and_layers_only() -> None:
    with pytest.raises(BadValue, match="is no layer"):
        Sequential([Dense(3)(Input((2,)))])


def test_plans_take_inputs_in_their_dtype() -> None:
    x = Input((3,), dtype="int32")
    model = Model(x, ops.cast(x, "float32") * 2)
    assert "i32[batch 3]" in str(model.plan(after="trace", program="predict"))
