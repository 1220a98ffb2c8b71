"""Reductions that pass over NaN."""

from __future__ import annotations

import math
from typing import Any

from kmagic.base.dtypes import is_float
from kmagic.graph.ops.movement import dtype_of
from kmagic.graph.ops.reduce import Axes
from kmagic.graph.table import ops, public


def _filled(x: Any, value: float) -> Any:
    """x with a number in place of NaN."""
    given = ops.convert_to_tensor(x)
    return ops.where(ops.isnan(given), value, given) if is_float(dtype_of(given)) else given


def _all_missing(x: Any, axis: Axes, keepdims: bool) -> Any:
    return ops.all(ops.isnan(ops.convert_to_tensor(x)), axis, keepdims)


@public
def nansum(x: Any, axis: Axes = None, keepdims: bool = False) -> Any:
    """Sum over axes of the values that are not NaN."""
    return ops.sum(_filled(x, 0), axis, keepdims)


@public
def nanprod(x: Any, axis: Axes = None, keepdims: bool = False) -> Any:
    """Product over axes of the values that are not NaN."""
    return ops.prod(_filled(x, 1), axis, keepdims)


@public
def nancumsum(x: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """As `cumsum`, with NaN counted as 0."""
    return ops.cumsum(_filled(x, 0), axis, dtype)


@public
def nancumprod(x: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """As `cumprod`, with NaN counted as 1."""
    return ops.cumprod(_filled(x, 1), axis, dtype)


def _extreme(function: Any, x: Any, axis: Axes, keepdims: bool, worst: float) -> Any:
    if not is_float(dtype_of(ops.convert_to_tensor(x))):
        return function(x, axis, keepdims)
    return ops.where(_all_missing(x, axis, keepdims), math.nan, function(_filled(x, worst), axis, keepdims))


@public
def nanmax(x: Any, axis: Axes = None, keepdims: bool = False) -> Any:
    """Largest value over axes that is not NaN."""
    return _extreme(ops.max, x, axis, keepdims, -math.inf)


@public
def nanmin(x: Any, axis: Axes = None, keepdims: bool = False) -> Any:
    """Smallest value over axes that is not NaN."""
    return _extreme(ops.min, x, axis, keepdims, math.inf)


def _position(function: Any, x: Any, axis: int | None, keepdims: bool, worst: float) -> Any:
    if not is_float(dtype_of(ops.convert_to_tensor(x))):
        return function(x, axis, keepdims)
    missing = _all_missing(x, axis, keepdims)
    return ops.where(missing, -1, function(_filled(x, worst), axis, keepdims))


@public
def nanargmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """Where the first largest value that is not NaN lies; −1 where all are NaN."""
    return _position(ops.argmax, x, axis, keepdims, -math.inf)


@public
def nanargmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """Where the first smallest value that is not NaN lies; −1 where all are NaN."""
    return _position(ops.argmin, x, axis, keepdims, math.inf)


@public
def nanmean(x: Any, axis: Axes = None, keepdims: bool = False) -> Any:
    """Mean over axes of the values that are not NaN."""
    given = ops.convert_to_tensor(x)
    if not is_float(dtype_of(given)):
        return ops.mean(given, axis, keepdims)
    known = ops.cast(ops.logical_not(ops.isnan(given)), dtype_of(given))
    return ops.divide(nansum(given, axis, keepdims), ops.sum(known, axis, keepdims))


@public
def nanvar(x: Any, axis: Axes = None, keepdims: bool = False) -> Any:
    """Mean squared distance from the mean, of the values that are not NaN."""
    given = ops.convert_to_tensor(x)
    apart = ops.square(ops.subtract(_filled(given, 0), nanmean(given, axis, keepdims=True)))
    # filled and marked again, since no number times nothing is no number
    return nanmean(ops.where(ops.isnan(given), math.nan, apart), axis, keepdims)


@public
def nanstd(x: Any, axis: Axes = None, keepdims: bool = False) -> Any:
    """Square root of the variance of the values that are not NaN."""
    return ops.sqrt(nanvar(x, axis, keepdims))
