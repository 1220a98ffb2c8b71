"""The BLAS library that NumPy brings along, by symbol, for large products.

A symbol and not an address, so that object code stays right when it is loaded into another process.
"""

from __future__ import annotations

import ctypes
import functools
import glob
import os
from typing import Any

import llvmlite.binding as llvm
import numpy as np

from kmagic.compiler.emit.llvm.text import TYPES, Value, Writer

_ROW_MAJOR, _PLAIN, _TURNED = 101, 111, 112
_LETTERS = {"float32": "s", "float64": "d"}
# NumPy's wheels prefix their symbols, and count in 64 bits where the name says so
_NAMES = ("scipy_cblas_{}gemm64_", "cblas_{}gemm64_", "scipy_cblas_{}gemm", "cblas_{}gemm")


@functools.cache
def _library() -> Any:
    """NumPy's own copy of OpenBLAS; None where it has none that others can call."""
    root = os.path.dirname(os.path.dirname(np.__file__))
    for path in sorted(glob.glob(os.path.join(root, "numpy.libs", "*openblas*"))):
        try:
            return ctypes.CDLL(path)
        except OSError:
            continue
    return None


@functools.cache
def symbol(dtype: str) -> tuple[str, str] | None:
    """The name of the product for a dtype and the type that it counts in, known to LLVM; None where there is none."""
    letter, library = _LETTERS.get(dtype), _library()
    if letter is None or library is None:
        return None
    for pattern in _NAMES:
        name = pattern.format(letter)
        function = getattr(library, name, None)
        if function is not None:
            llvm.add_symbol(name, ctypes.cast(function, ctypes.c_void_p).value)
            return name, "i64" if "64" in pattern else "i32"
    return None


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
