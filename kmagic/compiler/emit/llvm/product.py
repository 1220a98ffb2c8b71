"""Products of matrices: a tile of the result in registers for small ones, BLAS for large ones, chosen when they run.

The tile walks along the columns of the result in vectors; a row of A's entries meets one vector of B's at a time. Where
the result is a single column, the roles of rows and columns change, or rows are walked along in vectors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kmagic.base.dtypes import is_float
from kmagic.base.shapes import Axis
from kmagic.compiler.emit.llvm import blas
from kmagic.compiler.emit.llvm.access import Strides, dense, stretched, strides_of
from kmagic.compiler.emit.llvm.kernel import Function
from kmagic.compiler.emit.llvm.lanes import Point, heights, segments
from kmagic.compiler.emit.llvm.scalars import in_registers
from kmagic.compiler.emit.llvm.text import Value
from kmagic.graph.node import Node

LARGE = 2 * 96**3  # operations from which on BLAS is faster
NARROW = 16  # columns up to which it is not


@dataclass(frozen=True)
class Matrix:
    """One of the three matrices: its node, where it begins, and strides along rows and columns."""

    node: Node
    offset: Value
    rows: Axis
    columns: Axis

    @property
    def turned(self) -> Matrix:
        """Rows for columns."""
        return Matrix(self.node, self.offset, self.columns, self.rows)


class Product:
    """One product, or one for each matrix of a stack."""

    def __init__(self, function: Function, node: Node, lanes: int, accumulators: int) -> None:
        self.function, self.at, self.node = function, function.at, node
        self.lanes, self.accumulators = lanes, accumulators
        a, b = node.inputs
        self.rows, self.inner, self.columns = a.shape[-2], a.shape[-1], b.shape[-1]
        lead = node.shape[:-2]
        self.lead = lead
        self.strides: dict[str, Strides] = {
            "a": _lead(a, lead),
            "b": _lead(b, lead),
            "c": dense(node.shape)[:-2],
        }

    def write(self) -> None:
        """The loops over a stack, and the product inside."""
        zero = self.at.index(0)
        self._stack(0, {"a": zero, "b": zero, "c": zero})

    def _stack(self, axis: int, offsets: dict[str, Value]) -> None:
        if axis == len(self.lead):
            a, b = self.node.inputs
            self._one(
                Matrix(a, offsets["a"], *strides_of(a)[-2:]),
                Matrix(b, offsets["b"], *strides_of(b)[-2:]),
                Matrix(self.node, offsets["c"], *dense(self.node.shape)[-2:]),
            )
            return

        def body(index: Value, carried: list[Value]) -> list[Value]:
            extent = self.function.extent
            self._stack(
                axis + 1, {name: offset + index * extent(self.strides[name][axis]) for name, offset in offsets.items()}
            )
            return []

        self.at.loop(0, self.function.count(self.lead[axis]), 1, body)

    def _one(self, a: Matrix, b: Matrix, c: Matrix) -> None:
        own = self._own(a, b, c)
        library = self._library(a, b, c)
        if own is None or library is None:
            (own or library or self._slow(a, b, c))()
            return
        work = self._work()
        if isinstance(work, int):
            (library if work >= LARGE and self._is_wide() else own)()
        elif not self._is_wide():
            own()
        else:
            self.at.either(self.function.extent(work) >= LARGE, library, own)

    def _work(self) -> Axis:
        return self.rows * self.inner * self.columns * 2

    def _is_wide(self) -> bool:
        return not isinstance(self.columns, int) or self.columns > NARROW

    # ---- BLAS ----

    def _library(self, a: Matrix, b: Matrix, c: Matrix) -> Callable[[], None] | None:
        if blas.symbol(self.node.dtype) is None:
            return None
        found = self._layout(a, self.rows, self.inner), self._layout(b, self.inner, self.columns)
        left, right = found
        if left is None or right is None:
            return None

        def write() -> None:
            extent = self.function.extent
            sizes = extent(self.rows), extent(self.columns), extent(self.inner)
            blas.product(self.at, self.node.dtype, sizes, left, right, (self._place(c), extent(c.rows)))

        return write

    def _layout(self, matrix: Matrix, rows: Axis, columns: Axis) -> tuple[Value, bool, Value] | None:
        """Address, whether it is turned, and the length of its rows as they lie in memory; None where they do not."""
        extent, at = self.function.extent, self.at
        one = at.index(1)
        if matrix.columns == 1 or columns == 1:
            long = extent(columns) if rows == 1 else extent(matrix.rows)
            if columns == 1 and matrix.columns != 1 and matrix.rows == 1:
                return self._place(matrix), True, extent(matrix.columns if rows == 1 else rows)
            if _is_apart(matrix.rows, columns) or rows == 1:
                return self._place(matrix), False, at.select(long > 0, long, one)
            return None
        if (matrix.rows == 1 or rows == 1) and _is_apart(matrix.columns, rows):
            return self._place(matrix), True, extent(matrix.columns)
        return None

    def _place(self, matrix: Matrix) -> Value:
        return self.at.address(self.function.pointer(matrix.node), matrix.offset, matrix.node.dtype)

    # ---- a tile in registers ----

    def _own(self, a: Matrix, b: Matrix, c: Matrix) -> Callable[[], None] | None:
        if b.columns == 1 or self.columns == 1:
            if self.columns == 1 and a.rows == 1 and self.rows != 1:
                return lambda: self._tiles(b.turned, a.turned, c.turned, self.columns, self.rows)
            if self.columns == 1 and a.columns == 1 and b.rows == 1 and is_float(self.node.dtype):
                return lambda: self._rows_of_one(a, b, c)
            return lambda: self._tiles(a, b, c, self.rows, self.columns)
        return None

    def _slow(self, a: Matrix, b: Matrix, c: Matrix) -> Callable[[], None]:
        return lambda: self._tiles(a, b, c, self.rows, self.columns)

    def _tiles(self, a: Matrix, b: Matrix, c: Matrix, rows: Axis, columns: Axis) -> None:
        """Columns in tiles of one or two vectors, rows in tiles of several."""
        for segment in segments(self.function, columns, self.lanes, 2):

            def column(first: Value, carried: list[Value], points: tuple[Point, ...] = segment.points) -> list[Value]:
                self._row_tiles(a, b, c, rows, first, points)
                return []

            self.at.loop(segment.start, segment.stop, segment.step, column)

    def _row_tiles(self, a: Matrix, b: Matrix, c: Matrix, rows: Axis, first: Value, points: tuple[Point, ...]) -> None:
        for start, stop, height in heights(self.function, rows, max(1, self.accumulators // len(points))):

            def tile(row: Value, carried: list[Value], height: int = height) -> list[Value]:
                self._tile(a, b, c, row, height, first, points)
                return []

            self.at.loop(start, stop, height, tile)

    def _tile(
        self, a: Matrix, b: Matrix, c: Matrix, row: Value, height: int, column: Value, points: tuple[Point, ...]
    ) -> None:
        """Some rows and columns of the result, all at once."""
        at, extent = self.at, self.function.extent
        kind = in_registers(self.node.dtype)
        starts = [a.offset + (row + n) * extent(a.rows) for n in range(height)]

        def term(k: Value, sums: list[Value]) -> list[Value]:
            along = b.offset + k * extent(b.rows)
            right = [self._read(b, along + (column + point.shift) * extent(b.columns), point.width) for point in points]
            found = []
            for n, start in enumerate(starts):
                left = self._read(a, start + k * extent(a.columns), 0)
                for m, value in enumerate(right):
                    total = sums[n * len(points) + m]
                    found.append(
                        at.fused(at.spread(left, value.width), value, total) if is_float(kind) else total + left * value
                    )
            return found

        zeros = [at.constant(kind, 0, point.width) for _ in range(height) for point in points]
        sums = at.loop(0, self.function.count(self.inner), 1, term, zeros)
        for n in range(height):
            for m, point in enumerate(points):
                place = c.offset + (row + n) * extent(c.rows) + (column + point.shift) * extent(c.columns)
                self.function.store(c.node, sums[n * len(points) + m], place)

    def _read(self, matrix: Matrix, place: Value, width: int) -> Value:
        return self.function.load(matrix.node, place, width, matrix.columns)

    def _rows_of_one(self, a: Matrix, b: Matrix, c: Matrix) -> None:
        """A single column: each row of A times B, walked along in vectors."""
        at, extent = self.at, self.function.extent
        kind = in_registers(self.node.dtype)
        inner = self.inner
        whole: int | Value = (
            inner // self.lanes * self.lanes if isinstance(inner, int) else extent(inner) / self.lanes * self.lanes
        )

        def row(number: Value, carried: list[Value]) -> list[Value]:
            start = a.offset + number * extent(a.rows)

            def term(width: int) -> Callable[[Value, list[Value]], list[Value]]:
                def step(k: Value, sums: list[Value]) -> list[Value]:
                    return [
                        at.fused(
                            self.function.load(a.node, start + k, width),
                            self.function.load(b.node, b.offset + k, width),
                            sums[0],
                        )
                    ]

                return step

            (vectors,) = at.loop(0, whole, self.lanes, term(self.lanes), [at.constant(kind, 0, self.lanes)])
            (rest,) = at.loop(whole, self.function.count(inner), 1, term(0), [at.constant(kind, 0)])
            total = rest + at.folded(lambda x, y: x + y, vectors)
            self.function.store(c.node, total, c.offset + number * extent(c.rows))
            return []

        at.loop(0, self.function.count(self.rows), 1, row)


def _lead(node: Node, lead: tuple[Axis, ...]) -> Strides:
    return stretched(strides_of(node)[:-2], node.shape[:-2], lead)


def _is_apart(step: Axis, length: Axis) -> bool:
    """Whether rows that begin so far from each other do not overlap, for every batch size."""
    if isinstance(step, int) and isinstance(length, int):
        return step >= length
    return step == length or (not isinstance(step, int) and isinstance(length, int))
