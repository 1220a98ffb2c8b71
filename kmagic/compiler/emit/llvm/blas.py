"""The BLAS library that NumPy brings along, by symbol, for large products.

A symbol and not an address, so that object code stays right when it is loaded into another process.
"""

from __future__ import annotations

import ctypes
import functools

import llvmlite.binding as llvm

from kmagic.compiler.emit import openblas
from kmagic.compiler.emit.llvm.text import TYPES, Value, Writer

_ROW_MAJOR, _PLAIN, _TURNED = 101, 111, 112
_LETTERS = {"float32": "s", "float64": "d"}


@functools.cache
def symbol(dtype: str) -> tuple[str, str] | None:
    """The name of the product for a dtype and the type that it counts in, known to LLVM; None where there is none."""
    letter = _LETTERS.get(dtype)
    found = next(openblas.functions(f"cblas_{letter}gemm"), None) if letter else None
    if found is None:
        return None
    (function,), (name,) = found
    llvm.add_symbol(name, ctypes.cast(function, ctypes.c_void_p).value)
    return name, "i64" if name.endswith("64_") else "i32"


def product(
    at: Writer,
    dtype: str,
    sizes: tuple[Value, Value, Value],
    a: tuple[Value, bool, Value],
    b: tuple[Value, bool, Value],
    c: tuple[Value, Value],
) -> None:
    """C = A · B with rows, columns and inner size in `sizes`; A and B as address, whether turned, and row length."""
    found = symbol(dtype)
    assert found is not None
    name, count = found
    kind = TYPES[dtype]
    at.module.declarations.add(
        f"declare void @{name}(i32, i32, i32, {count}, {count}, {count}, {kind}, "
        f"ptr, {count}, ptr, {count}, {kind}, ptr, {count})"
    )

    def number(value: Value) -> str:
        if count == "i64":
            return value.typed
        return at.cast("trunc", value, "int32").typed

    one, zero = at.constant(dtype, 1).typed, at.constant(dtype, 0).typed
    turned = [f"i32 {_TURNED if is_turned else _PLAIN}" for _, is_turned, _ in (a, b)]
    at.line(
        f"call void @{name}(i32 {_ROW_MAJOR}, {', '.join(turned)}, {', '.join(map(number, sizes))}, {one}, "
        f"ptr {a[0].text}, {number(a[2])}, ptr {b[0].text}, {number(b[2])}, {zero}, ptr {c[0].text}, {number(c[1])})"
    )
    at.forget()
