"""The memory of numbers: other readings of it, signs, neighbours, and what another dtype can hold."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kmagic.base import dtypes
from kmagic.base.dtypes import BYTES, is_float, standard
from kmagic.base.errors import BadType, ShapeMismatch, Unsupported
from kmagic.base.shapes import Shape, exact_quotient
from kmagic.graph.ops.elementary import as_float
from kmagic.graph.ops.movement import dtype_of
from kmagic.graph.table import ops, primitive, public


def _viewed(x: Any, dtype: str) -> Any:
    shape = _viewed_shape(x.shape, str(x.dtype), dtype)
    return np.ascontiguousarray(x).view(dtype).reshape(shape)


def _viewed_shape(shape: Shape, old: str, new: str) -> Shape:
    if BYTES[old] == BYTES[new]:
        return shape
    last = exact_quotient(shape[-1] * BYTES[old], BYTES[new]) if shape else None
    if last is None:
        raise ShapeMismatch(f"{old} of shape {shape} viewed as {new}", expected="a last axis that fits")
    return (*shape[:-1], last)


@primitive(
    "index",
    numpy=_viewed,
    gradient=lambda g, y, x, dtype: (None,),
    shape=lambda x, dtype: x,
    dtype=lambda x, dtype: dtype,
    compute=None,
    smooth=False,
    reads_memory=True,
)
def _same_bits(x: Any, /, dtype: str) -> Any:
    """The memory of x read as another dtype of the same width."""


@public
def view(x: Any, dtype: Any = None) -> Any:
    """The memory of x read as another dtype of the same width.

    >>> int(view(np.float32(1.0), "int32"))
    1065353216
    """
    value = ops.convert_to_tensor(x)
    old, new = dtype_of(value), standard(dtype)
    if "bfloat16" in (old, new) and old != new:
        raise Unsupported("the memory of bfloat16", where="view", expected="float16, or another dtype")
    if BYTES[old] != BYTES[new] and hasattr(value, "as_node"):
        raise BadType(f"{old} viewed as {new} later", expected="a dtype of the same width")
    return value if old == new else _viewed(value, new) if BYTES[old] != BYTES[new] else _same_bits(value, new)


@public
def signbit(x: Any) -> Any:
    """Whether the sign is minus, of −0 too.

    >>> signbit([-0.0, 0.0]).tolist()
    [True, False]
    """
    value = ops.convert_to_tensor(x)
    kind = dtype_of(value)
    return ops.less(view(value, _SAME_WIDTH[kind]) if kind in _SAME_WIDTH else value, 0)


_SAME_WIDTH = {"float16": "int16", "float32": "int32", "float64": "int64"}


@public
def nextafter(x1: Any, x2: Any) -> Any:
    """The next number that the dtype can hold, from x1 towards x2."""
    kind = dtypes.promote(*(dtype_of(as_float(x)) for x in (x1, x2)))
    start, end = (ops.cast(as_float(x), kind) for x in (x1, x2))
    bits = view(start, _SAME_WIDTH[kind])
    outward = ops.equal(end > start, start > 0)
    moved = view(bits + ops.where(outward, 1, -1), kind)
    smallest = np.finfo(kind).smallest_subnormal
    from_zero = ops.where(end > 0, smallest, -smallest)
    away = ops.where(ops.equal(start, 0), from_zero, moved)
    unknown = ops.logical_or(ops.isnan(start), ops.isnan(end))
    return ops.where(unknown, math.nan, ops.where(ops.equal(start, end), end, away))


@public
def saturate_cast(x: Any, dtype: Any) -> Any:
    """x as `dtype`, with its largest or smallest number where it cannot hold more.

    >>> saturate_cast([-1.0, 256.0], "uint8").tolist()
    [0, 255]
    """
    value, kind = ops.convert_to_tensor(x), standard(dtype)
    old = dtype_of(value)
    if kind == "bool" or old == "bool":
        return ops.cast(value, kind)
    low, high = _range(kind, old)
    return ops.cast(ops.clip(value, low, high), kind)


def _range(kind: str, old: str) -> tuple[Any, Any]:
    """The smallest and largest number of `kind` that `old` can hold too."""
    if kind == "bfloat16" or old == "bfloat16":
        return -math.inf, math.inf
    limits = [np.finfo(name) if is_float(name) else np.iinfo(name) for name in (kind, old)]
    low, high = max(limits[0].min, limits[1].min), min(limits[0].max, limits[1].max)
    if not is_float(old):
        return int(low), int(high)
    wide = np.dtype(old).type
    # rounding to the coarser type may have stepped out
    top = wide(high) if is_float(kind) or int(wide(high)) <= high else np.nextafter(wide(high), wide(0))
    return wide(low), top
