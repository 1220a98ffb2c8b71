"""Axes moved, split and joined by a pattern of names."""

from __future__ import annotations

import math
import re
from typing import Any

from kmagic.base.errors import BadValue, ShapeMismatch
from kmagic.base.shapes import Axis, written
from kmagic.graph.ops.movement import shape_of
from kmagic.graph.table import ops, public

Groups = list[list[str]]


@public
def rearrange(tensor: Any, pattern: str, **axes_lengths: int) -> Any:
    """Axes in another order, split and joined: "b (h w) c -> b c h w" with h=2 makes rows of the second axis.

    Names in brackets are axes that lie in one, the last running fastest; of each such axis at most one length may be
    left out.
    """
    before, after = _read(pattern)
    shape = shape_of(tensor)
    if len(shape) != len(before):
        raise ShapeMismatch(f"shape {written(shape)}", where="rearrange", expected=f"{len(before)} axes: {pattern!r}")
    lengths: dict[str, Axis] = {}
    for size, group in zip(shape, before, strict=True):
        lengths |= _split(size, group, axes_lengths)
    names = [name for group in before for name in group]
    order = [names.index(name) for group in after for name in group]
    apart = ops.reshape(tensor, tuple(lengths[name] for name in names))
    return ops.reshape(ops.transpose(apart, order), tuple(_joined([lengths[n] for n in group]) for group in after))


def _read(pattern: str) -> tuple[Groups, Groups]:
    """The groups of names on both sides."""
    sides = pattern.split("->")
    groups = [[re.findall(r"\w+", axis) for axis in re.findall(r"\w+|\(.*?\)", side)] for side in sides]
    named = [sorted(name for group in side for name in group) for side in groups]
    if len(sides) != 2 or named[0] != named[1] or len(set(named[0])) != len(named[0]):
        raise BadValue(
            f"pattern is {pattern!r}", where="rearrange", expected="the same names on both sides of ->, each once"
        )
    return groups[0], groups[1]


def _split(size: Axis, group: list[str], given: dict[str, int]) -> dict[str, Axis]:
    """The lengths of the axes that lie in one of this size."""
    if len(group) == 1:
        return {group[0]: size}
    known = {name: given[name] for name in group if name in given}
    rest = math.prod(known.values())
    unknown = [name for name in group if name not in given]
    if not isinstance(size, int) or len(unknown) > 1 or size % rest or (not unknown and size != rest):
        raise ShapeMismatch(
            f"an axis of {size} for ({' '.join(group)}) with {known}",
            where="rearrange",
            expected="lengths whose product it is, at most one left out",
        )
    return {**known, **dict.fromkeys(unknown, size // rest)}


def _joined(lengths: list[Axis]) -> Axis:
    """The size of an axis that several are joined into; one of unknown size is left to `reshape`."""
    if len(lengths) == 1:
        return lengths[0]
    return math.prod(lengths) if all(isinstance(length, int) for length in lengths) else -1
