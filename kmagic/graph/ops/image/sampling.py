"""Sampling: arrays read between their entries, and images warped by where each new pixel comes from."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

from kmagic.base import shapes
from kmagic.base.dtypes import is_float, promote
from kmagic.base.errors import BadValue, ShapeMismatch
from kmagic.graph.ops.image.layout import known_size, layout_of
from kmagic.graph.ops.movement import dtype_of, shape_of
from kmagic.graph.ops.windows.call import as_float, chosen
from kmagic.graph.table import ops, public

ORDERS = {"nearest": 0, "bilinear": 1}
FILL_MODES = ("constant", "nearest", "wrap", "mirror", "reflect")
Neighbour = tuple[Any, Any]


def _folded(index: Any, period: int, edge: int) -> Any:
    """There and back again, `edge` more times at each end: of the two such places of a period the first."""
    place = ops.mod(index, period)
    return ops.minimum(place, period - edge - place)


def _inside(index: Any, size: int, mode: str) -> Any:
    """An index that exists in an axis as `edged`, for one that may lie beyond the ends."""
    match mode:
        case "wrap":
            return ops.mod(index, size)
        case "mirror":
            return _folded(index, max(2 * size - 2, 1), 0)
        case "reflect":
            return _folded(index, 2 * size, 1)
        case "constant":
            return ops.clip(index, -1, size) + 1
        case _:
            return ops.clip(index, 0, size - 1)


def _rounded(x: Any) -> Any:
    """The nearest whole number; halves go away from 0."""
    return ops.sign(x) * ops.floor(abs(x) + 0.5)


def neighbours(at: Any, size: int, order: int, mode: str) -> list[Neighbour]:
    """What is around places on an axis: indices into the axis as `edged`, and how much each counts (None: fully)."""
    if order == 0:
        return [(_inside(ops.cast(_rounded(at), "int32"), size, mode), None)]
    lower = ops.floor(at)
    above = at - lower
    index = ops.cast(lower, "int32")
    return [(_inside(index, size, mode), 1 - above), (_inside(index + 1, size, mode), above)]


def edged(x: Any, axes: Sequence[int], mode: str, fill_value: float) -> Any:
    """An array with one more entry at each end of some axes where a constant stands for all that is beyond them."""
    if mode != "constant":
        return x
    widths = [(1, 1) if axis in axes else (0, 0) for axis in range(len(shape_of(x)))]
    return ops.pad(x, widths, constant_values=fill_value)


def _product(factors: Sequence[Any]) -> Any:
    """The product of what is not None; None where nothing is."""
    given = [factor for factor in factors if factor is not None]
    return math.prod(given[1:], start=given[0]) if given else None


def _weighted(rows: Any, weight: Any) -> Any:
    return rows if weight is None else rows * ops.cast(ops.expand_dims(weight, -1), dtype_of(rows))


def _sum(terms: Sequence[Any]) -> Any:
    return sum(terms[1:], terms[0])


def looked_up(flat: Any, axes: Sequence[Sequence[Neighbour]], strides: Sequence[int], base: Any) -> Any:
    """Mixtures of rows of a matrix: for each corner around a place the row `base` + Σ index·stride, times weights."""
    terms = []
    for corner in itertools.product(*axes):
        indices = [index * stride if stride != 1 else index for (index, _), stride in zip(corner, strides, strict=True)]
        place = _sum(indices if base is None else [*indices, base])
        rows = ops.rows["gather"](flat, place, 0)
        terms.append(_weighted(rows, _product([weight for _, weight in corner])))
    return _sum(terms)


def _each_image(count: Any, step: int, rank: int) -> Any:
    """Where the rows of each image of a batch begin."""
    return ops.reshape(ops.arange(count) * step, (count, *[1] * rank))


def sampled(x: Any, rows: Any, columns: Any, order: int, mode: str, fill_value: float = 0.0) -> Any:
    """Images [n h w c] read at places [n p q], which give images [n p q c]."""
    batch, channels = shape_of(x)[0], shape_of(x)[3]
    height, width = (known_size(x, axis, "images") for axis in (1, 2))
    axes = [neighbours(rows, height, order, mode), neighbours(columns, width, order, mode)]
    x = edged(x, (1, 2), mode, fill_value)
    lines, length = (known_size(x, axis, "images") for axis in (1, 2))
    flat = ops.reshape(x, (batch * (lines * length), channels))
    return looked_up(flat, axes, (length, 1), _each_image(batch, lines * length, 2))


def sampled_apart(x: Any, rows: Any, columns: Any, order: int, mode: str, fill_value: float = 0.0) -> Any:
    """As `sampled`, where rows [n p] do not depend on columns [n q]: whole lines are read, first of one axis."""
    batch = shape_of(x)[0]

    def lines(values: Any, places: Any) -> Any:
        """Lines [n s *rest] at places [n p]."""
        around = neighbours(places, known_size(values, 1, "images"), order, mode)
        values = edged(values, (1,), mode, fill_value)
        size, rest = known_size(values, 1, "images"), shape_of(values)[2:]
        flat = ops.reshape(values, (batch * size, shapes.size(rest)))
        found = looked_up(flat, [around], (1,), _each_image(batch, size, 1))
        return ops.reshape(found, (batch, shape_of(places)[1], *rest))

    turned = ops.transpose(lines(x, rows), (0, 2, 1, 3))
    return ops.transpose(lines(turned, columns), (0, 2, 1, 3))


@public
def map_coordinates(inputs: Any, coordinates: Any, order: int, fill_mode: str = "constant", fill_value: Any = 0) -> Any:
    """The values of an array between its entries: `coordinates` has one array of places for each axis.

    `order` 0 takes the nearest entry, 1 a mixture of those around. Beyond the ends comes a constant, the last entry
    ("nearest"), the other end ("wrap"), or the way back, with the last entry twice ("reflect") or once ("mirror").

    >>> import numpy as np
    >>> map_coordinates(np.array([1.0, 2.0, 4.0]), np.array([[0.5, 1.5]]), order=1).tolist()
    [1.5, 3.0]
    """
    inputs = ops.convert_to_tensor(inputs)
    places = ops.stack(list(coordinates)) if isinstance(coordinates, list | tuple) else coordinates
    places = as_float(places)
    shape = shape_of(inputs)
    chosen(fill_mode, FILL_MODES, "fill_mode", "map_coordinates")
    if order not in (0, 1):
        raise BadValue(f"order is {order!r}", where="map_coordinates", expected="0 or 1")
    if len(shape_of(places)) < 2 or shape_of(places)[0] != len(shape):
        raise ShapeMismatch(
            f"coordinates {shapes.written(shape_of(places))} for an array {shapes.written(shape)}",
            where="map_coordinates",
            expected=f"[{len(shape)} *places]",
        )
    sizes = [known_size(inputs, axis, "map_coordinates") for axis in range(len(shape))]
    axes = [neighbours(places[axis], size, order, fill_mode) for axis, size in enumerate(sizes)]
    values = edged(as_float(inputs), range(len(sizes)), fill_mode, fill_value)
    around = [known_size(values, axis, "map_coordinates") for axis in range(len(sizes))]
    strides = [math.prod(around[axis + 1 :]) for axis in range(len(around))]
    flat = ops.reshape(values, (math.prod(around), 1))
    found = ops.squeeze(looked_up(flat, axes, strides, None), -1)
    kind = dtype_of(inputs)
    return ops.cast(found if is_float(kind) else _rounded(found), kind)


def grid(height: int, width: int, kind: str) -> tuple[Any, Any]:
    """The numbers of rows and of columns, as arrays [1 h 1] and [1 1 w]."""
    rows, columns = ops.arange(height, dtype=kind), ops.arange(width, dtype=kind)
    return ops.reshape(rows, (1, height, 1)), ops.reshape(columns, (1, 1, width))


def warped(x: Any, transform: Any, order: int, mode: str, fill_value: float = 0.0) -> Any:
    """Images [n h w c] by six numbers each [n 6]: x' = a₀·x + a₁·y + a₂ and y' = b₀·x + b₁·y + b₂."""
    y, column = grid(known_size(x, 1, "images"), known_size(x, 2, "images"), dtype_of(transform))
    a0, a1, a2, b0, b1, b2 = (ops.reshape(transform[:, i], (-1, 1, 1)) for i in range(6))
    return sampled(x, b0 * column + (b1 * y + b2), a0 * column + (a1 * y + a2), order, mode, fill_value)


@public
def affine_transform(
    images: Any,
    transform: Any,
    interpolation: str = "bilinear",
    fill_mode: str = "constant",
    fill_value: float = 0,
    data_format: str | None = None,
) -> Any:
    """Images moved, turned, stretched or seen askew: each new pixel comes from the place that eight numbers give.

    Formula: x' = (a₀·x + a₁·y + a₂) / k, y' = (b₀·x + b₁·y + b₂) / k, k = c₀·x + c₁·y + 1

    Symbols: transform: a₀ a₁ a₂ b₀ b₁ b₂ c₀ c₁, for all images or for each

    >>> import numpy as np
    >>> x = np.arange(3.0).reshape(1, 3, 1)
    >>> affine_transform(x, np.array([1.0, 0, 1, 0, 1, 0, 0, 0])).ravel().tolist()
    [1.0, 2.0, 0.0]
    """
    images, transform = ops.convert_to_tensor(images), as_float(transform)
    layout = layout_of(images, data_format, "affine_transform")
    order = ORDERS[chosen(interpolation, tuple(ORDERS), "interpolation", "affine_transform")]
    mode = chosen(fill_mode, FILL_MODES, "fill_mode", "affine_transform")
    if len(shape_of(transform)) not in (1, 2) or shape_of(transform)[-1] != 8:
        raise ShapeMismatch(
            f"transform {shapes.written(shape_of(transform))}", where="affine_transform", expected="[8] or [batch 8]"
        )
    return _projected(images, layout, ops.reshape(transform, (-1, 8)), order, mode, fill_value)


def _projected(images: Any, layout: Any, transform: Any, order: int, mode: str, fill_value: float) -> Any:
    kind = dtype_of(images)
    x = layout.opened(as_float(images))
    height, width = (known_size(x, axis, "affine_transform") for axis in (1, 2))
    wide = promote(dtype_of(transform), "float32")
    a0, a1, a2, b0, b1, b2, c0, c1 = (ops.reshape(ops.cast(transform[:, i], wide), (-1, 1, 1)) for i in range(8))
    y, column = grid(height, width, wide)
    depth = c0 * column + c1 * y + 1
    rows, columns = (b0 * column + b1 * y + b2) / depth, (a0 * column + a1 * y + a2) / depth
    found = layout.closed(sampled(x, rows, columns, order, mode, fill_value))
    return ops.cast(found if is_float(kind) else _rounded(found), kind)


@public
def perspective_transform(
    images: Any,
    start_points: Any,
    end_points: Any,
    interpolation: str = "bilinear",
    fill_value: float = 0,
    data_format: str | None = None,
) -> Any:
    """Images pulled at four points (x, y): what is at each start point goes to its end point, lines stay lines.

    >>> import numpy as np
    >>> corners = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0], [2.0, 2.0]])
    >>> perspective_transform(np.arange(9.0).reshape(3, 3, 1), corners, corners[[1, 0, 3, 2]]).ravel().round(9).tolist()
    [2.0, 1.0, 0.0, 5.0, 4.0, 3.0, 8.0, 7.0, 6.0]
    """
    images = ops.convert_to_tensor(images)
    layout = layout_of(images, data_format, "perspective_transform")
    order = ORDERS[chosen(interpolation, tuple(ORDERS), "interpolation", "perspective_transform")]
    start, end = (as_float(points) for points in (start_points, end_points))
    for points in (start, end):
        if shape_of(points)[-2:] != (4, 2) or len(shape_of(points)) not in (2, 3):
            raise ShapeMismatch(
                f"points {shapes.written(shape_of(points))}", where="perspective_transform", expected="[4 2] or [n 4 2]"
            )
    transform = _homography(ops.reshape(start, (-1, 4, 2)), ops.reshape(end, (-1, 4, 2)))
    return _projected(images, layout, transform, order, "constant", fill_value)


def _homography(start: Any, end: Any) -> Any:
    """The eight numbers that take each of four end points to its start point."""
    u, v = (ops.expand_dims(end[:, :, i], -1) for i in (0, 1))
    one, none = u * 0 + 1, u * 0
    lines, results = [], []
    for i, here in enumerate(((u, v, one, none, none, none), (none, none, none, u, v, one))):
        target = ops.expand_dims(start[:, :, i], -1)
        lines.append(ops.concatenate([*here, -target * u, -target * v], axis=-1))
        results.append(target)
    return ops.squeeze(ops.solve(ops.concatenate(lines, axis=1), ops.concatenate(results, axis=1)), -1)
