"""Attention with heads: what each head computes, and what masks hide. Expected values are NumPy's."""

from typing import Any

import numpy as np
import pytest

from kmagic.base.errors import BadValue, Unsupported
from kmagic.graph.masks import mask_of
from kmagic.layers import (
    Add,
    Dense,
    Embedding,
    GlobalAveragePooling1D,
    GroupQueryAttention,
    Input,
    LayerNormalization,
    Masking,
    MultiHeadAttention,
)
from kmagic.models import Model
from kmagic.utils import set_random_seed

RANDOM = np.random.default_rng(0)
Q, V = RANDOM.normal(size=(2, 4, 5)), RANDOM.normal(size=(2, 6, 7))
HEADS = {"num_heads": 2, "key_dim": 3, "dtype": "float64"}


def with_weights(layer: Any, *inputs: Any) -> Any:
    layer(*inputs)
    layer.set_weights([RANDOM.normal(size=array.shape) / 2 for array in layer.get_weights()])
    return layer


def expected(layer: Any, query: Any, value: Any, counts: Any = None, repeats: int = 1) -> np.ndarray:
    wq, bq, wk, bk, wv, bv, wo, bo = layer.get_weights()
    q = np.einsum("btd,dnh->bnth", query, wq) + bq[:, None]
    k, v = (np.einsum("bsd,dnh->bnsh", value, w) + b[:, None] for w, b in ((wk, bk), (wv, bv)))
    k, v = (np.repeat(x, repeats, 1) for x in (k, v))
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])
    if counts is not None:
        scores = np.where(counts, scores, -1e30)
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    return np.einsum("bnth,nhd->btd", powers / powers.sum(-1, keepdims=True) @ v, wo) + bo


@pytest.mark.parametrize("scores", [False, True])
def test_heads_mix_projected_values(scores: bool) -> None:
    layer = with_weights(MultiHeadAttention(**HEADS), Q, V)
    found = layer(Q, V, return_attention_scores=scores)
    np.testing.assert_allclose(found[0] if scores else found, expected(layer, Q, V), rtol=1e-11)
    assert not scores or found[1].shape == (2, 2, 4, 6)


@pytest.mark.parametrize("scores", [False, True])
def test_groups_of_heads_share_keys_and_values(scores: bool) -> None:
    layer = with_weights(GroupQueryAttention(3, 4, 2, dtype="float64"), Q, V)
    found = layer(Q, V, return_attention_scores=scores)
    np.testing.assert_allclose(found[0] if scores else found, expected(layer, Q, V, repeats=2), rtol=1e-11)


@pytest.mark.parametrize("options", [{}, {"return_attention_scores": True}])
def test_masks_hide_values_from_queries(options: dict[str, bool]) -> None:
    layer = with_weights(MultiHeadAttention(**HEADS), Q, V)
    value = V.copy()
    value[0, 4:] = 0
    own = RANDOM.random((2, 4, 6)) > 0.3
    own[..., 0] = True
    counts = value.any(-1)[:, None, None] & own[:, None] & np.tri(4, 6, dtype=bool)
    found = layer(Q, Masking(dtype="float64")(value), attention_mask=own, use_causal_mask=True, **options)
    np.testing.assert_allclose(found[0] if options else found, expected(layer, Q, value, counts), rtol=1e-11)


def test_a_window_shows_what_is_near() -> None:
    layer = with_weights(MultiHeadAttention(**HEADS, sliding_window=2), Q, V)
    near = np.abs(np.subtract.outer(np.arange(4), np.arange(6))) < 2
    np.testing.assert_allclose(layer(Q, V), expected(layer, Q, V, near), rtol=1e-11)


def test_the_mask_of_the_query_is_that_of_the_output() -> None:
    query = Q.copy()
    query[1, 2:] = 0
    found = MultiHeadAttention(**HEADS)(Masking(dtype="float64")(query), V)
    assert mask_of(found).tolist() == query.any(-1).tolist()
    assert mask_of(MultiHeadAttention(**HEADS)(Q, V)) is None


def test_query_value_and_key_by_name_or_place_or_once() -> None:
    layer = with_weights(MultiHeadAttention(**HEADS), Q, Q)
    found = layer(Q, Q)
    for again in (layer(Q), layer(Q, Q, Q), layer(query=Q, value=Q), layer(query=Q, value=Q, key=Q)):
        np.testing.assert_array_equal(again, found)
    start = Input((4, 5))
    model = Model(start, layer(query=start, value=start, key=start))
    np.testing.assert_allclose(model.predict(Q, verbose=0), found, rtol=1e-5, atol=1e-5)


def test_attention_along_chosen_axes() -> None:
    x = RANDOM.normal(size=(2, 3, 4, 5))
    rows = with_weights(MultiHeadAttention(**HEADS, attention_axes=2), x, x)
    flat = x.reshape(6, 4, 5)
    np.testing.assert_allclose(rows(x, x), expected(rows, flat, flat).reshape(x.shape), rtol=1e-11)
    both = with_weights(MultiHeadAttention(**HEADS, attention_axes=(1, 2)), x, x)
    flat = x.reshape(2, 12, 5)
    np.testing.assert_allclose(both(x, x), expected(both, flat, flat).reshape(x.shape), rtol=1e-11)


def test_shares_are_dropped_in_training_only() -> None:
    layer = with_weights(MultiHeadAttention(**HEADS, dropout=0.5, seed=1), Q, V)
    np.testing.assert_allclose(layer(Q, V), expected(layer, Q, V), rtol=1e-11)
    first, second = (np.asarray(layer(Q, V, training=True)) for _ in range(2))
    assert not np.allclose(first, second) and not np.allclose(first, layer(Q, V))


def test_a_small_transformer_learns() -> None:
    """Which of two words comes first; the rest is padding."""
    set_random_seed(1)
    words = np.random.default_rng(1).integers(1, 6, (64, 6))
    words[::2, 4:] = 0
    labels = (words[:, 0] > words[:, 1]).astype("float32")[:, None]
    start = Input((None,), dtype="int32")
    x = Embedding(6, 8, mask_zero=True)(start)
    x = LayerNormalization()(Add()([x, MultiHeadAttention(2, 4)(x, x)]))
    model = Model(start, Dense(1, activation="sigmoid")(GlobalAveragePooling1D()(x)))
    model.compile("adam", "binary_crossentropy")
    losses = model.fit(words, labels, epochs=10, shuffle=False, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    # what is behind the end of a sequence makes no difference
    other = Model(start, x)
    np.testing.assert_allclose(other(words)[0, :4], other(words[:1, :4])[0], rtol=1e-4, atol=1e-5)


def test_what_is_outside_or_does_not_fit_is_named() -> None:
    with pytest.raises(Unsupported, match="flash_attention"):
        MultiHeadAttention(2, 3, flash_attention=True)
    with pytest.raises(BadValue, match="num_query_heads is 3 and num_key_value_heads 2"):
        GroupQueryAttention(3, 3, 2)
