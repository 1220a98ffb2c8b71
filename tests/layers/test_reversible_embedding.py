"""The way there and back through one table or two. Expected values are NumPy's."""

from typing import Any

import numpy as np
import pytest

from kmagic.base.errors import ShapeMismatch
from kmagic.graph.masks import mask_of
from kmagic.layers import Dense, Input, ReversibleEmbedding
from kmagic.models import Model

TABLE = np.arange(10.0).reshape(5, 2) / 10
NUMBERS = np.array([[1, 4, 0], [2, 2, 3]])


def test_tied_weights_are_one_table() -> None:
    layer = ReversibleEmbedding(5, 2, weights=TABLE, logit_soft_cap=0.5, dtype="float64")
    vectors = layer(NUMBERS)
    np.testing.assert_array_equal(vectors, TABLE[NUMBERS])
    np.testing.assert_allclose(layer(vectors, reverse=True), np.tanh(vectors @ TABLE.T / 0.5) * 0.5, rtol=1e-12)
    assert [v.name for v in layer.weights] == ["embeddings"]


def test_the_way_back_may_have_weights_and_a_dtype_of_its_own() -> None:
    layer = ReversibleEmbedding(5, 2, tie_weights=False, reverse_dtype="float64")
    layer(NUMBERS)
    there, back = layer.get_weights()
    assert (there.shape, back.shape) == ((5, 2), (2, 5))
    found = layer(np.ones((3, 2), "float32"), reverse=True)
    assert found.dtype == "float64"
    np.testing.assert_allclose(found, np.ones((3, 2)) @ back.astype("float64"), rtol=1e-12)


def test_only_the_way_there_makes_a_mask() -> None:
    layer = ReversibleEmbedding(5, 2, mask_zero=True)
    vectors = layer(NUMBERS)
    assert mask_of(vectors).tolist() == (NUMBERS != 0).tolist()
    assert mask_of(layer(np.ones((3, 2), "float32"), reverse=True)) is None


def language_model(**options: Any) -> Model:
    layer = ReversibleEmbedding(5, 4, name="words", **options)
    start = Input((3,), dtype="int32")
    return Model(start, layer(Dense(4, activation="relu")(layer(start)), reverse=True))


@pytest.mark.parametrize("tied", [True, False])
def test_a_language_model_learns_in_both_directions(tied: bool) -> None:
    model = language_model(tie_weights=tied)
    assert model.output_shape == (None, 3, 5)
    before = model.get_layer("words").get_weights()
    model.compile("adam", "mse")
    target = np.eye(5)[NUMBERS]
    losses = model.fit(NUMBERS, target, epochs=100, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    after = model.get_layer("words").get_weights()
    assert all(np.abs(a - b).max() > 0 for a, b in zip(before, after, strict=True))


def test_vectors_of_another_length_are_named() -> None:
    layer = ReversibleEmbedding(5, 2, name="words")
    layer(NUMBERS)
    with pytest.raises(ShapeMismatch, match="vectors of shape") as caught:
        layer(np.ones((3, 5)), reverse=True)
    assert "words" in str(caught.value)
