"""Copies: the same values at other places, as passes over the elements of what is copied."""

from __future__ import annotations

from kmagic.base import shapes
from kmagic.base.shapes import Axis
from kmagic.compiler.emit.llvm.access import dense
from kmagic.compiler.emit.llvm.kernel import Function
from kmagic.compiler.emit.llvm.lanes import Point, segments
from kmagic.compiler.emit.llvm.nest import Nest, Target
from kmagic.compiler.emit.llvm.text import Value
from kmagic.compiler.fuse import owner
from kmagic.compiler.place import Plan
from kmagic.graph.node import Node
from kmagic.graph.table import row_called


def write(function: Function, plan: Plan, node: Node, lanes: int) -> None:
    """A movement node."""
    match node.name:
        case "join":
            _join(function, node, lanes)
        case "pack":
            _pack(function, plan, node, lanes)
        case "embed":
            _embed(function, node, lanes)
        case _:
            source = node.inputs[0]
            copy(function, source, node, whole(source), lanes)


def copy(function: Function, source: Node, target: Node, where: Target, lanes: int) -> None:
    """The elements of a value, in order, into some of the places of another."""
    made = Node(row_called("convert"), (source,), {"dtype": target.dtype}, source.shape, target.dtype)
    function.also(made, target)
    Nest(function, [made], [made], lanes, {made: where}).write()


def whole(node: Node) -> Target:
    """All of memory, element after element."""
    return Target(dense(node.shape))


def _join(function: Function, node: Node, lanes: int) -> None:
    strides, axis = dense(node.shape), node.attributes["axis"]
    start: Axis = 0
    for source in node.inputs:
        copy(function, source, node, Target(strides, strides[axis] * start), lanes)
        start = source.shape[axis] + start


def _pack(function: Function, plan: Plan, node: Node, lanes: int) -> None:
    """What could not be made right in the pack."""
    start: Axis = 0
    for source in node.inputs:
        made = plan.places[owner(source)]
        if made.source is not node or made.offset != start:
            copy(function, source, node, Target(dense(source.shape), start), lanes)
        start = shapes.size(source.shape) + start


def _embed(function: Function, node: Node, lanes: int) -> None:
    (source,) = node.inputs
    fill(function, node, 0, lanes)
    strides, slices = dense(node.shape), node.attributes["slices"]
    offset: Axis = 0
    for stride, (first, _, _) in zip(strides, slices, strict=True):
        offset = stride * first + offset
    steps = tuple(stride * step for stride, (_, _, step) in zip(strides, slices, strict=True))
    copy(function, source, node, Target(steps, offset), lanes)


def fill(function: Function, node: Node, value: int, lanes: int) -> None:
    """One number everywhere."""
    at, base = function.at, function.pointer(node)
    number = at.constant(node.dtype, value)
    for segment in segments(function, shapes.size(node.shape), lanes):

        def write(index: Value, carried: list[Value], points: tuple[Point, ...] = segment.points) -> list[Value]:
            for point in points:
                written = at.spread(number, point.width) if point.width else number
                at.store(written, at.address(base, index + point.shift, node.dtype))
            return []

        at.loop(segment.start, segment.stop, segment.step, write)
