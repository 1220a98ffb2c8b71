"""Statistics of samples: weighted averages, order statistics, counts, correlation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kmagic.base import shapes
from kmagic.base.config import floatx
from kmagic.base.dtypes import is_float, promote
from kmagic.base.errors import BadValue, ShapeMismatch, Unsupported
from kmagic.graph.ops.movement import axis_of, dtype_of, shape_of
from kmagic.graph.ops.reduce import Axes, axes_of
from kmagic.graph.ops.source import number_of
from kmagic.graph.table import ops, public

METHODS = ("linear", "lower", "higher", "midpoint", "nearest")


def floats(x: Any) -> Any:
    """x as floats."""
    value = ops.convert_to_tensor(x)
    return value if is_float(dtype_of(value)) else ops.cast(value, floatx())


@public
def average(x: Any, axis: Axes = None, weights: Any = None) -> Any:
    """Mean over axes, each value counted as often as its weight says.

    Weights have the shape of x, or are one for each entry along the axis.

    >>> float(average([1.0, 4.0], weights=[2.0, 1.0]))
    2.0
    """
    value = floats(x)
    if weights is None:
        return ops.mean(value, axis)
    weight = ops.convert_to_tensor(weights)
    kind = promote(dtype_of(value), dtype_of(weight))
    value, weight = ops.cast(value, kind), ops.cast(weight, kind)
    if shape_of(weight) != shape_of(value):
        rank = len(shape_of(value))
        if len(shape_of(weight)) != 1 or not isinstance(axis, int):
            raise ShapeMismatch(
                f"weights {shapes.written(shape_of(weight))} for {shapes.written(shape_of(value))} along axis {axis}",
                where="average",
                expected="equal shapes, or a vector and its axis",
            )
        weight = ops.reshape(weight, [-1 if i == axis_of(axis, rank) else 1 for i in range(rank)])
        weight = ops.broadcast_to(weight, shape_of(value))
    return ops.divide(ops.sum(ops.multiply(value, weight), axis), ops.sum(weight, axis))


def _in_order(x: Any, axis: Axes) -> tuple[Any, tuple[int, ...]]:
    """The values over `axis`, sorted along one last axis, and which axes they were."""
    value = floats(x)
    axes = axes_of(axis, len(shape_of(value)))
    moved = ops.moveaxis(value, axes, range(-len(axes), 0))
    lead = shape_of(moved)[: len(shape_of(moved)) - len(axes)]
    count = shapes.size(shape_of(value)[place] for place in axes)
    return ops.sort(ops.reshape(moved, (*lead, count)), -1), axes


def _between(rows: Any, place: Any, method: str) -> Any:
    """Entries of sorted rows at fractional places, which have one axis more than the rows' leading ones."""
    if method not in METHODS:
        raise BadValue(f"method is {method!r}", where="quantile", expected=f"one of {', '.join(METHODS)}")
    below = ops.floor(place)
    part = ops.stop_gradient(place - below) if method != "linear" else place - below
    low, high = (
        ops.take_along_axis(rows, ops.cast(ops.maximum(index, 0), "int32"), -1) for index in (below, ops.ceil(place))
    )
    match method:
        case "lower":
            return low
        case "higher":
            return high
        case "midpoint":
            return ops.multiply(ops.add(low, high), 0.5)
        case "nearest":
            return ops.where(part <= 0.5, low, high)
    mixed = ops.add(ops.multiply(low, 1 - part), ops.multiply(high, part))
    return ops.where(ops.equal(part, 0), low, mixed)  # nothing of an infinity is no number


def _finished(found: Any, q: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    """Quantiles moved from the last axis to the first (or away), over axes that are kept as 1 or gone."""
    front = ops.moveaxis(found, -1, 0)
    if keepdims:
        front = ops.expand_dims(front, [axis + 1 for axis in axes])
    return front if len(shape_of(q)) else ops.squeeze(front, 0)


def _quantiles(x: Any, q: Any, axis: Axes, method: str, keepdims: bool, skip: bool, whole: int = 1) -> Any:
    """Quantiles of all values, NaN where one is, or with `skip` of those that are numbers; `q` are parts of `whole`."""
    rows, axes = _in_order(x, axis)
    share = ops.divide(ops.convert_to_tensor(q, dtype_of(rows)), whole)
    if len(shape_of(share)) > 1:
        raise ShapeMismatch(f"q of shape {shapes.written(shape_of(share))}", where="quantile", expected="[] or [n]")
    kind, shape = dtype_of(rows), shape_of(rows)
    known = ops.logical_not(ops.isnan(rows))
    count = ops.sum(ops.cast(known, kind), -1, keepdims=True) if skip else number_of(shape[-1], kind)
    place = ops.multiply(ops.reshape(share, (-1,)), count - 1)
    wanted = shape_of(ops.reshape(share, (-1,)))
    found = _between(rows, ops.broadcast_to(place, (*shape[:-1], *wanted)), method)
    if not skip:
        found = ops.where(ops.all(known, -1, keepdims=True), found, np.nan)
    return _finished(found, share, axes, keepdims)


@public
def quantile(x: Any, q: Any, axis: Axes = None, method: str = "linear", keepdims: bool = False) -> Any:
    """The value below which a share `q` of the others lies, over axes; several shares come first in the result.

    Between two values `method` decides: linear, lower, higher, midpoint or nearest.

    >>> quantile([1.0, 2.0, 3.0], [0.0, 0.25]).tolist()
    [1.0, 1.5]
    """
    return _quantiles(x, q, axis, method, keepdims, skip=False)


@public
def percentile(x: Any, q: Any, axis: Axes = None, method: str = "linear", keepdims: bool = False) -> Any:
    """As `quantile`, with shares of 100."""
    return _quantiles(x, q, axis, method, keepdims, skip=False, whole=100)


@public
def median(x: Any, axis: Axes = None, keepdims: bool = False) -> Any:
    """The middle value over axes, or the mean of the middle two.

    >>> float(median([3.0, 1.0, 2.0]))
    2.0
    """
    return quantile(x, 0.5, axis, "midpoint", keepdims)


@public
def nanquantile(x: Any, q: Any, axis: Axes = None, method: str = "linear", keepdims: bool = False) -> Any:
    """As `quantile`, of the values that are not NaN."""
    return _quantiles(x, q, axis, method, keepdims, skip=True)


@public
def nanpercentile(x: Any, q: Any, axis: Axes = None, method: str = "linear", keepdims: bool = False) -> Any:
    """As `percentile`, of the values that are not NaN."""
    return _quantiles(x, q, axis, method, keepdims, skip=True, whole=100)


@public
def nanmedian(x: Any, axis: Axes = None, keepdims: bool = False) -> Any:
    """As `median`, of the values that are not NaN."""
    return nanquantile(x, 0.5, axis, "midpoint", keepdims)


@public
def ptp(x: Any, axis: Axes = None, keepdims: bool = False) -> Any:
    """Largest minus smallest value over axes."""
    return ops.subtract(ops.max(x, axis, keepdims), ops.min(x, axis, keepdims))


@public
def count_nonzero(x: Any, axis: Axes = None) -> Any:
    """How many values over axes are not zero.

    >>> int(count_nonzero([0, 2, 3]))
    2
    """
    return ops.sum(ops.cast(ops.not_equal(ops.convert_to_tensor(x), 0), "int32"), axis)


@public
def corrcoef(x: Any) -> Any:
    """How far rows vary together, from −1 to 1: Pearson's correlation of every two of them."""
    rows = floats(x)
    rows = ops.expand_dims(rows, 0) if len(shape_of(rows)) == 1 else rows
    apart = rows - ops.mean(rows, -1, keepdims=True)
    covariance = ops.matmul(apart, ops.swapaxes(apart, -1, -2))
    size = ops.sqrt(ops.sum(ops.square(apart), -1, keepdims=True))
    found = ops.clip(ops.divide(ops.divide(covariance, size), ops.swapaxes(size, -1, -2)), -1.0, 1.0)
    return ops.reshape(found, ()) if len(shape_of(x)) == 1 else found


@public
def bincount(x: Any, weights: Any = None, minlength: int = 0, sparse: bool = False) -> Any:
    """How often each whole number from 0 occurs in a vector, or in each row; or the sum of its weights.

    There are at least `minlength` counts. For a symbol there are exactly so many, and a larger number is an error of
    the step.

    >>> bincount([0, 2, 2], minlength=4).tolist()
    [1, 0, 2, 0]
    """
    if sparse:
        raise Unsupported("bincount(sparse=True)", expected="a dense result", fix="kmagic.ops.bincount(x)")
    value = ops.convert_to_tensor(x)
    length = _bins(value, minlength)
    counted = ops.ones_like(value, "int32") if weights is None else ops.convert_to_tensor(weights)
    kind = "int32" if weights is None else promote(dtype_of(value), dtype_of(counted))
    counted = ops.cast(counted, kind)
    if len(shape_of(value)) == 1:
        return ops.rows["scatter_add"](counted, value, 0, length)
    if len(shape_of(value)) != 2:
        raise ShapeMismatch(f"bincount of {shapes.written(shape_of(value))}", expected="[n] or [batch n]")
    return ops.rows["unpick"](counted, value, 1, length)


def _bins(x: Any, minlength: int) -> int:
    if isinstance(x, np.ndarray):
        return max(int(x.max()) + 1 if x.size else 0, minlength)
    if not minlength:
        raise Unsupported("bincount of a value that is computed later", expected="minlength=…, the number of counts")
    return minlength


@public
def histogram(x: Any, bins: Any = 10, range: Sequence[Any] | None = None) -> tuple[Any, Any]:
    """How many values fall between neighbouring edges, and the edges: `bins` + 1 of them, or those given as `bins`.

    >>> [part.tolist() for part in histogram([1.0, 2.0, 1.0], bins=2)]
    [[2.0, 1.0], [1.0, 1.5, 2.0]]
    """
    value = ops.ravel(ops.convert_to_tensor(x))
    kind = dtype_of(value)
    if np.ndim(bins) or hasattr(bins, "as_node"):
        edges = ops.convert_to_tensor(bins)
    else:
        edges = _even_edges(floats(value), int(bins), range)
    count = shape_of(edges)[0] - 1
    if not isinstance(count, int):
        raise ShapeMismatch(f"edges {shapes.written(shape_of(edges))}", where="histogram", expected="a known number")
    place = ops.searchsorted(edges, value, "right") - 1
    place = ops.where(ops.equal(value, edges[-1]), count - 1, place)
    outside = ops.logical_or(ops.less(place, 0), ops.greater_equal(place, count))
    counts = bincount(ops.where(outside, count, place), minlength=count + 1)
    return ops.cast(counts[:count], kind), edges


def _even_edges(x: Any, bins: int, limits: Sequence[Any] | None) -> Any:
    """Edges at equal distances over the values, or over the limits given."""
    if bins < 1:
        raise BadValue(f"bins is {bins}", where="histogram", expected="at least 1")
    low, high = (ops.min(x), ops.max(x)) if limits is None else (ops.cast(limit, dtype_of(x)) for limit in limits)
    flat = ops.equal(low, high)
    return ops.linspace(ops.where(flat, low - 0.5, low), ops.where(flat, high + 0.5, high), bins + 1)
