"""Where the elements of a value lie: strides along its axes, known for every batch size before a program runs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from kmagic.base.shapes import Axis, Shape
from kmagic.compiler.fuse import is_view
from kmagic.graph.node import Node
from kmagic.graph.ops.windows.frame import Frame

Strides = tuple[Axis, ...]


def dense(shape: Shape) -> Strides:
    """Strides of elements one after the other, in elements."""
    strides: list[Axis] = []
    step: Axis = 1
    for axis in reversed(shape):
        strides.append(step)
        step = axis * step
    return tuple(reversed(strides))


def strides_of(node: Node) -> Strides:
    """How far apart the neighbours along each axis lie, in elements."""
    if not is_view(node) or node.name == "reshape":
        return dense(node.shape)
    source = strides_of(node.inputs[0])
    match node.name:
        case "after":
            return source
        case "transpose":
            return tuple(source[axis] for axis in node.attributes["axes"])
        case "slice":
            return tuple(stride * step for stride, (_, _, step) in zip(source, node.attributes["slices"], strict=True))
        case "windows":
            return _windows(Frame(**node.attributes), source)
    return stretched(source, node.inputs[0].shape, node.shape)


def offset_of(node: Node) -> Axis:
    """Where the first element of a view lies in the memory of its owner."""
    total: Axis = 0
    while is_view(node):
        source = node.inputs[0]
        if node.name == "slice":
            starts = (start for start, _, _ in node.attributes["slices"])
            for stride, start in zip(strides_of(source), starts, strict=True):
                total = stride * start + total
        node = source
    return total


def is_whole(node: Node) -> bool:
    """Whether the elements of a value lie one after the other, in order."""
    wanted = dense(node.shape)
    return all(
        size == 1 or here == there for size, here, there in zip(node.shape, strides_of(node), wanted, strict=True)
    )


def stretched(strides: Strides, shape: Shape, wanted: Shape) -> Strides:
    """Strides of a value that is repeated to a larger shape."""
    lead: Strides = (0,) * (len(wanted) - len(shape))
    kept = (
        0 if here == 1 and there != 1 else stride
        for stride, here, there in zip(strides, shape, wanted[len(lead) :], strict=True)
    )
    return (*lead, *kept)


def firsts(frame: Frame, strides: Strides) -> Strides:
    """Strides of what windows look at, from one window to the next."""
    end = frame.axis + frame.rank
    outer = (way * step for way, step in zip(strides[frame.axis : end], frame.strides, strict=True))
    return (*strides[: frame.axis], *outer, *strides[end:])


def entries(frame: Frame, strides: Strides) -> Iterator[Axis]:
    """How far each entry of a window lies from its first."""
    ways = strides[frame.axis : frame.axis + frame.rank]
    for offsets in itertools.product(*map(range, frame.kernel)):
        shift: Axis = 0
        for way, number, step in zip(ways, offsets, frame.dilation, strict=True):
            shift = way * (number * step) + shift
        yield shift


def _windows(frame: Frame, source: Strides) -> Strides:
    end = frame.axis + frame.rank
    inner = (way * step for way, step in zip(source[frame.axis : end], frame.dilation, strict=True))
    outer = firsts(frame, source)
    return (*outer[:end], *inner, *outer[end:])


def merged(shape: Shape, several: Sequence[Strides], apart: Sequence[frozenset[int]] = ()) -> list[list[int]]:
    """Axes in groups that every access walks through as through one axis; axes of size 1 are left out.

    `apart` are sets of axes that may not be merged with axes outside of them.
    """
    groups: list[list[int]] = []
    for axis, size in enumerate(shape):
        if size == 1:
            continue
        last = groups[-1][-1] if groups else None
        joins = last is not None and all(strides[last] == strides[axis] * size for strides in several)
        if joins and all((last in group) == (axis in group) for group in apart):
            groups[-1].append(axis)
        else:
            groups.append([axis])
    return groups
