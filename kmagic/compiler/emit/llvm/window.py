"""Windows: one chosen entry of each, and all of them added up where they lie."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from kmagic.base.shapes import Axis
from kmagic.compiler.emit.llvm.access import dense, entries, firsts, strides_of
from kmagic.compiler.emit.llvm.kernel import Function
from kmagic.compiler.emit.llvm.movement import fill
from kmagic.compiler.emit.llvm.scalars import STEPS, in_registers
from kmagic.compiler.emit.llvm.walk import Cursor, walk
from kmagic.graph.node import Node
from kmagic.graph.ops.windows.frame import Frame


def place(function: Function, node: Node, lanes: int) -> None:
    """The number of the first entry that equals the value for its window."""
    at, frame = function.at, Frame.of(node.attributes)
    x, top = node.inputs
    source = strides_of(x)

    def one(cursor: Cursor) -> None:
        wanted = cursor.load("top", top)
        found = at.constant(node.dtype, frame.volume, cursor.width)
        for number, shift in reversed(list(enumerate(entries(frame, source)))):
            hit = cursor.load("x", x, shift).equals(wanted)
            found = at.select(hit, at.constant(node.dtype, number), found)
        cursor.store("out", node, found)

    strides = {"x": firsts(frame, source), "top": strides_of(top), "out": dense(node.shape)}
    walk(function, node.shape, strides, lanes, one)


def into(function: Function, node: Node, lanes: int) -> None:
    """One value for each window, at its entry; zeros elsewhere."""
    at, frame = function.at, Frame.of(node.attributes)
    x, places = node.inputs
    result = dense(node.shape)
    if not (frame.is_disjoint and _covers(frame, x, node)):
        fill(function, node, 0, lanes)

    def one(cursor: Cursor) -> None:
        value, wanted = cursor.load("x", x), cursor.load("places", places)
        zero = at.constant(in_registers(node.dtype), 0)
        for number, shift in enumerate(entries(frame, result)):
            part = at.select(wanted.equals(number), value, zero)
            if not frame.is_disjoint:
                part = STEPS["reduce_sum"](cursor.load("out", node, shift), part)
            cursor.store("out", node, part, shift)

    strides = {"x": strides_of(x), "places": strides_of(places), "out": firsts(frame, result)}
    walk(function, x.shape, strides, lanes, one)


def _covers(frame: Frame, x: Node, node: Node) -> bool:
    """Whether windows leave no element out."""
    end = frame.axis + frame.rank
    counts, sizes = x.shape[frame.axis : end], node.shape[frame.axis : end]
    return frame.strides == frame.kernel and all(
        count * step == size for count, step, size in zip(counts, frame.strides, sizes, strict=True)
    )


def taken(function: Function, node: Node, lanes: int) -> None:
    """The entry of each window that is numbered."""
    at, frame = function.at, Frame.of(node.attributes)
    x, places = node.inputs
    source = strides_of(x)

    def one(cursor: Cursor) -> None:
        wanted = cursor.load("places", places)
        found = at.constant(in_registers(node.dtype), 0, cursor.width)
        for number, shift in enumerate(entries(frame, source)):
            found = at.select(wanted.equals(number), cursor.load("x", x, shift), found)
        cursor.store("out", node, found)

    strides = {"x": firsts(frame, source), "places": strides_of(places), "out": dense(node.shape)}
    walk(function, node.shape, strides, lanes, one)


def overlap(function: Function, node: Node, lanes: int) -> None:
    """Windows added up where they lie, an entry of all windows of a row after the other."""
    frame = Frame.of(node.attributes)
    (x,) = node.inputs
    source, result = strides_of(x), dense(node.shape)
    end = frame.axis + frame.rank
    fill(function, node, 0, lanes)
    inner = source[end : end + frame.rank]
    outer = (*source[:end], *source[end + frame.rank :])
    shape = (*x.shape[:end], *x.shape[end + frame.rank :])
    steps = []
    for offsets in itertools.product(*map(range, frame.kernel)):
        shift: Axis = 0
        for way, number in zip(inner, offsets, strict=True):
            shift = way * number + shift
        steps.append(shift)

    def one(cursor: Cursor) -> None:
        for here, there in zip(steps, entries(frame, result), strict=True):
            total = STEPS["reduce_sum"](cursor.load("out", node, there), cursor.load("x", x, here))
            cursor.store("out", node, total, there)

    walk(function, shape, {"x": outer, "out": firsts(frame, result)}, lanes, one)


WRITERS: dict[str, Callable[[Function, Node, int], None]] = {
    "place_in_window": place,
    "into_window": into,
    "from_window": taken,
    "overlap": overlap,
}
