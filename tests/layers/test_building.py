"""Building: the shapes that a layer's `build` gets, from calls and from users."""

from typing import Any

import numpy as np
import pytest

from kmagic import Input, ops
from kmagic.layers import Layer, MultiHeadAttention

A, B = np.ones((2, 3), "float32"), np.ones((2, 4), "float32")


class Pair(Layer):
    """Two inputs, of which each has a weight."""

    def build(self, left_shape: Any, right_shape: Any = None) -> None:
        self.seen = (left_shape, right_shape)
        self.left = self.add_weight((left_shape[-1], 2), "ones", name="left")
        self.right = self.add_weight((right_shape[-1], 2), "ones", name="right")

    def call(self, left: Any, right: Any, factor: float = 1.0) -> Any:
        return ops.matmul(left, self.left) + factor * ops.matmul(right, self.right)


@pytest.mark.parametrize("way", ["in order", "by name", "symbols"])
def test_build_gets_the_shape_of_each_input_that_it_names(way: str) -> None:
    layer = Pair()
    if way == "symbols":
        layer(Input((3,)), right=Input((4,)), factor=2.0)
    else:
        found = layer(A, B) if way == "in order" else layer(A, right=B, factor=1.0)
        np.testing.assert_array_equal(found, np.full((2, 2), 7.0))
    assert layer.seen == ((None, 3), (None, 4)) and [w.shape for w in layer.weights] == [(3, 2), (4, 2)]


@pytest.mark.parametrize("named", [True, False])
def test_users_may_build_for_several_inputs(named: bool) -> None:
    layer = Pair()
    if named:
        layer.build(left_shape=(None, 3), right_shape=(None, 4))
    else:
        layer.build((None, 3), (None, 4))
    assert layer.built and [w.shape for w in layer.weights] == [(3, 2), (4, 2)]
    np.testing.assert_array_equal(layer(A, B), np.full((2, 2), 7.0))


def test_inputs_in_lists_and_dictionaries_are_one_argument() -> None:
    class Several(Layer):
        def build(self, input_shape: Any) -> None:
            self.seen = input_shape

        def call(self, inputs: Any) -> Any:
            return ops.sum(inputs["a"] if isinstance(inputs, dict) else inputs[0], axis=-1)

    listed, named = Several(), Several()
    listed([A, B])
    named({"a": A, "b": B})
    assert listed.seen == [(None, 3), (None, 4)] and named.seen == {"a": (None, 3), "b": (None, 4)}


def test_a_build_of_one_shape_gets_the_first() -> None:
    class First(Layer):
        def build(self, input_shape: Any) -> None:
            self.seen = input_shape

        def call(self, left: Any, right: Any) -> Any:
            return left

    layer = First()
    layer(A, B)
    assert layer.seen == (None, 3)


def test_attention_is_built_for_query_value_and_key() -> None:
    layer = MultiHeadAttention(2, 3)
    layer.build((None, 5, 4), (None, 6, 7), (None, 6, 8))
    assert [w.shape for w in layer.weights if w.name == "kernel"][:3] == [(4, 2, 3), (8, 2, 3), (7, 2, 3)]
