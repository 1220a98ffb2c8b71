"""Running results of an associative function, in log₂ n rounds over whole arrays.

Neighbours are joined in pairs, the pairs are scanned, and what lies between is filled in from them.
Source: G. Blelloch, Prefix Sums and Their Applications, 1990.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kmagic.base import trees
from kmagic.base.errors import BadType, BadValue, ShapeMismatch
from kmagic.base.shapes import Axis, Extent
from kmagic.graph.ops.iteration import scan
from kmagic.graph.ops.movement import axis_of, shape_of
from kmagic.graph.table import ops, public

Arrays = Sequence[Any]
Join = Callable[[Arrays, Arrays], list[Any]]


@public
def associative_scan(f: Callable[[Any, Any], Any], elems: Any, reverse: bool = False, axis: int = 0) -> Any:
    """x₁, f(x₁, x₂), f(f(x₁, x₂), x₃), … along an axis, for an `f` that may be bracketed in any way.

    `f` gets two structures like `elems`, whose arrays hold any number of entries along the axis, and joins them entry
    by entry. Along an axis whose size only run time knows it is called for one entry after the other.

    >>> import numpy as np
    >>> associative_scan(lambda a, b: a * b, np.array([1.0, 2.0, 3.0, 4.0])).tolist()
    [1.0, 2.0, 6.0, 24.0]
    """
    if not callable(f):
        raise BadType(f"f is {f!r}", where="associative_scan", expected="a function of two structures")
    xs = [ops.convert_to_tensor(leaf) for leaf in trees.leaves(elems, skip_none=True)]
    lengths = [_length(x, axis) for x in xs]
    if not xs:
        raise BadValue("elems holds no array", where="associative_scan", expected="at least one")
    if any(length != lengths[0] for length in lengths):
        found = ", ".join(map(str, lengths))
        raise ShapeMismatch(f"lengths {found}", where="associative_scan", expected="equal lengths along the axis")

    def join(a: Arrays, b: Arrays) -> list[Any]:
        return trees.leaves(f(*(trees.filled(elems, values, skip_none=True) for values in (a, b))), skip_none=True)

    way = _one_by_one if isinstance(lengths[0], Extent) else _in_rounds
    results = way(join, _flipped(xs, axis) if reverse else xs, axis)
    return trees.filled(elems, _flipped(results, axis) if reverse else results, skip_none=True)


def _length(x: Any, axis: int) -> Axis:
    return shape_of(x)[_place(x, axis)]


def _place(x: Any, axis: int) -> int:
    return axis_of(axis, len(shape_of(x)))


def _flipped(xs: Arrays, axis: int) -> list[Any]:
    return [ops.flip(x, axis) for x in xs]


def _cut(xs: Arrays, axis: int, start: int | None, stop: int | None, step: int = 1) -> list[Any]:
    return [ops.getitem(x, (*[slice(None)] * _place(x, axis), slice(start, stop, step))) for x in xs]


def _in_rounds(join: Join, xs: Arrays, axis: int) -> list[Any]:
    length = _length(xs[0], axis)
    if length in (0, 1):
        return list(xs)
    pairs = _in_rounds(join, join(_cut(xs, axis, 0, -1, 2), _cut(xs, axis, 1, None, 2)), axis)
    between = _cut(xs, axis, 0, 1)
    if length != 2:
        before = pairs if _length(xs[0], axis) % 2 else _cut(pairs, axis, 0, -1)  # type: ignore[operator]
        later = join(before, _cut(xs, axis, 2, None, 2))
        between = [ops.concatenate([x, y], axis=axis) for x, y in zip(between, later, strict=True)]
    return [_woven(x, y, axis) for x, y in zip(between, pairs, strict=True)]


def _woven(x: Any, y: Any, axis: int) -> Any:
    """Entries of x and y in turn; x may have one more."""
    place, count = _place(x, axis), _length(y, axis)
    (even,) = _cut([x], axis, 0, count)  # type: ignore[arg-type]
    shape = shape_of(y)
    woven = ops.reshape(ops.stack([even, y], place + 1), (*shape[:place], count * 2, *shape[place + 1 :]))
    if _length(x, axis) == count:
        return woven
    return ops.concatenate([woven, *_cut([x], axis, count, None)], axis=axis)  # type: ignore[arg-type]


def _one_by_one(join: Join, xs: Arrays, axis: int) -> list[Any]:
    """A scan along the axis, which `f` still sees, with one entry."""
    places = [_place(x, axis) for x in xs]
    rows = [ops.swapaxes(x, 0, place) for x, place in zip(xs, places, strict=True)]

    def step(carry: Arrays, x: Arrays) -> tuple[Arrays, Arrays]:
        joined = join(
            *([ops.swapaxes(part[None], 0, p) for part, p in zip(side, places, strict=True)] for side in (carry, x))
        )
        result = [ops.swapaxes(part, 0, p)[0] for part, p in zip(joined, places, strict=True)]
        return result, result

    _, rest = scan(step, [x[0] for x in rows], [x[1:] for x in rows])
    found = [ops.concatenate([x[:1], y], axis=0) for x, y in zip(rows, rest, strict=True)]
    return [ops.swapaxes(x, 0, place) for x, place in zip(found, places, strict=True)]
