"""Symbols: what user code holds while a program is traced.

A symbol behaves like an array of known shape and dtype whose values come later. Operators, NumPy's functions and
`kmagic.ops` all make nodes; whatever needs a number now (`if`, `float`, `np.asarray`) raises with the user's line.
"""

from __future__ import annotations

import contextlib
from typing import Any, NoReturn

import numpy as np

from kmagic.base.errors import TraceError, Unsupported
from kmagic.base.shapes import Shape, written
from kmagic.base.shapes import size as elements
from kmagic.graph import numpy_functions
from kmagic.graph.names import ops
from kmagic.graph.node import Node
from kmagic.graph.operators import Operators
from kmagic.graph.running import running
from kmagic.graph.user_code import user_line


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
    def size(self) -> Any:
        """The number of elements, which may depend on the batch."""
        return elements(self.node.shape)

    def numpy(self) -> np.ndarray[Any, Any]:
        """The value, where it is known: in a step that runs eagerly."""
        return np.array(self._value("numpy()", "run_eagerly=True to look at values"))

    def __len__(self) -> int:
        first = self.shape[0] if self.shape else None
        return first if isinstance(first, int) else self._refuse("len()", "x.shape[0]")

    def __repr__(self) -> str:
        value = None
        with contextlib.suppress(Exception):  # a debugger asks for the text of values that cannot be, too
            value = self._known()
        text = "" if value is None else f": {value}"
        return f"<symbol {self.node.name} {written(self.shape, self.dtype)}{text}>"

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
        value = self._known()
        return self._refuse(what, instead) if value is None else value

    def _known(self) -> Any:
        """The value in a trace that knows it, else None."""
        trace = running.get()
        return trace.look(self.node) if trace and trace.look else None

    def item(self, *index: int) -> Any:
        """The only value as a number, where it is known: in a step that runs eagerly."""
        return self._value("item()", "the symbol itself; kmagic.ops works on it").item(*index)

    def tolist(self) -> Any:
        """The values as lists, where they are known: in a step that runs eagerly."""
        return self._value("tolist()", "kmagic.ops.unstack").tolist()

    def backward(self, *args: Any, **options: Any) -> NoReturn:
        """Not offered, as nothing collects gradients in variables: `kmagic.gradients` returns them."""
        raise Unsupported(
            "loss.backward()",
            where=user_line(),
            expected="gradients that are returned; then optimizer.apply(grads, variables)",
            fix="grads = kmagic.gradients(loss, self.trainable_variables)",
        )

    def _refuse(self, what: str, instead: str) -> NoReturn:
        raise TraceError(
            f"{what} of a value that is computed later ({written(self.shape, self.dtype)})",
            where=user_line(),
            expected=f"use {instead}",
        )

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return numpy_functions.ufunc_called(ufunc, method, inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return numpy_functions.called(func, args, kwargs)

    def __getitem__(self, key: Any) -> Any:
        return ops.getitem(self, key)

    def __setitem__(self, key: Any, value: Any) -> NoReturn:
        raise TraceError(
            "a value that a program computes is changed in place",
            where=user_line(),
            expected="a new value: kmagic.ops.where(condition, a, b), or kmagic.ops.slice_update",
        )
