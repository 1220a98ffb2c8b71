"""Searching: where values lie in a sorted row, in a set, among the largest; choices by condition."""

from __future__ import annotations

import builtins
import math
from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np

from kmagic.base import dtypes
from kmagic.base.dtypes import is_float
from kmagic.base.errors import BadValue, ShapeMismatch, Unsupported
from kmagic.base.shapes import Axis, size, written
from kmagic.graph.ops.movement import dtype_of, shape_of
from kmagic.graph.ops.source import number_of
from kmagic.graph.table import ops, public

_MOST_ROUNDS = 31  # halvings that find any place in a row of less than 2³¹ entries


@public
def searchsorted(sorted_sequence: Any, values: Any, side: str = "left") -> Any:
    """Where each value would go in a sorted vector: before equal entries (`left`) or after them (`right`).

    >>> searchsorted([1, 3, 5], [0, 3, 9]).tolist()
    [0, 1, 3]
    """
    row, wanted = ops.convert_to_tensor(sorted_sequence), ops.convert_to_tensor(values)
    if len(shape_of(row)) != 1:
        raise ShapeMismatch(
            f"`searchsorted` only supports 1-D sorted sequences; this has {written(shape_of(row))}", expected="[n]"
        )
    if side not in ("left", "right"):
        raise BadValue(f"side is {side!r}", where="searchsorted", expected='"left" or "right"')
    kind = dtypes.promote(dtype_of(row), dtype_of(wanted))
    row, wanted = ops.cast(row, kind), ops.cast(wanted, kind)
    if isinstance(row, np.ndarray) and isinstance(wanted, np.ndarray):
        return np.searchsorted(row, wanted, side=side).astype("int32")  # type: ignore[call-overload]
    return _halving(row, wanted, side)


def _halving(row: Any, wanted: Any, side: str) -> Any:
    """How many entries of a sorted row come before each value, by trying powers of two from the largest down."""
    (count,) = shape_of(row)
    if count == 0:
        return ops.zeros_like(wanted, "int32")
    rounds = count.bit_length() if isinstance(count, int) else _MOST_ROUNDS
    total = number_of(count, "int32")
    found = ops.zeros_like(wanted, "int32")
    for step in (1 << power for power in reversed(range(rounds))):
        reached = found + step
        entry = ops.rows["gather"](row, ops.minimum(reached, total) - 1, 0)
        earlier = ops.less(entry, wanted) if side == "left" else ops.less_equal(entry, wanted)
        if is_float(dtype_of(row)):  # NaN is sorted to the end
            unknown = ops.isnan(wanted)
            earlier = ops.logical_or(
                earlier, ops.logical_not(ops.isnan(entry)) & unknown if side == "left" else unknown
            )
        found = ops.where(ops.logical_and(reached <= total, earlier), reached, found)
    return found


@public
def digitize(x: Any, bins: Any) -> Any:
    """The number of the bin that each value falls in, given their edges in rising order; edge i opens bin i + 1.

    >>> digitize([0.5, 1.0, 7.0], [0.0, 1.0, 2.0]).tolist()
    [1, 2, 3]
    """
    edges = ops.convert_to_tensor(bins)
    if len(shape_of(edges)) != 1:
        raise ShapeMismatch(f"`bins` must be a 1D array; this has {written(shape_of(edges))}", expected="[n]")
    if isinstance(edges, np.ndarray) and edges.size and edges[0] > edges[-1]:
        return edges.size - searchsorted(edges[::-1], x, "left")
    return searchsorted(edges, x, "right")


@public
def isin(x1: Any, x2: Any, assume_unique: bool = False, invert: bool = False) -> Any:
    """Whether each entry of x1 is among those of x2 (or, with `invert`, is not).

    >>> isin([1, 2, 3], [3, 1]).tolist()
    [True, False, True]
    """
    wanted, among = ops.convert_to_tensor(x1), ops.ravel(ops.convert_to_tensor(x2))
    kind = dtypes.promote(dtype_of(wanted), dtype_of(among))
    wanted, among = ops.cast(wanted, kind), ops.sort(ops.cast(among, kind))
    count = shape_of(among)[0]
    if count == 0:
        return ops.zeros_like(wanted, "bool") if not invert else ops.ones_like(wanted, "bool")
    place = ops.minimum(searchsorted(among, wanted), number_of(count, "int32") - 1)
    entry = ops.rows["gather"](among, place, 0)
    return ops.not_equal(entry, wanted) if invert else ops.equal(entry, wanted)


@public
def in_top_k(targets: Any, predictions: Any, k: int) -> Any:
    """Whether the prediction of each target class is among the k largest of its row; ties count as in.

    >>> in_top_k([1, 0], [[0.1, 0.9], [0.4, 0.6]], k=1).tolist()
    [True, False]
    """
    scores = ops.convert_to_tensor(predictions)
    mine = ops.take_along_axis(scores, ops.expand_dims(ops.convert_to_tensor(targets), -1), -1)
    mine = ops.where(ops.isnan(mine), -math.inf, mine)
    return ops.less(ops.sum(scores > mine, -1), k)


@public
def argpartition(x: Any, kth: int, axis: int | None = -1) -> Any:
    """Indices that put entry `kth` of the sorted order in its place, smaller ones before it, larger ones after.

    All are sorted, which is one such order.
    """
    value = ops.convert_to_tensor(x)
    return ops.argsort(ops.ravel(value), 0) if axis is None else ops.argsort(value, axis)


@public
def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any:
    """From each place's first condition that holds the choice beside it, else `default`.

    >>> select([np.array([True, False])], [np.array([1, 2])], 7).tolist()
    [1, 7]
    """
    if len(condlist) != len(choicelist) or not condlist:
        raise BadValue(f"{len(condlist)} conditions and {len(choicelist)} choices", where="select", expected="as many")
    result = default
    for condition, choice in builtins.reversed(list(zip(condlist, choicelist, strict=True))):
        result = ops.where(condition, choice, result)
    return result


@public
def unravel_index(indices: Any, shape: Sequence[Axis]) -> tuple[Any, ...]:
    """The index on each axis of entries whose places in the flattened array are given.

    >>> [i.tolist() for i in unravel_index([5], (2, 3))]
    [[1], [2]]
    """
    rest = ops.convert_to_tensor(indices)
    total = number_of(size(shape), dtype_of(rest))
    rest = ops.where(ops.less(rest, 0), rest + total, rest)
    result: list[Any] = []
    for n in reversed(list(shape)):
        length = number_of(n, dtype_of(rest))
        result.append(ops.mod(rest, length))
        rest = ops.floor_divide(rest, length)
    return tuple(reversed(result))


def _only_now(name: str, instead: str, *values: Any) -> None:
    """Refuse symbols: the shape of the result would depend on data."""
    if any(hasattr(value, "as_node") and value.as_node() is not None for value in values):
        _refuse(name, instead)


def _refuse(name: str, instead: str) -> NoReturn:
    raise Unsupported(f"{name} of a value that is computed later", expected="a result of known shape", fix=instead)


@public
def nonzero(x: Any) -> tuple[Any, ...]:
    """The indices of entries that are not zero, one array for each axis; for arrays, not for symbols.

    >>> [i.tolist() for i in nonzero([[0, 1], [2, 0]])]
    [[0, 1], [1, 0]]
    """
    _only_now("nonzero", "kmagic.ops.where(mask, x, 0)", x)
    return tuple(place.astype("int32") for place in np.nonzero(np.asarray(x)))


@public
def unique(
    x: Any,
    sorted: bool = True,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    size: int | None = None,
    fill_value: Any = None,
) -> Any:
    """The different values in rising order, filled up or cut to `size`; for arrays, not for symbols.

    >>> unique([3, 1, 3]).tolist()
    [1, 3]
    """
    _only_now("unique", "kmagic.ops.bincount(x, minlength=n)", x)
    value = np.asarray(ops.convert_to_tensor(x))
    values, index, inverse, counts = np.unique(value, True, True, True, axis)
    place = axis or 0
    if size is not None:
        values, index, counts = _sized(values, index, counts, size, place, fill_value)
    found = [values]
    for wanted, part in ((return_index, index), (return_inverse, inverse), (return_counts, counts)):
        if wanted:
            found.append(part.astype("int32"))
    return tuple(found) if len(found) > 1 else values


def _sized(values: Any, index: Any, counts: Any, size: int, axis: int, fill: Any) -> tuple[Any, Any, Any]:
    """Cut to `size`, or filled up with a value (the smallest one by default), its first index and a count of 0."""
    missing = max(size - counts.size, 0)
    kept = np.take(values, range(min(size, counts.size)), axis)
    wide = [(0, missing if i == axis else 0) for i in range(values.ndim)]
    if fill is None:
        repeated = np.repeat(np.take(values, [0], axis), missing, axis)
        kept = np.concatenate([kept, repeated], axis)
    else:
        kept = np.pad(kept, wide, constant_values=fill)
    index = np.concatenate([index[:size], np.full(missing, index[0])])
    return kept, index, np.pad(counts[:size], (0, missing))
