"""Attention by scores: what is seen, what is hidden, and what is dropped. Expected values are NumPy's."""

from typing import Any

import numpy as np
import pytest

from kmagic.base.errors import BadType
from kmagic.graph.masks import mask_of
from kmagic.layers import AdditiveAttention, Attention, Dense, Input, Masking
from kmagic.models import Model

RANDOM = np.random.default_rng(0)
Q, V = RANDOM.normal(size=(2, 4, 3)), RANDOM.normal(size=(2, 5, 3))


def mixture(scores: np.ndarray, value: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True) @ value


def test_queries_get_values_whose_keys_are_like_them() -> None:
    found = Attention(dtype="float64")([Q, V])
    np.testing.assert_allclose(found, mixture(Q @ V.swapaxes(1, 2), V), rtol=1e-12)
    key = RANDOM.normal(size=(2, 5, 3))
    found, shares = Attention(dtype="float64")([Q, V, key], return_attention_scores=True)
    np.testing.assert_allclose(found, mixture(Q @ key.swapaxes(1, 2), V), rtol=1e-12)
    np.testing.assert_allclose(np.asarray(shares).sum(-1), 1)


def test_additive_scores_are_sums_over_features() -> None:
    layer = AdditiveAttention(dtype="float64")
    layer([Q, V])
    scale = RANDOM.normal(size=3)
    layer.set_weights([scale])
    scores = (scale * np.tanh(Q[:, :, None] + V[:, None])).sum(-1)
    np.testing.assert_allclose(layer([Q, V]), mixture(scores, V), rtol=1e-12)


@pytest.mark.parametrize("kind", [Attention, AdditiveAttention])
def test_what_is_masked_is_not_seen_and_sees_nothing(kind: Any) -> None:
    query, value = Q.copy(), V.copy()
    query[0, 2:] = value[0, 3:] = 0
    layer = kind(dtype="float64")
    found = layer([Masking(dtype="float64")(query), Masking(dtype="float64")(value)])
    assert mask_of(found).tolist() == query.any(-1).tolist()
    np.testing.assert_allclose(found[0, :2], layer([query[:1, :2], value[:1, :3]])[0], rtol=1e-12)
    assert (np.asarray(found)[0, 2:] == 0).all()


def test_in_order_of_time_nothing_later_is_seen() -> None:
    layer = Attention(dtype="float64")
    found = np.asarray(layer([Q, V], use_causal_mask=True))
    for t in range(4):
        np.testing.assert_allclose(found[:, t : t + 1], layer([Q[:, t : t + 1], V[:, : t + 1]]), rtol=1e-12)


def test_shares_are_dropped_in_training_only() -> None:
    layer = Attention(dropout=0.5, seed=1, dtype="float64")
    plain = layer([Q, V])
    np.testing.assert_array_equal(plain, layer([Q, V]))
    value = np.ones((2000, 5, 1))
    found = np.asarray(layer([np.zeros((2000, 1, 1)), value], training=True)).ravel()
    # a fifth for each of five values, each dropped or doubled: k·0.4, k binomial with mean 2.5
    assert np.allclose(found / 0.4, np.round(found / 0.4)) and abs(found.mean() - 1) < 5 * 0.45 / np.sqrt(2000)


def test_a_model_of_two_inputs_trains() -> None:
    query, value = Input((4, 3)), Input((5, 3))
    attended = Attention(use_scale=True, dropout=0.1, seed=1)([query, value])
    model = Model([query, value], Dense(1, kernel_initializer="zeros")(attended))
    model.compile("adam", "mse")
    losses = model.fit([Q, V], np.ones((2, 4, 1)), epochs=20, shuffle=False, verbose=0).history["loss"]
    assert losses[-1] < losses[0] == 1


def test_one_input_is_too_few() -> None:
    with pytest.raises(BadType, match=r"called on one array \[2 4 3\]") as caught:
        Attention(name="look")(Q)
    assert caught.value.where == "look" and "[query, value]" in str(caught.value.expected)
    with pytest.raises(BadType, match="called on 4 inputs"):
        Attention()([Q, V, V, V])
