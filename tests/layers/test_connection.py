"""Layers called on symbols outside of any program: what is remembered, and what is not done."""

from typing import Any

import numpy as np
import pytest

from kmagic import ops
from kmagic.base.errors import ShapeMismatch
from kmagic.graph.masks import mask_of
from kmagic.graph.trace import tracing
from kmagic.layers import Dense, Input, Layer, scope
from kmagic.layers.connection import call_of, is_connecting
from kmagic.models import Model, Sequential


class Counting(Layer):
    """Counts its calls in a weight, and adds to the loss."""

    def build(self, input_shape: Any) -> None:
        self.count = self.add_weight((), "zeros", trainable=False)

    def call(self, inputs: Any, training: Any = None) -> Any:
        self.trained = training
        self.count.assign(self.count + 1)
        self.add_loss(ops.sum(inputs))
        return inputs + 1


def test_a_symbol_knows_its_call() -> None:
    class Scaled(Layer):
        def call(self, inputs: Any, by: Any, offset: float = 0.0) -> Any:
            return inputs * by + offset

    x, by, layer = Input((3,)), Input((3,)), Scaled(name="scaled")
    y = layer(x, by, offset=2.0)
    call = call_of(y.node)
    assert call is not None and repr(call) == "<call of scaled>"
    assert call.layer is layer and call.args == (x, by) and call.kwargs == {"offset": 2.0} and call.outputs is y
    assert (y.shape, y.dtype) == (x.shape, "float32")
    assert call_of((y + 1).node) is None, "what an operation gives comes from no call"
    model = Model([x, by], y)
    np.testing.assert_array_equal(model([np.full((1, 3), 4.0), np.full((1, 3), 5.0)]), np.full((1, 3), 22.0))


def test_each_call_has_symbols_of_its_own() -> None:
    x, layer = Input((3,)), Dense(3)
    first, second = layer(x), layer(x)
    assert call_of(first.node) is not call_of(second.node) and first.node is not second.node
    assert layer.output is first and layer.input is x, "those of the first call"


def test_connecting_builds_a_layer_and_does_nothing_else() -> None:
    layer = Counting()
    with scope.collecting_losses() as losses, scope.training_as(True):
        x = Input((3,))
        layer(layer(x))
    assert layer.built and layer.count.numpy() == 0 and layer.trained is False
    assert losses == [], "a step that runs the model collects its own"


def test_losses_of_layers_that_a_step_builds_count_once() -> None:
    model = Sequential([Counting(), Dense(1, kernel_initializer="ones")])
    model.compile("sgd", "mse")
    # the outputs are 6, as is the sum of the inputs
    assert model.evaluate(np.ones((2, 3)), np.full((2, 1), 6.0), verbose=0) == pytest.approx(6.0)
    assert model.layers[0].count.numpy() == 1


def test_outputs_keep_their_form_and_what_is_no_symbol() -> None:
    class Several(Layer):
        def call(self, inputs: Any) -> Any:
            return {"b": (inputs, None), "a": np.ones(2)}

    x, layer = Input((3,)), Several()
    found = layer(x)
    assert list(found) == ["b", "a"] and found["b"][1] is None and isinstance(found["a"], np.ndarray)
    assert call_of(found["b"][0].node).outputs is found and found["b"][0].node is not x.node


def test_a_symbol_anywhere_connects_but_not_in_a_program() -> None:
    x = Input((3,))
    assert is_connecting(((1, {"a": [x]}), {})) and is_connecting(((np.ones(3),), {"mask": x}))
    assert not is_connecting(((np.ones(3), None), {}))
    layer = Dense(2)
    with tracing():
        assert not is_connecting(x)
        assert call_of(layer(x).node) is None
    with pytest.raises(ValueError, match="not called on a symbol"):
        _ = layer.output


def test_a_call_that_fails_is_not_remembered() -> None:
    layer = Dense(2)
    layer(Input((3,)))
    with pytest.raises(ShapeMismatch):
        layer(Input((4,)))
    assert layer.input.shape[1:] == (3,) and len(layer._own_calls) == 1


def test_the_mask_of_a_connected_symbol_has_its_shape() -> None:
    class Marking(Layer):
        def call(self, inputs: Any) -> Any:
            return inputs * 1

        def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
            return ops.any(ops.not_equal(inputs, 0), axis=-1)

    x = Input((4, 3))
    mask = mask_of(Marking()(x))
    assert (mask.shape, mask.dtype) == (x.shape[:2], "bool")
    assert mask_of(Dense(2)(Marking()(x))).shape == x.shape[:2] and mask_of(Dense(2)(x)) is None
