"""Names of weights of layers whose `build` builds layers inside: those of Keras, however they are built."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kmagic.layers import LSTM, Dense, Input, Layer
from kmagic.models import Model, Sequential

INSIDE = ["a/w", "a/d/kernel", "a/d/bias", "a/net/i/kernel", "a/net/i/bias"]
INSIDE += [f"a/r/lstm_cell/{name}" for name in ("kernel", "recurrent_kernel", "bias")]


class Inner(Layer):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.d, self.net, self.r = Dense(2, name="d"), Sequential([Dense(3, name="i")], name="net"), LSTM(2, name="r")

    def build(self, shape: Any) -> None:
        self.d.build(shape)
        self.net.build((None, 2))
        self.r.build((None, 3, 2))
        self.w = self.add_weight((3,), name="w")

    def call(self, x: Any) -> Any:
        return self.net(self.d(x)) + self.w


class Outer(Layer):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.a = Inner(name="a")

    def build(self, shape: Any) -> None:
        self.a.build(shape)

    def call(self, x: Any) -> Any:
        return self.a(x)


class Whole(Model):
    def __init__(self) -> None:
        super().__init__(name="m")
        self.b = Outer(name="b")

    def build(self, shape: Any) -> None:
        self.b.build(shape)

    def call(self, x: Any) -> Any:
        return self.b(x)


def called(layer: Any) -> Any:
    layer(np.zeros((2, 3), "float32"))
    return layer


def built(layer: Any) -> Any:
    layer.build((None, 3))
    return layer


@pytest.mark.parametrize("begin", [called, built])
def test_layers_inside_are_named_after_those_around_them(begin: Any) -> None:
    assert [weight.path for weight in begin(Outer(name="b")).weights] == [f"b/{path}" for path in INSIDE]
    assert [weight.path for weight in begin(Whole()).weights] == [f"m/b/{path}" for path in INSIDE]


def test_a_layer_inside_may_have_the_name_of_the_one_around() -> None:
    outer = built(Outer(name="a"))
    assert [weight.path for weight in outer.weights] == [f"a/{path}" for path in INSIDE]


def test_layers_in_a_row_too() -> None:
    model = Sequential([Input((3,)), Outer(name="b")], name="m")
    assert [weight.path for weight in model.weights] == [f"m/b/{path}" for path in INSIDE]
    assert model.layers[0].a.d.path == "m/b/a/d"
