"""The base of layers: building, naming, weights, and layers of a user's own."""

from typing import Any

import numpy as np
import pytest

from kmagic import ops
from kmagic.base.errors import BadType, BadValue
from kmagic.layers import Dense, Input, InputLayer, Layer
from kmagic.models import Sequential


class Scale(Layer):
    """A weight for each feature, and a layer inside."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.inner = Dense(2, use_bias=False, kernel_initializer="ones")

    def build(self, input_shape: Any) -> None:
        """One weight for each feature."""
        self.scale = self.add_weight((input_shape[-1],), "ones", name="scale")
        self.seen = self.add_weight((), "zeros", trainable=False, name="seen")

    def call(self, inputs: Any, training: bool = False) -> Any:
        return self.inner(inputs * self.scale) * (2 if training else 1)


def test_an_own_layer_trains() -> None:
    model = Sequential([Scale(input_shape=(3,))])
    x = np.array([[1.0, 2.0, 3.0]])
    np.testing.assert_array_equal(model.predict(x, verbose=0), [[6, 6]])
    np.testing.assert_array_equal(model.layers[0](x, training=True), [[12, 12]])
    assert [w.shape for w in model.trainable_weights] == [(3,), (3, 2)] and len(model.non_trainable_weights) == 1
    model.compile("sgd", "mse")
    before = model.get_weights()
    model.fit(x, np.zeros((1, 2)), verbose=0)
    changed = [not np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True)]
    assert changed.count(True) == 2


def test_freezing_counts_for_layers_inside() -> None:
    layer = Scale()
    layer(np.ones((1, 3)))
    layer.trainable = False
    assert layer.trainable_weights == [] and len(layer.non_trainable_weights) == 3 and not layer.inner.trainable


def test_losses_added_in_call_count() -> None:
    class Penalised(Layer):
        """Adds the mean of its inputs to the loss."""

        def call(self, inputs: Any) -> Any:
            self.add_loss(ops.mean(inputs))
            return inputs

    model = Sequential([Penalised(input_shape=(2,))])
    model.compile("sgd", "mse")
    x = np.full((4, 2), 3.0)
    assert model.evaluate(x, x, verbose=0) == pytest.approx(3.0)
    watched = Sequential([Dense(1, kernel_initializer="ones", activity_regularizer="l2", input_dim=2)])
    watched.compile("sgd", "mse")
    # outputs are 6, and 0.01·Σ6² is divided by the rows
    assert watched.evaluate(x, np.full((4, 1), 6.0), verbose=0) == pytest.approx(0.36)


@pytest.mark.parametrize("name", ["a/b", "", 5])
def test_names_are_text_without_slashes(name: Any) -> None:
    with pytest.raises(BadType, match="name is"):
        Dense(1, name=name)


def test_weights_are_counted_once_built() -> None:
    with pytest.raises(BadValue, match="not built"):
        Dense(2).count_params()


def test_call_must_be_written() -> None:
    with pytest.raises(NotImplementedError, match=r"Layer has no call\(inputs\)"):
        Layer()(np.ones((1, 1)))


@pytest.mark.parametrize("shape", [(0,), (-3,), (2.5,), ("3",)])
def test_input_shapes_are_counts(shape: Any) -> None:
    with pytest.raises(BadValue, match="Input: shape is"):
        Input(shape=shape)


def test_input_needs_one_shape() -> None:
    with pytest.raises(BadValue, match="one of shape and batch_shape") as caught:
        InputLayer()
    assert caught.value.fix == "Input(shape=(100,))"
    assert InputLayer(batch_shape=(8, 3)).batch_shape == (8, 3)
    assert InputLayer(shape=(3,), batch_size=8).batch_shape == (8, 3)
