"""Symbols: what user code holds while a program is traced.

A symbol behaves like an array of known shape and dtype whose values come later. Operators, NumPy's functions and
`kmagic.ops` all make nodes; whatever needs a number now (`if`, `float`, `np.asarray`) raises with the user's line.
"""

from __future__ import annotations

import linecache
import sys
from typing import Any, NoReturn

import numpy as np

from kmagic.base.errors import TraceError, Unsupported
from kmagic.base.shapes import Shape, written
from kmagic.graph.names import ops
from kmagic.graph.node import Node


class Symbol:
    """A value that a program will compute; public as `kmagic.KerasTensor`."""

    __slots__ = ("_keras_mask", "node")
    __array_priority__ = 100

    def __init__(self, node: Node, mask: Symbol | None = None) -> None:
        self.node = node
        self._keras_mask = mask

    def as_node(self) -> Node:
        """The node that computes this value."""
        return self.node

    @property
    def shape(self) -> Shape:
        """Axes as numbers, or as an extent (`batch`) where run time decides."""
        return self.node.shape

    @property
    def dtype(self) -> str:
        """The dtype's name."""
        return self.node.dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.node.shape)

    @property
    def T(self) -> Symbol:  # noqa: N802 - NumPy's name
        """The transpose."""
        return ops.transpose(self)

    def __len__(self) -> int:
        first = self.shape[0] if self.shape else None
        return first if isinstance(first, int) else self._refuse("len()", "x.shape[0]")

    def __repr__(self) -> str:
        return f"<symbol {self.node.name} {written(self.shape, self.dtype)}>"

    def __bool__(self) -> bool:
        self._refuse("a truth value (`if`, `and`, `while`)", "kmagic.ops.where(condition, a, b) or kmagic.ops.cond")

    def __float__(self) -> float:
        self._refuse("float()", "the symbol itself; kmagic.ops works on it")

    def __int__(self) -> int:
        self._refuse("int()", 'kmagic.ops.cast(x, "int32")')

    __index__ = __int__

    def __array__(self, *args: Any, **kwargs: Any) -> np.ndarray[Any, Any]:
        self._refuse("np.asarray()", "kmagic.ops or NumPy's own functions, which accept symbols")

    def __iter__(self) -> Any:
        return (self[i] for i in range(len(self)))

    def _refuse(self, what: str, instead: str) -> NoReturn:
        raise TraceError(
            f"{what} of a value that is computed later ({written(self.shape, self.dtype)})",
            where=user_line(),
            expected=f"use {instead}",
        )

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        name = _NUMPY_NAMES.get(ufunc.__name__, ufunc.__name__)
        if method != "__call__" or kwargs or name not in ops.functions:
            raise Unsupported(f"np.{ufunc.__name__} on a symbol", where=user_line(), expected="an operation of kmagic.ops")
        return ops.functions[name](*inputs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        name = _NUMPY_NAMES.get(func.__name__, func.__name__)
        if name not in ops.functions:
            raise Unsupported(f"np.{func.__name__} on a symbol", where=user_line(), expected="an operation of kmagic.ops")
        if name == "concatenate" and len(args) == 1:  # NumPy joins along the first axis, Keras along the last
            kwargs = {"axis": 0, **kwargs}
        return ops.functions[name](*args, **kwargs)

    def __getitem__(self, key: Any) -> Symbol:
        return ops.getitem(self, key)

    def astype(self, dtype: Any) -> Symbol:
        """The values as another dtype."""
        return ops.cast(self, dtype)

    def reshape(self, *shape: Any) -> Symbol:
        """The values in another shape."""
        return ops.reshape(self, shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape)


# NumPy's names that differ from those of `kmagic.ops`
_NUMPY_NAMES = {"remainder": "mod", "true_divide": "divide", "rint": "round", "amax": "max", "amin": "min", "conjugate": "identity"}

_BINARY = {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "truediv": "divide",
    "floordiv": "floor_divide",
    "mod": "mod",
    "pow": "power",
    "matmul": "matmul",
    "and": "logical_and",
    "or": "logical_or",
    "xor": "logical_xor",
}
_COMPARE = {"lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal", "eq": "equal", "ne": "not_equal"}
_UNARY = {"neg": "negative", "abs": "absolute", "invert": "logical_not"}


def add_operators(cls: type) -> None:
    """Give a class Python's operators, each the operation of that name."""

    def binary(name: str, swapped: bool) -> Any:
        def method(self: Any, other: Any) -> Any:
            return ops.functions[name](other, self) if swapped else ops.functions[name](self, other)

        return method

    def unary(name: str) -> Any:
        return lambda self: ops.functions[name](self)

    for short, name in _BINARY.items():
        setattr(cls, f"__{short}__", binary(name, swapped=False))
        setattr(cls, f"__r{short}__", binary(name, swapped=True))
    for short, name in _COMPARE.items():
        setattr(cls, f"__{short}__", binary(name, swapped=False))
    for short, name in _UNARY.items():
        setattr(cls, f"__{short}__", unary(name))
    cls.__pos__ = lambda self: self  # type: ignore[attr-defined]
    cls.__hash__ = object.__hash__  # type: ignore[method-assign,assignment]


add_operators(Symbol)


def user_line() -> str:
    """The innermost line of code outside this package, as `file:line: text`."""
    frame = sys._getframe(1)
    package = __name__.partition(".")[0]
    while frame.f_back and str(frame.f_globals.get("__name__", "")).partition(".")[0] in (package, "numpy"):
        frame = frame.f_back
    file, number = frame.f_code.co_filename, frame.f_lineno
    text = linecache.getline(file, number).strip()
    place = "cell" if "ipykernel" in file or file.startswith("<") else file.rpartition("/")[2]
    return f"{place}:{number}" + (f": {text}" if text else "")
