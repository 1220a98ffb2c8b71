"""Models and layers of the users' own: what they are made of, when they are built, and what they give back."""

from typing import Any

import numpy as np
import pytest

from kmagic import Input, Model, ops
from kmagic.base.errors import BadValue
from kmagic.layers import BatchNormalization, Dense, Layer, SimpleRNN
from kmagic.models import Sequential

X = np.random.default_rng(0).normal(size=(6, 5)).astype("float32")


class Block(Layer):
    """Layers in a list and in a dictionary, and a weight of its own."""

    def __init__(self, units: int, **options: Any) -> None:
        super().__init__(**options)
        self.units = units
        self.row = [Dense(units, name="first"), Dense(units, name="second")]
        self.table = {"last": Dense(units, name="third")}

    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight((input_shape[-1],), "ones", name="scale")
        super().build(input_shape)

    def call(self, inputs: Any, training: bool = False) -> Any:
        for layer in self.row:
            inputs = layer(inputs * self.scale if layer is self.row[0] else inputs)
        return self.table["last"](inputs) * (2.0 if training else 1.0)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}


class Net(Model):
    """A block and a head."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.block = Block(3, name="block")
        self.head = Dense(1, name="head")

    def call(self, inputs: Any, training: bool = False) -> Any:
        return self.head(self.block(inputs, training=training))


def test_weights_are_made_by_the_first_call_in_the_order_of_keras() -> None:
    model = Net(name="net")
    assert not model.built and model.weights == [] and [layer.name for layer in model.layers] == ["block", "head"]
    assert model(X).shape == (6, 1) and model.built
    # as Keras 3.15.1 orders them
    assert [variable.path for variable in model.weights] == [
        "net/block/scale",
        "net/block/first/kernel",
        "net/block/first/bias",
        "net/block/second/kernel",
        "net/block/second/bias",
        "net/block/third/kernel",
        "net/block/third/bias",
        "net/head/kernel",
        "net/head/bias",
    ]
    assert model.count_params() == 5 + 18 + 12 + 12 + 4


def test_build_makes_them_without_data() -> None:
    model = Net()
    model.build((None, 5))
    assert model.built and model.count_params() == 51 and model.output_shape == (None, 1)
    with pytest.raises(BadValue, match="not built"):
        Net().count_params()


def test_build_for_several_inputs() -> None:
    class Sum(Model):
        def __init__(self) -> None:
            super().__init__()
            self.left, self.right = Dense(2), Dense(2)

        def call(self, inputs: Any) -> Any:
            a, b = inputs["a"], inputs["b"]
            return self.left(a) + self.right(b)

    model = Sum()
    model.build({"a": (None, 3), "b": (None, 4)})
    assert [variable.shape for variable in model.weights] == [(3, 2), (2,), (4, 2), (2,)]


def test_a_build_that_fails_leaves_nothing_behind() -> None:
    class Broken(Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = Dense(2)

        def call(self, inputs: Any) -> Any:
            return self.dense(inputs)[:, 5]

    model = Broken()
    with pytest.raises(Exception, match="axis|index"):
        model.build((None, 3))
    assert not model.built and model.weights == []


def test_the_first_call_traces_the_model_once() -> None:
    calls = []

    class Counted(Model):
        def call(self, inputs: Any) -> Any:
            calls.append(inputs.shape)
            return inputs

    Counted()(X)
    assert len(calls) == 1


def test_a_model_may_build_itself() -> None:
    class Own(Model):
        def build(self, input_shape: Any) -> None:
            self.w = self.add_weight((input_shape[-1], 1), "ones", name="w")

        def call(self, inputs: Any) -> Any:
            return ops.matmul(inputs, self.w)

    for model in (called := Own(), built := Own()):
        model.build((None, 5)) if model is built else model(X)
        np.testing.assert_allclose(model(X), X.sum(1, keepdims=True), rtol=1e-5)
        assert model.count_params() == 5 and len(called.weights) <= 1


def test_training_counts_for_the_layers_inside() -> None:
    model = Net()
    np.testing.assert_allclose(
        model(X, training=True) - model.head.bias, 2 * (model(X) - model.head.bias), rtol=1e-4, atol=1e-6
    )


def test_configs_of_own_layers() -> None:
    block = Block.from_config(Block(4, name="mine").get_config())
    assert block.units == 4 and block.name == "mine"
    assert "inputs" not in Net().get_config()


def test_own_models_in_models_of_symbols_and_in_sequential() -> None:
    x = Input((5,))
    model = Model(x, Net(name="inside")(x))
    assert [layer.name for layer in model.layers][1:] == ["inside"] and model.output_shape == (None, 1)
    stacked = Sequential([Input((5,)), Net(), Dense(2)])
    assert stacked.output_shape == (None, 2)
    np.testing.assert_allclose(stacked.predict(X, verbose=0), stacked.layers[1](stacked.layers[0](X)), rtol=1e-4)


# ---- weights of layers that are not all trained ----


def test_weights_stand_in_the_order_of_layers() -> None:
    x = Input((3,))
    front = [Dense(2, name="one"), BatchNormalization(name="norm"), Dense(1, name="two")]
    stacked = Sequential([Input((3,)), *front])
    joined = Model(x, stacked(x))
    for model in (stacked, joined):
        # as Keras 3.15.1
        names = ["kernel", "bias", "gamma", "beta", "moving_mean", "moving_variance", "kernel", "bias"]
        assert [variable.name for variable in model.weights] == names
        assert [variable.name for variable in model.non_trainable_weights] == ["moving_mean", "moving_variance"]


@pytest.mark.parametrize("before", [True, False])
def test_a_frozen_normalization_uses_what_it_knows_and_learns_nothing(before: bool) -> None:
    norm = BatchNormalization(name="norm")
    model = Sequential([Input((5,)), norm, Dense(1)])
    if before:
        norm.trainable = False
    model.compile("sgd", "mse")
    norm.trainable = False
    kept = norm.get_weights()
    model.fit(3 + 2 * X, X[:, :1], epochs=2, verbose=0)
    for was, now in zip(kept, norm.get_weights(), strict=True):
        np.testing.assert_array_equal(now, was)
    # moving statistics are 0 and 1, so only ε tells inputs and outputs apart
    np.testing.assert_allclose(norm(X, training=True), X / np.sqrt(1.001), rtol=1e-5)


def test_freezing_a_model_freezes_what_is_inside() -> None:
    inner = Sequential([Input((5,)), Dense(2), BatchNormalization()])
    model = Sequential([inner, Dense(1)])
    inner.trainable = False
    assert [layer.trainable for layer in inner.layers] == [False, False]
    assert len(model.trainable_weights) == 2 and len(model.non_trainable_weights) == 6
    inner.trainable = True
    assert len(model.trainable_weights) == 6


def test_models_that_share_layers_train_each_other_with_their_own_optimizers() -> None:
    x, code = Input((4,), name="x"), Input((2,), name="code")
    encoder = Model(x, Dense(2, name="enc", kernel_initializer="ones")(x), name="encoder")
    decoder = Model(code, Dense(4, name="dec", kernel_initializer="ones")(code), name="decoder")
    whole = Model(x, decoder(encoder(x)), name="whole")
    rows = np.eye(4, dtype="float32")
    for model in (whole, encoder, decoder):
        model.compile("adam", "mse", validate=False)
    whole.fit(rows, rows, epochs=2, shuffle=False, verbose=0)
    # Adam's first two steps are of the size of its rate; the same figures as in Keras 3.15.1
    np.testing.assert_allclose(encoder.get_weights()[0], np.full((4, 2), 0.998), atol=2e-5)
    encoder.fit(rows, rows[:, :2], epochs=3, shuffle=False, verbose=0)
    counts = [int(model.optimizer.iterations.numpy()) for model in (whole, encoder, decoder)]
    assert counts == [2, 3, 0]
    np.testing.assert_array_equal(whole.get_weights()[0], encoder.get_weights()[0])


# ---- losses that layers add, and masks that are given ----


class Penalty(Layer):
    """Adds half the mean square of what passes."""

    def call(self, inputs: Any) -> Any:
        self.add_loss(0.5 * ops.mean(ops.square(inputs)))
        return inputs


def test_losses_that_layers_add() -> None:
    ones = np.ones((4, 2), "float32")
    front = [Input((2,)), Dense(2, kernel_initializer="ones", kernel_regularizer="l2")]
    model = Sequential([*front, Sequential([Penalty()])])
    for _ in range(2):
        model(ones)
        # 0.5·2² and 0.01·4, as in Keras 3.15.1; those of the last call only
        assert [float(loss) for loss in model.losses] == pytest.approx([2.0, 0.04])
    model.compile("sgd", "mse")
    assert model.evaluate(ones, ones, verbose=0) == pytest.approx(1 + 2.04)
    assert model.fit(ones, ones, verbose=0).history["loss"] == pytest.approx([3.04])
    # nothing but what is added
    alone = Sequential([Input((2,)), Dense(1, kernel_initializer="ones"), Penalty()])
    alone.compile("sgd")
    assert alone.fit(ones, verbose=0).history["loss"] == pytest.approx([2.0])


def test_masks_may_be_given_to_models() -> None:
    total = {"activation": None, "kernel_initializer": "ones", "recurrent_initializer": "ones"}
    stacked = Sequential([Input((4, 1)), SimpleRNN(1, **total)])
    x = Input((4, 1))
    joined = Model(x, stacked.layers[0](x))
    steps, mask = np.ones((1, 4, 1), "float32"), np.array([[True, True, True, False]])
    for model in (stacked, joined):
        assert float(model(steps)[0, 0]) == 4 == float(model(steps, mask=None)[0, 0])
        assert float(model(steps, mask=mask)[0, 0]) == 3
