"""Attention."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmagic.base import dtypes, shapes
from kmagic.base.errors import ShapeMismatch, Unsupported
from kmagic.graph.ops.movement import dtype_of, shape_of
from kmagic.graph.table import ops, public


@public
def dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    bias: Any = None,
    mask: Any = None,
    scale: float | None = None,
    is_causal: bool = False,
    flash_attention: bool | None = None,
    attn_logits_soft_cap: float | None = None,
) -> Any:
    """softmax(scale·q·kᵀ + bias)·v for each head: [b t n h], [b s k h], [b s k h] -> [b t n h], k a divisor of n.

    What the mask or, with `is_causal`, the order of time excludes has no weight; a query without anything to see takes
    the mean of all. `attn_logits_soft_cap` c bends logits z to c·tanh(z / c). `scale` is 1/√h by default.

    Source: A. Vaswani et al., Attention Is All You Need, NeurIPS 2017, equation 1.
    """
    if flash_attention:
        raise Unsupported("flash_attention=True", where="dot_product_attention", fix="flash_attention=None")
    query, key, value = map(ops.convert_to_tensor, (query, key, value))
    batch, steps, heads, width = _sizes(query, key, value)
    _, seen, groups, _ = shape_of(key)
    kind = dtypes.promote(dtype_of(query), dtype_of(key), dtype_of(value))
    wide = dtypes.promote(kind, "float32")
    # heads that share a key are more rows of one product
    rows = (batch, groups, shapes.exact_quotient(heads, groups) * steps, width)
    q = ops.reshape(ops.transpose(ops.cast(query, wide), (0, 2, 1, 3)), rows)
    k = ops.transpose(ops.cast(key, wide), (0, 2, 3, 1))
    v = ops.transpose(ops.cast(value, wide), (0, 2, 1, 3))
    logits = ops.matmul(q, k) * (width**-0.5 if scale is None else scale)
    logits = ops.reshape(logits, (batch, heads, steps, seen))
    if bias is not None:
        logits = logits + ops.cast(ops.convert_to_tensor(bias), wide)
    if attn_logits_soft_cap is not None:
        logits = attn_logits_soft_cap * ops.tanh(logits / attn_logits_soft_cap)
    weights = ops.softmax(_masked(logits, mask, is_causal, steps, seen), axis=-1)
    found = ops.matmul(ops.reshape(weights, (*rows[:3], seen)), v)
    return ops.cast(ops.transpose(ops.reshape(found, (batch, heads, steps, width)), (0, 2, 1, 3)), kind)


def _sizes(query: Any, key: Any, value: Any) -> Any:
    """The axes of the query, if all three fit together."""
    q, k, v = map(shape_of, (query, key, value))
    if not len(q) == len(k) == len(v) == 4:
        raise _misfit(q, k, v, "4D inputs: [b t n h], [b s k h] and [b s k h]")
    if k[:3] != v[:3] or q[0] != k[0] or not q[3] == k[3] == v[3]:
        raise _misfit(q, k, v, "[b t n h], [b s k h] and [b s k h]")
    if shapes.exact_quotient(q[2], k[2]) is None:
        raise _misfit(q, k, v, "a number of heads that those of the key divide")
    return q


def _misfit(q: Any, k: Any, v: Any, expected: str) -> ShapeMismatch:
    found = ", ".join(map(shapes.written, (q, k, v)))
    return ShapeMismatch(f"query, key and value {found}", where="dot_product_attention", expected=expected)


def _masked(logits: Any, mask: Any, is_causal: bool, steps: Any, seen: Any) -> Any:
    if is_causal:
        earlier = ops.greater_equal(ops.expand_dims(ops.arange(steps), 1), ops.expand_dims(ops.arange(seen), 0))
        logits = ops.where(earlier, logits, _lowest(logits))
    if mask is not None:
        allowed = ops.cast(ops.convert_to_tensor(mask), "bool")
        if len(shape_of(allowed)) == 3:
            allowed = ops.expand_dims(allowed, 1)
        logits = ops.where(allowed, logits, _lowest(logits))
    return logits


def _lowest(logits: Any) -> float:
    """So low that its exponential is 0 beside any logit, and still a number, so that no row is without one."""
    return -0.7 * float(np.finfo(np.dtype(logits.dtype)).max)
