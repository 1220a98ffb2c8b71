"""Symbols: what user code holds while a program is traced.

A symbol behaves like an array of known shape and dtype whose values come later. Operators, NumPy's functions and
`kmagic.ops` all make nodes; whatever needs a number now (`if`, `float`, `np.asarray`) raises with the user's line.
"""

from __future__ import annotations

import contextlib
import contextvars
import sys
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import numpy as np

from kmagic.base.errors import TraceError, Unsupported
from kmagic.base.shapes import Shape, written
from kmagic.graph.names import ops
from kmagic.graph.node import Node
from kmagic.graph.user_code import line_at


class Operators:
    """Python's operators, each the operation of that name."""

    def __add__(self, other: Any) -> Any:
        return ops.add(self, other)

    def __radd__(self, other: Any) -> Any:
        return ops.add(other, self)

    def __sub__(self, other: Any) -> Any:
        return ops.subtract(self, other)

    def __rsub__(self, other: Any) -> Any:
        return ops.subtract(other, self)

    def __mul__(self, other: Any) -> Any:
        return ops.multiply(self, other)

    def __rmul__(self, other: Any) -> Any:
        return ops.multiply(other, self)

    def __truediv__(self, other: Any) -> Any:
        return ops.divide(self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return ops.divide(other, self)

    def __floordiv__(self, other: Any) -> Any:
        return ops.floor_divide(self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return ops.floor_divide(other, self)

    def __mod__(self, other: Any) -> Any:
        return ops.mod(self, other)

    def __rmod__(self, other: Any) -> Any:
        return ops.mod(other, self)

    def __pow__(self, other: Any) -> Any:
        return ops.power(self, other)

    def __rpow__(self, other: Any) -> Any:
        return ops.power(other, self)

    def __matmul__(self, other: Any) -> Any:
        return ops.matmul(self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return ops.matmul(other, self)

    def __and__(self, other: Any) -> Any:
        return ops.logical_and(self, other)

    def __rand__(self, other: Any) -> Any:
        return ops.logical_and(other, self)

    def __or__(self, other: Any) -> Any:
        return ops.logical_or(self, other)

    def __ror__(self, other: Any) -> Any:
        return ops.logical_or(other, self)

    def __xor__(self, other: Any) -> Any:
        return ops.logical_xor(self, other)

    def __rxor__(self, other: Any) -> Any:
        return ops.logical_xor(other, self)

    def __lt__(self, other: Any) -> Any:
        return ops.less(self, other)

    def __le__(self, other: Any) -> Any:
        return ops.less_equal(self, other)

    def __gt__(self, other: Any) -> Any:
        return ops.greater(self, other)

    def __ge__(self, other: Any) -> Any:
        return ops.greater_equal(self, other)

    def __eq__(self, other: Any) -> Any:
        return ops.equal(self, other)

    def __ne__(self, other: Any) -> Any:
        return ops.not_equal(self, other)

    def __neg__(self) -> Any:
        return ops.negative(self)

    def __abs__(self) -> Any:
        return ops.absolute(self)

    def __invert__(self) -> Any:
        return ops.logical_not(self)

    def __pos__(self) -> Any:
        return self

    # equality makes a node, so identity is what dictionaries go by
    __hash__ = object.__hash__


_look: contextvars.ContextVar[Callable[[Node], Any] | None] = contextvars.ContextVar("look", default=None)


@contextlib.contextmanager
def looking(look: Callable[[Node], Any]) -> Iterator[None]:
    """Inside, symbols have values: those that `look` finds."""
    token = _look.set(look)
    try:
        yield
    finally:
        _look.reset(token)


class Symbol(Operators):
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
    def T(self) -> Any:
        """The transpose."""
        return ops.transpose(self)

    def numpy(self) -> np.ndarray[Any, Any]:
        """The value, where it is known: in a step that runs eagerly."""
        return np.array(self._value("numpy()", "run_eagerly=True to look at values"))

    def __len__(self) -> int:
        first = self.shape[0] if self.shape else None
        return first if isinstance(first, int) else self._refuse("len()", "x.shape[0]")

    def __repr__(self) -> str:
        look = _look.get()
        value = f": {look(self.node)}" if look else ""
        return f"<symbol {self.node.name} {written(self.shape, self.dtype)}{value}>"

    def __bool__(self) -> bool:
        instead = "kmagic.ops.where(condition, a, b) or kmagic.ops.cond"
        return bool(self._value("a truth value (`if`, `and`, `while`)", instead))

    def __float__(self) -> float:
        return float(self._value("float()", "the symbol itself; kmagic.ops works on it"))

    def __int__(self) -> int:
        return int(self._value("int()", 'kmagic.ops.cast(x, "int32")'))

    __index__ = __int__

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        value = self._value("np.asarray()", "kmagic.ops or NumPy's own functions, which accept symbols")
        return np.array(value, dtype=dtype)

    def __iter__(self) -> Any:
        return (self[i] for i in range(len(self)))

    def _value(self, what: str, instead: str) -> Any:
        """The value where it is known, else an error with the user's line."""
        look = _look.get()
        return look(self.node) if look else self._refuse(what, instead)

    def _refuse(self, what: str, instead: str) -> NoReturn:
        raise TraceError(
            f"{what} of a value that is computed later ({written(self.shape, self.dtype)})",
            where=user_line(),
            expected=f"use {instead}",
        )

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        name = _NUMPY_NAMES.get(ufunc.__name__, ufunc.__name__)
        if method != "__call__" or kwargs or name not in ops.functions:
            raise Unsupported(
                f"np.{ufunc.__name__} on a symbol", where=user_line(), expected="an operation of kmagic.ops"
            )
        return ops.functions[name](*inputs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        name = _NUMPY_NAMES.get(func.__name__, func.__name__)
        if name not in ops.functions:
            raise Unsupported(
                f"np.{func.__name__} on a symbol", where=user_line(), expected="an operation of kmagic.ops"
            )
        if len(args) > _POSITIONS.get(name, len(args)):
            raise Unsupported(
                f"np.{func.__name__} with {len(args)} positions on a symbol",
                where=user_line(),
                expected=f"at most {_POSITIONS[name]}, the others by name",
            )
        return ops.functions[name](*args, **kwargs)

    def __getitem__(self, key: Any) -> Any:
        return ops.getitem(self, key)

    def astype(self, dtype: Any) -> Any:
        """The values as another dtype."""
        return ops.cast(self, dtype)

    def reshape(self, *shape: Any) -> Any:
        """The values in another shape."""
        return ops.reshape(self, shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape)


# NumPy's names that differ from those of `kmagic.ops`
_NUMPY_NAMES = {
    "remainder": "mod",
    "true_divide": "divide",
    "rint": "round",
    "amax": "max",
    "amin": "min",
}


# how many positions mean the same to NumPy; its next one is `dtype` or `out`
_POSITIONS = dict.fromkeys(("mean", "sum", "prod", "var", "std", "max", "min", "all", "any"), 2)


def user_line(with_text: bool = True) -> str:
    """The innermost line of code outside this package, as `file:line: text`, or without the text."""
    frame = sys._getframe(1)
    package = __name__.partition(".")[0]
    while frame.f_back and str(frame.f_globals.get("__name__", "")).partition(".")[0] in (package, "numpy"):
        frame = frame.f_back
    return line_at(frame.f_code.co_filename, frame.f_lineno, with_text)
