"""Masks beside an attention that takes them off its inputs: what a run sees, and what layers are bound to."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmagic import Input, Model, ops
from kmagic.graph.masks import mask_of
from kmagic.layers import Add, Dense, Embedding, GlobalAveragePooling1D, Layer, MultiHeadAttention
from kmagic.models.bound_masks import drops_masks

TEXTS = np.array([[1, 2, 3, 0], [4, 0, 0, 0]])


def residual() -> tuple[Any, Any, Any]:
    """Words, and a sum of them and what attention makes of them."""
    start = Input((4,), dtype="int32")
    words = Embedding(5, 2, mask_zero=True)(start)
    return start, words, Add()([words, MultiHeadAttention(1, 2)(words, words)])


def test_a_sum_with_what_an_attention_was_called_on_has_no_mask() -> None:
    start, _, both = residual()
    assert mask_of(both) is not None  # while layers are connected
    assert mask_of(Model(start, both)(TEXTS)) is None


def test_a_pooling_layer_is_bound_to_the_mask_it_was_connected_with() -> None:
    start, _, both = residual()
    values, means = (np.asarray(part) for part in Model(start, [both, GlobalAveragePooling1D()(both)]).predict(TEXTS))
    np.testing.assert_allclose(means, [values[0, :3].mean(0), values[1, 0]], rtol=1e-5)


def test_a_second_attention_sees_padding() -> None:
    start, _, both = residual()
    second = MultiHeadAttention(1, 2)
    values, found = (np.asarray(part) for part in Model(start, [both, second(both, both)]).predict(TEXTS))
    np.testing.assert_allclose(found, np.asarray(second(values, values)), rtol=1e-5, atol=1e-6)


def test_networks_look_for_attention_inside_of_layers() -> None:
    class Block(Layer):
        def __init__(self) -> None:
            super().__init__()
            self.attention = MultiHeadAttention(1, 2)

        def call(self, x: Any) -> Any:
            return x + self.attention(x, x)

    assert drops_masks(Block()) and not drops_masks(Dense(2))


def test_the_mask_of_a_model_input_stays_where_it_was_connected() -> None:
    class Twice(Layer):
        def call(self, x: Any) -> Any:
            return self.attention(x, x)

        def build(self, shape: Any) -> None:
            self.attention = MultiHeadAttention(1, 2)

    start = Input((4,), dtype="int32")
    words = Embedding(5, 2, mask_zero=True)(start)
    Twice()(words)
    assert mask_of(words) is not None and mask_of(ops.tanh(words)) is None
