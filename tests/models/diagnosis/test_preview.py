"""The preview of a step: its numbers are those of NumPy in float64, and looking changes nothing."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import kmagic
from kmagic import ops
from kmagic.base.errors import BadData, BadValue, KmagicError, NotCompiled
from kmagic.layers import LSTM, Activation, Dense, Dropout, Embedding, Flatten, Input, Layer, ReLU
from kmagic.losses import MeanSquaredError
from kmagic.models import Model, Sequential
from kmagic.models.diagnosis.measured import MeasuredLayer, MeasuredWeight
from kmagic.optimizers import SGD, Adam

ROWS = 16


def data(seed: int = 0, rows: int = ROWS) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(rows, 5)).astype("float32")
    return x, (x[:, :1] - 2 * x[:, 1:2]).astype("float32")


def two_layers(activation: str = "tanh") -> Sequential:
    model = Sequential([Dense(4, activation, input_dim=5, name="hidden"), Dense(1, name="head")], name="m")
    model.compile(SGD(0.1), "mse")
    return model


def by_hand(model: Sequential, x: np.ndarray, y: np.ndarray) -> tuple[float, dict[str, float]]:
    """Loss and gradient norms of `two_layers`, in float64: the chain rule written out."""
    w, b, v, c = (array.astype("float64") for array in model.get_weights())
    x, y = x.astype("float64"), y.astype("float64")
    hidden = np.tanh(x @ w + b)
    error = hidden @ v + c - y
    out = 2 * error / error.size
    back = (out @ v.T) * (1 - hidden**2)
    slopes = {"hidden/kernel": x.T @ back, "hidden/bias": back.sum(0), "head/kernel": hidden.T @ out}
    return float((error**2).mean()), {
        name: float(np.linalg.norm(slope)) for name, slope in (slopes | {"head/bias": out.sum(0)}).items()
    }


def test_loss_gradients_and_updates_are_those_of_the_chain_rule() -> None:
    (x, y), model = data(), two_layers()
    found = kmagic.preview(model, x, y)
    loss, slopes = by_hand(model, x, y)
    assert found.rows == ROWS and found.loss == pytest.approx(loss, rel=1e-5)
    weights = {"/".join(weight.path.split("/")[-2:]): weight for weight in found.weights}
    assert weights.keys() == slopes.keys()
    for (name, slope), array in zip(slopes.items(), model.get_weights(), strict=True):
        weight = weights[name]
        assert weight.shape == array.shape
        assert weight.gradient == pytest.approx(slope, rel=1e-4)
        assert weight.norm == pytest.approx(float(np.linalg.norm(array.astype("float64"))), rel=1e-6)
        assert weight.update == pytest.approx(0.1 * slope, rel=1e-4)  # plain SGD
    hidden, head = found.layers
    assert (hidden.path, hidden.kind, head.path) == ("hidden", "Dense", "head")
    assert hidden.gradient == pytest.approx(math.hypot(slopes["hidden/kernel"], slopes["hidden/bias"]), rel=1e-4)
    assert found.gradient == pytest.approx(math.hypot(*slopes.values()), rel=1e-4)
    kernel = float(np.linalg.norm(model.get_weights()[0]))
    assert hidden.ratio == pytest.approx(0.1 * hidden.gradient / kernel, rel=1e-4)  # the bias begins at 0
    assert found.learning_rate == pytest.approx(0.1)


def test_gradients_are_the_slopes_of_the_loss() -> None:
    """By finite differences of `evaluate`, along the gradient's own direction, where the slope is its norm."""
    x, y = data(3)
    model = Sequential([Dense(6, "sigmoid", input_dim=5), Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    labels = (y[:, 0] > 0).astype("int32") + (y[:, 0] > 1)
    kernel = model.layers[0].kernel
    start, step = kernel.numpy(), 1e-2
    slope = np.zeros_like(start)
    for place in np.ndindex(*start.shape):
        losses = []
        for sign in (1, -1):
            moved = start.copy()
            moved[place] += sign * step
            kernel.assign(moved)
            losses.append(model.evaluate(x, labels, verbose=0))
        slope[place] = (losses[0] - losses[1]) / (2 * step)
    kernel.assign(start)
    found = kmagic.preview(model, x, labels)
    assert found.weights[0].gradient == pytest.approx(float(np.linalg.norm(slope)), rel=2e-3)


def test_the_update_is_the_one_that_training_makes() -> None:
    x, y = data()
    model = two_layers()
    model.compile(Adam(0.02), "mse")
    model.fit(x, y, epochs=3, verbose=0)  # the moments count too
    before = model.get_weights()
    found = kmagic.preview(model, x, y)
    model.train_on_batch(x, y)
    moved = [float(np.linalg.norm(new - old)) for new, old in zip(model.get_weights(), before, strict=True)]
    assert [weight.update for weight in found.weights] == pytest.approx(moved, rel=1e-3)


def test_saturated_values_and_dead_units_are_counted() -> None:
    kernel = np.array([[1.0, -1.0, 0.0, 1.0]], "float32")
    bias = np.array([0.0, 0.0, -1.0, 20.0], "float32")
    x = np.array([[1.0], [2.0], [3.0], [4.0]], "float32")
    for name, at_rest in (
        ("relu", lambda z: z <= 0),
        ("sigmoid", lambda z: 1 / (1 + np.exp(-z)) * (1 - 1 / (1 + np.exp(-z))) <= 0.01),
        ("tanh", lambda z: 1 - np.tanh(z) ** 2 <= 0.01),
    ):
        model = Sequential([Dense(4, name, input_dim=1), Dense(1)])
        model.layers[0].set_weights([kernel, bias])
        rest = at_rest((x @ kernel + bias).astype("float64"))
        (found,) = kmagic.preview(model, x, x, loss="mse").activations
        assert (found.layer, found.function, found.units) == (model.layers[0].name, name, 4)
        assert found.saturated == pytest.approx(rest.mean())
        assert found.dead == pytest.approx(rest.all(0).mean())
        assert 0 < found.dead < 1


class Gated(Layer):
    """A layer that applies a ReLU itself, and a tanh that is no activation."""

    def call(self, inputs: Any) -> Any:
        return ops.relu(inputs - 1) + ops.tanh(inputs)


def test_activations_are_found_where_they_stand() -> None:
    x, y = data()
    layers = [Dense(4, "gelu", input_dim=5), Activation("tanh", name="t"), ReLU(name="r"), Gated(name="g"), Dense(1)]
    found = kmagic.preview(Sequential(layers), x, y, loss="mse")
    assert [(item.layer, item.function) for item in found.activations] == [("t", "tanh"), ("r", "relu"), ("g", "relu")]


def test_images_are_dead_by_channel() -> None:
    x = np.ones((4, 3, 3, 2), "float32")
    model = Sequential([Input((3, 3, 2)), Dense(2, "relu"), Flatten(), Dense(1)])
    model.layers[0].set_weights([np.array([[1.0, -1.0], [0.0, 0.0]], "float32"), np.zeros(2, "float32")])
    (found,) = kmagic.preview(model, x, np.ones(4), loss="mse").activations
    assert (found.units, found.saturated, found.dead) == (2, 0.5, 0.5)


def several_outputs() -> Model:
    x = Input((5,), name="x")
    hidden = Dense(4, "relu", name="hidden")(x)
    outputs = [Dense(1, name="price")(hidden), Dense(1, "sigmoid", name="sold")(hidden)]
    return Model(x, outputs, name="m")


def test_several_outputs_have_losses_and_spreads_of_their_own() -> None:
    x, y = data()
    model, sold = several_outputs(), (y > 0).astype("float32")
    found = kmagic.preview(model, x, [y, sold], loss=["mse", "binary_crossentropy"], loss_weights=[1.0, 0.5])
    price, chance = (output.astype("float64") for output in model.predict(x, verbose=0))
    mse = ((price - y) ** 2).mean()
    bce = -(sold * np.log(chance) + (1 - sold) * np.log(1 - chance)).mean()
    first, second = found.outputs
    assert (first.name, second.name) == ("price", "sold")
    assert (first.loss, second.loss) == (pytest.approx(mse, rel=1e-4), pytest.approx(bce, rel=1e-4))
    assert found.loss == pytest.approx(mse + 0.5 * bce, rel=1e-4)
    assert first.spread == pytest.approx(price.std(), rel=1e-4) and first.target_spread == pytest.approx(y.std())
    assert first.size == pytest.approx(np.abs(price).max(), rel=1e-5)
    assert [(item.layer, item.is_output) for item in found.activations] == [("hidden", False), ("sold", True)]
    assert second.spread == pytest.approx(chance.std(), rel=1e-3)
    assert [layer.path for layer in found.layers] == ["hidden", "price", "sold"]
    assert "price" in str(found).splitlines()[0] and "sold" in str(found).splitlines()[0]
    named = kmagic.preview(
        model, x, {"price": y, "sold": sold}, loss={"price": "mse", "sold": None}
    )  # an output without a loss
    assert [output.loss is None for output in named.outputs] == [False, True]
    assert named.layers[2].gradient == 0


class Centred(Layer):
    """A layer that remembers something of each batch."""

    def build(self, input_shape: Any) -> None:
        self.mean = self.add_weight((input_shape[-1],), "zeros", trainable=False, name="mean")

    def call(self, inputs: Any, training: bool = False) -> Any:
        if training:
            self.mean.assign(0.9 * self.mean + 0.1 * ops.mean(inputs, axis=0))
        return inputs - self.mean


def state_of(model: Model) -> list[np.ndarray]:
    optimizer = model.optimizer.variables if model.optimizer else []
    measured = [variable for metric in model.metrics for variable in metric.variables]
    return [variable.numpy() for variable in (*model.variables, *optimizer, *measured)]


@pytest.mark.parametrize("eagerly", [False, True])
def test_looking_changes_nothing(eagerly: bool) -> None:
    x, y = data()
    layers = [Dense(4, "relu", input_dim=5), Centred(), Dropout(0.5), Dense(1)]
    model = Sequential(layers)
    model.compile("adam", "mse", metrics=["mae"], run_eagerly=eagerly)
    model.fit(x, y, epochs=2, verbose=0)
    before = state_of(model)
    found = kmagic.preview(model, x, y)
    other = kmagic.preview(model, x, y, optimizer="sgd", loss="mae")
    assert found.loss > 0 and other.loss > 0
    after = state_of(model)
    assert len(before) == len(after)
    assert all(np.array_equal(old, new) for old, new in zip(before, after, strict=True))


@pytest.mark.parametrize("known", [True, False])
def test_training_after_a_look_is_the_same_as_without(known: bool) -> None:
    x, y = data(rows=64)

    def trained(looks: bool) -> list[np.ndarray]:
        kmagic.utils.set_random_seed(7)
        first = Dense(8, "relu", input_dim=5) if known else Dense(8, "relu")
        model = Sequential([first, Dropout(0.3), Dense(1)], name="m")
        model.compile("adam", "mse", metrics=["mae"])
        if looks:
            kmagic.preview(model, x, y)
            assert not model.optimizer.built and model.history is None
        model.fit(x, y, epochs=2, verbose=0)
        return [*model.get_weights(), np.asarray(model.history.history["mae"])]

    plain, looked = trained(False), trained(True)
    assert all(np.array_equal(a, b) for a, b in zip(plain, looked, strict=True))


def test_objects_of_the_recipe_stay_as_they_are() -> None:
    x, y = data()
    optimizer, loss = Adam(0.1), MeanSquaredError()
    kmagic.preview(two_layers(), x, y, optimizer=optimizer, loss=loss, metrics=["mae"])
    assert not optimizer.built and int(optimizer.iterations) == 0


def test_the_batch_is_the_first_one_and_weights_count() -> None:
    x, y = data(rows=100)
    model = two_layers()
    assert kmagic.preview(model, x, y).rows == 32
    assert kmagic.preview(model, x, y, batch_size=500).rows == 100
    first = kmagic.preview(model, x, y, batch_size=10)
    assert first.loss == pytest.approx(by_hand(model, x[:10], y[:10])[0], rel=1e-5)
    weighted = kmagic.preview(model, x, y, batch_size=10, sample_weight=np.full(100, 3.0))
    assert weighted.loss == pytest.approx(3 * first.loss, rel=1e-5)
    with pytest.raises(BadValue, match="batch_size is 0"):
        kmagic.preview(model, x, y, batch_size=0)


def test_what_is_not_finite_is_named() -> None:
    x, y = data()
    model = Sequential([Dense(4, input_dim=5, name="wide"), Activation("exponential", name="boom"), Dense(1)])
    model.layers[0].set_weights([np.full((5, 4), 1000.0, "float32"), np.zeros(4, "float32")])
    found = kmagic.preview(model, np.abs(x), y, loss="mse")
    assert not found.is_finite
    assert "'boom'" in found.problem or "boom" in found.problem
    assert "not finite" in str(found) and "boom" in found._repr_html_()


def test_large_gradients_have_a_norm() -> None:
    """Squares of float32 would overflow: 1e30 has no float32 square."""
    x, y = np.full((4, 1), 1.0, "float32"), np.full((4, 1), 1e25, "float32")
    model = Sequential([Dense(1, input_dim=1, kernel_initializer="zeros")])
    found = kmagic.preview(model, x, y, loss="mae", optimizer=SGD(1.0))
    assert found.weights[0].gradient == pytest.approx(1.0)
    assert kmagic.preview(model, x * 1e25, y, loss="mae", optimizer="sgd").weights[0].gradient == pytest.approx(1e25)


def test_frozen_and_missing_weights_have_no_rows() -> None:
    x, y = data()
    model = two_layers()
    model.layers[0].trainable = False
    assert [layer.path for layer in kmagic.preview(model, x, y).layers] == ["head"]
    model.trainable = False
    found = kmagic.preview(model, x, y)
    assert found.layers == () and found.gradient == 0 and found.loss > 0


def test_mistakes_are_told() -> None:
    x, y = data()
    model = Sequential([Dense(1, input_dim=5)])
    with pytest.raises(NotCompiled, match="recipe"):
        kmagic.preview(model, x, y)
    with pytest.raises(KmagicError, match="x has 16 rows, y has 3"):
        kmagic.preview(model, x, y[:3], loss="mse")
    words = Sequential([Embedding(3, 2), Flatten(), Dense(1)])
    with pytest.raises(BadData, match="index 3"):
        kmagic.preview(words, np.array([[0, 3], [1, 2]]), np.zeros(2), loss="mse")
    assert not words.layers[0].built or words.layers[0].embeddings.shape == (3, 2)


def test_it_reads_well_and_is_plain_data() -> None:
    x, y = data()
    found = kmagic.preview(two_layers("relu"), x, y)
    lines = str(found).splitlines()
    assert lines[0].startswith("One batch of 16 rows: loss ") and "learning rate 0.1" in lines[0]
    assert len({len(line) for line in lines[1:-1]}) == 1  # a table
    assert "hidden (Dense)" in str(found) and "relu" in str(found) and repr(found) == str(found)
    page = found._repr_html_()
    assert page.count("<tr>") == 3 and "<caption>One batch" in page
    plain = found.as_data()
    assert plain["layers"][0]["weights"][0]["gradient"] == found.layers[0].weights[0].gradient
    assert plain["rows"] == 16 and isinstance(plain["activations"][0]["dead"], float)


def test_ratios_of_weights_that_are_zero() -> None:
    def one(norm: float, update: float) -> MeasuredWeight:
        return MeasuredWeight("w", (1,), norm, 0.0, update)

    assert (one(2.0, 1.0).ratio, one(0.0, 0.0).ratio, one(0.0, 1.0).ratio) == (0.5, 0.0, math.inf)
    layer = MeasuredLayer("l", "Dense", (one(3.0, 0.0), one(4.0, 10.0)))
    assert (layer.norm, layer.update, layer.ratio) == (5.0, 10.0, 2.0)


@pytest.mark.parametrize("rows", [3, 4, 9])
def test_a_step_of_a_model_with_a_fixed_batch_size_is_one_of_that_size(rows: int) -> None:
    x = np.random.default_rng(1).normal(size=(rows, 3, 2)).astype("float32")
    y = np.ones((rows, 1), "float32")
    kept = Sequential([Input(batch_shape=(4, 3, 2)), LSTM(5, stateful=True), Dense(1)])
    states = [variable.numpy() for variable in kept.layers[0].variables]
    found = kmagic.preview(kept, x, y, optimizer="sgd", loss="mse")
    assert found.rows == 4
    taken = np.arange(4) % rows
    assert found.loss == pytest.approx(float(np.mean((np.asarray(kept(x[taken])) - y[taken]) ** 2)), rel=1e-5)
    kept.layers[0].reset_states()
    for variable, was in zip(kept.layers[0].variables, states, strict=True):
        np.testing.assert_array_equal(variable.numpy(), was)
