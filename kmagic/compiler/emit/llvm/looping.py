"""Many steps in one call: rows are gathered and steps run by native code, so that Python costs nothing between them."""

from __future__ import annotations

import ctypes
import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from kmagic.base.errors import Defect
from kmagic.compiler.emit.llvm.native import Library
from kmagic.compiler.emit.llvm.text import INDEX, Module, Value, Writer

Array = np.ndarray[Any, Any]

_PARAMETERS = ("step", "full", "part", "table", "numbers")
_COUNTS = ("inputs", "rows", "size")


@functools.cache
def _loop() -> tuple[Library, Any]:
    """`loop(step, full, part, table, numbers, inputs, rows, size)`: how many of the steps gave 0."""
    module = Module()
    parameters = [*((name, "pointer") for name in _PARAMETERS), *((name, INDEX) for name in _COUNTS)]
    _Loop(Writer(module, "loop", parameters, INDEX)).write()
    library = Library([module.text])
    pointers, counts = [ctypes.c_void_p] * len(_PARAMETERS), [ctypes.c_int64] * len(_COUNTS)
    return library, library.function("loop", ctypes.c_int64, *pointers, *counts)


class _Loop:
    """The function while it is written."""

    def __init__(self, at: Writer) -> None:
        self.at = at
        self.step, self.full, self.part, self.table, self.numbers, self.inputs, self.rows, self.size = at.parameters
        at.module.declarations.add("declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)")

    def write(self) -> None:
        """Batches of `size` rows; how many there are in all, if none stopped it."""
        at = self.at
        at.loop(at.index(0), self.rows, self.size, self._batch)
        at.finish((self.rows + self.size - 1) / self.size)

    def _batch(self, first: Value, carried: list[Value]) -> list[Value]:
        at = self.at
        left = self.rows - first
        is_full = left >= self.size
        self._gather(first, at.select(is_full, self.size, left))
        context = at.select(is_full, self.full, self.part)
        status = at.instruction(INDEX, 0, f"call i64 {self.step.text}({context.typed})", once=False)
        out, on = at.new_label(), at.new_label()
        at.branch(status.differs(0), out, on)
        at.begin(out)
        at.line(f"ret {(first / self.size).typed}")
        at.begin(on)
        return []

    def _gather(self, first: Value, count: Value) -> None:
        """Copy rows into every input."""
        at = self.at

        def one(place: Value, carried: list[Value]) -> list[Value]:
            entry = at.address(self.table, place * 3, INDEX)
            source, length, target = (at.load(INDEX, 0, at.address(entry, at.index(n), INDEX)) for n in range(3))

            def row(number: Value, carried: list[Value]) -> list[Value]:
                wanted = at.load(INDEX, 0, at.address(self.numbers, first + number, INDEX))
                here, there = source + wanted * length, target + number * length
                pointers = [at.instruction("pointer", 0, f"inttoptr {value.typed} to ptr") for value in (there, here)]
                operands = ", ".join(value.typed for value in (*pointers, length))
                at.line(f"call void @llvm.memcpy.p0.p0.i64({operands}, i1 false)")
                at.forget()
                return []

            at.loop(0, count, 1, row)
            return []

        at.loop(0, self.inputs, 1, one)


def run(step: int, contexts: tuple[int, int], given: Sequence[tuple[Array, Array]], numbers: Array, size: int) -> int:
    """Run steps over the rows with these numbers, `size` at a time; how many went well.

    `step` and `contexts` are addresses: of the step, of its context for full batches and of that for a smaller last
    one; `given` are arrays to take rows from, with those to put them into.
    """
    table = np.array(
        [(_address(source), _row_bytes(source, target), _address(target)) for source, target in given],
        np.int64,
    ).reshape(-1, 3)
    rows = np.ascontiguousarray(numbers, np.int64)
    done: int = _loop()[1](step, *contexts, _address(table), _address(rows), len(table), len(rows), size)
    return done


def _row_bytes(source: Array, target: Array) -> int:
    """How many bytes a row has, where both lie in one piece and hold the same."""
    alike = source.dtype == target.dtype and source.shape[1:] == target.shape[1:]
    if not (alike and source.flags.c_contiguous and target.flags.c_contiguous):
        raise Defect(f"rows of {source.dtype} {source.shape[1:]} for {target.dtype} {target.shape[1:]}", where="run")
    return int(source.itemsize * math.prod(source.shape[1:]))


def _address(array: Array) -> int:
    place: int = array.__array_interface__["data"][0]
    return place
