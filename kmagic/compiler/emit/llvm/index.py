"""Gathers and scatters: indices are looked at first, so that none can reach outside of its axis."""

from __future__ import annotations

from collections.abc import Callable

from kmagic.base.dtypes import UNSIGNED, is_float
from kmagic.base.shapes import Axis
from kmagic.compiler.emit.llvm.access import dense, strides_of
from kmagic.compiler.emit.llvm.kernel import Function
from kmagic.compiler.emit.llvm.movement import fill
from kmagic.compiler.emit.llvm.scalars import STEPS, in_registers
from kmagic.compiler.emit.llvm.text import INDEX, Value
from kmagic.compiler.emit.llvm.walk import Cursor, walk
from kmagic.graph.node import Node


def bounded(node: Node) -> tuple[Node, Axis] | None:
    """The indices that a node takes and the size of the axis that they point into; None where it takes none."""
    if len(node.inputs) != 2:
        return None
    size = node.attributes["size"] if "size" in node.attributes else node.inputs[0].shape[node.attributes["axis"]]
    return node.inputs[1], size


def outside(function: Function, indices: Node, size: Axis, lanes: int) -> Value:
    """Whether an index lies outside of its axis, as 0 or 1; a flag in memory of the function's own collects them."""
    at = function.at
    flag = at.instruction("pointer", 0, f"alloca <{lanes} x i8>, align 64", once=False)
    at.store(at.constant("uint8", 0, lanes), flag)
    end = function.extent(size)

    def look(cursor: Cursor) -> None:
        value = _whole(cursor.load("indices", indices))
        limit = at.spread(end, value.width) if value.width else end
        wrong = at.bits("or", value < 0, value >= limit)
        seen = at.load("uint8", value.width, flag)
        at.store(at.bits("or", seen, at.cast("zext", wrong, "uint8")), flag)

    walk(function, indices.shape, {"indices": strides_of(indices)}, lanes, look)
    total = at.folded(lambda a, b: at.bits("or", a, b), at.load("uint8", lanes, flag))
    return at.cast("zext", total, INDEX)


def _whole(value: Value) -> Value:
    """An index as a signed number of 64 bits."""
    if value.dtype in ("int64", "uint64"):
        return value.writer.cast("bitcast", value, INDEX)
    if value.dtype == "bool":
        return value.writer.cast("zext", value, INDEX)
    return value.writer.cast("zext" if value.dtype in UNSIGNED else "sext", value, INDEX)


def gather(function: Function, node: Node, lanes: int) -> None:
    """Entries of x along an axis."""
    x, indices = node.inputs
    axis = node.attributes["axis"]
    end = axis + len(indices.shape)
    source, result = strides_of(x), dense(node.shape)

    def entry(lead: Cursor) -> None:
        start = lead.offsets["x"] + _whole(lead.load("indices", indices)) * function.extent(source[axis])
        begin = {"x": start, "out": lead.offsets["out"]}
        rest = {"x": source[axis + 1 :], "out": result[end:]}
        walk(function, node.shape[end:], rest, lanes, _copied(x, node), begin)

    around = {
        "x": (*source[:axis], *(0 for _ in indices.shape)),
        "indices": (*(0 for _ in range(axis)), *strides_of(indices)),
        "out": result[:end],
    }
    walk(function, node.shape[:end], around, 0, entry)


def _copied(source: Node, target: Node) -> Callable[[Cursor], None]:
    return lambda cursor: cursor.store("out", target, cursor.load("x", source))


def scatter_add(function: Function, node: Node, lanes: int) -> None:
    """Entries of x added up at places along an axis."""
    x, indices = node.inputs
    axis = node.attributes["axis"]
    end = axis + len(indices.shape)
    source, result = strides_of(x), dense(node.shape)
    fill(function, node, 0, lanes)

    def entry(lead: Cursor) -> None:
        start = lead.offsets["out"] + _whole(lead.load("indices", indices)) * function.extent(result[axis])
        begin = {"x": lead.offsets["x"], "out": start}
        rest = {"x": source[end:], "out": result[axis + 1 :]}
        walk(function, x.shape[end:], rest, lanes, _added(x, node), begin)

    around = {
        "x": source[:end],
        "indices": (*(0 for _ in range(axis)), *strides_of(indices)),
        "out": (*result[:axis], *(0 for _ in indices.shape)),
    }
    walk(function, x.shape[:end], around, 0, entry)


def _added(source: Node, target: Node) -> Callable[[Cursor], None]:
    step = STEPS["reduce_sum"]
    return lambda cursor: cursor.store("out", target, step(cursor.load("out", target), cursor.load("x", source)))


def pick(function: Function, node: Node, lanes: int) -> None:
    """One entry of each row."""
    x, indices = node.inputs
    axis = node.attributes["axis"]
    source = strides_of(x)

    def entry(cursor: Cursor) -> None:
        shift = _whole(cursor.load("indices", indices)) * function.extent(source[axis])
        here = {**cursor.offsets, "x": cursor.offsets["x"] + shift}
        moved = Cursor(function, here, cursor.steps, 0)
        moved.store("out", node, moved.load("x", x))

    around = {
        "x": tuple(0 if n == axis else step for n, step in enumerate(source)),
        "indices": strides_of(indices),
        "out": dense(node.shape),
    }
    walk(function, node.shape, around, 0, entry)


def unpick(function: Function, node: Node, lanes: int) -> None:
    """One entry added to each row of zeros."""
    x, indices = node.inputs
    axis = node.attributes["axis"]
    result = dense(node.shape)
    fill(function, node, 0, lanes)

    def entry(cursor: Cursor) -> None:
        shift = _whole(cursor.load("indices", indices)) * function.extent(result[axis])
        moved = Cursor(function, {**cursor.offsets, "out": cursor.offsets["out"] + shift}, cursor.steps, 0)
        _added(x, node)(moved)

    around = {
        "x": strides_of(x),
        "indices": strides_of(indices),
        "out": tuple(0 if n == axis else step for n, step in enumerate(result)),
    }
    walk(function, x.shape, around, 0, entry)


def position(function: Function, node: Node, lanes: int) -> None:
    """Where the first extreme lies along an axis; NaN is one."""
    at = function.at
    (x,) = node.inputs
    axis = node.attributes["axis"]
    source, wins = strides_of(x), "gt" if node.name == "position_of_max" else "lt"
    way, kind = function.extent(source[axis]), in_registers(x.dtype)

    def row(cursor: Cursor) -> None:
        def step(number: Value, held: list[Value]) -> list[Value]:
            here = Cursor(function, {"x": cursor.offsets["x"] + number * way}, cursor.steps, cursor.width)
            value = here.load("x", x)
            best, where = held
            better = at.compare(wins, value, best)
            if is_float(kind):
                better = at.bits("or", better, at.bits("and", at.is_nan(value), at.invert(at.is_nan(best))))
                # nothing is more extreme than NaN
                better = at.bits("and", better, at.invert(at.is_nan(best)))
            place = at.cast("trunc", number, "int32")
            return [at.select(better, value, best), at.select(better, place, where)]

        first = cursor.load("x", x)
        zero = at.constant("int32", 0, cursor.width)
        _, where = at.loop(1, function.count(x.shape[axis]), 1, step, [first, zero])
        cursor.store("out", node, where)

    kept = [n for n in range(len(x.shape)) if n != axis]
    around = {"x": tuple(source[n] for n in kept), "out": dense(node.shape)}
    walk(function, node.shape, around, lanes, row)


def running(function: Function, node: Node, lanes: int) -> None:
    """Sums or products so far along an axis."""
    at = function.at
    (x,) = node.inputs
    axis = node.attributes["axis"]
    source, result = strides_of(x), dense(node.shape)
    step = STEPS["reduce_sum" if node.name == "running_sum" else "reduce_prod"]
    ways = function.extent(source[axis]), function.extent(result[axis])

    def row(cursor: Cursor) -> None:
        def follow(number: Value, held: list[Value]) -> list[Value]:
            offsets = {"x": cursor.offsets["x"] + number * ways[0], "out": cursor.offsets["out"] + number * ways[1]}
            here = Cursor(function, offsets, cursor.steps, cursor.width)
            total = step(held[0], here.load("x", x))
            here.store("out", node, total)
            return [total]

        start = at.constant(in_registers(node.dtype), 0 if node.name == "running_sum" else 1, cursor.width)
        at.loop(0, function.count(x.shape[axis]), 1, follow, [start])

    kept = [n for n in range(len(x.shape)) if n != axis]
    around = {"x": tuple(source[n] for n in kept), "out": tuple(result[n] for n in kept)}
    walk(function, tuple(x.shape[n] for n in kept), around, lanes, row)


WRITERS: dict[str, Callable[[Function, Node, int], None]] = {
    "gather": gather,
    "scatter_add": scatter_add,
    "pick": pick,
    "unpick": unpick,
    "position_of_max": position,
    "position_of_min": position,
    "running_sum": running,
    "running_product": running,
}
