"""Attention against loops over batch, heads and queries."""

import numpy as np
import pytest

from kmagic import ops
from kmagic.base.errors import ShapeMismatch, Unsupported
from tests.graph.ops.every_way import check_slopes, check_values

GENERATOR = np.random.default_rng(0)
QUERY = GENERATOR.normal(size=(2, 3, 4, 5))
KEY = GENERATOR.normal(size=(2, 6, 4, 5))
VALUE = GENERATOR.normal(size=(2, 6, 4, 5))
BIAS = GENERATOR.normal(size=(2, 4, 3, 6))
MASK = GENERATOR.uniform(size=(2, 1, 3, 6)) < 0.6
MASK[..., 0] = True


def attention(query, key, value, bias=None, mask=None, scale=None, causal=False, cap=None):
    result = np.zeros_like(query)
    share = query.shape[2] // key.shape[2]
    for b, t, n in np.ndindex(query.shape[:3]):
        logits = key[b, :, n // share] @ query[b, t, n] * (query.shape[3] ** -0.5 if scale is None else scale)
        logits = logits if bias is None else logits + np.broadcast_to(bias, (2, 4, 3, 6))[b, n, t]
        logits = logits if cap is None else cap * np.tanh(logits / cap)
        seen = np.ones(len(logits), bool) if mask is None else np.broadcast_to(mask, (2, 4, 3, 6))[b, n, t]
        seen = seen & (np.arange(len(logits)) <= t) if causal else seen
        powers = np.where(seen, np.exp(logits), 0.0)
        result[b, t, n] = powers / powers.sum() @ value[b, :, n // share]
    return result


@pytest.mark.parametrize(
    ("options", "others"),
    [
        ({}, {}),
        ({"bias": BIAS}, {"bias": BIAS}),
        ({"mask": MASK}, {"mask": MASK}),
        ({"mask": MASK[:, 0]}, {"mask": MASK}),
        ({"mask": MASK, "bias": BIAS, "scale": 0.3}, {"mask": MASK, "bias": BIAS, "scale": 0.3}),
        ({"is_causal": True}, {"causal": True}),
        ({"is_causal": True, "mask": MASK}, {"causal": True, "mask": MASK}),
        ({"attn_logits_soft_cap": 0.5}, {"cap": 0.5}),
    ],
)
def test_formula(options, others) -> None:
    def function(*given):
        return ops.dot_product_attention(*given, **options)

    arrays = [QUERY, KEY, VALUE]
    check_values(function, arrays, attention(*arrays, **others), batch=not {"mask", "bias"} & set(options))
    check_slopes(function, arrays)


def test_heads_may_share_keys() -> None:
    arrays = [QUERY, KEY[:, :, :2], VALUE[:, :, :2]]
    check_values(ops.dot_product_attention, arrays, attention(*arrays))


def test_a_query_that_sees_nothing_takes_the_mean() -> None:
    found = ops.dot_product_attention(QUERY, KEY, VALUE, mask=np.zeros((1, 1, 3, 6), bool))
    np.testing.assert_allclose(found, np.broadcast_to(VALUE.mean(1, keepdims=True), found.shape))


def test_half_precision_is_computed_in_float32() -> None:
    given = [array.astype("float16") for array in (QUERY, KEY, VALUE)]
    found = ops.dot_product_attention(*given)
    assert found.dtype == np.float16
    np.testing.assert_allclose(found, attention(QUERY, KEY, VALUE), atol=5e-3)


def test_what_does_not_fit_is_told() -> None:
    for key in (KEY[0], KEY[:, :, :3], KEY[..., :4]):
        with pytest.raises(ShapeMismatch, match="query, key and value"):
            ops.dot_product_attention(QUERY, key, key)
    with pytest.raises(Unsupported, match="flash_attention"):
        ops.dot_product_attention(QUERY, KEY, VALUE, flash_attention=True)
