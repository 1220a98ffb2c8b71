"""What symbols and variables share with arrays: Python's operators, and NumPy's methods."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kmagic.graph import numpy_functions
from kmagic.graph.names import ops


def _digits(name: str, left: Any, right: Any) -> Any:
    """`&`, `|` and `^`: of truth values a logical operation, of whole numbers one on their binary digits."""
    logical = all(isinstance(x, bool) or str(getattr(x, "dtype", "")) == "bool" for x in (left, right))
    return getattr(ops, f"logical_{name}" if logical else f"bitwise_{name}")(left, right)


def _method(function: Callable[..., Any]) -> Callable[..., Any]:
    """The method of arrays that does what a function of NumPy does, with the same arguments."""

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return numpy_functions.called(function, (self, *args), kwargs)

    method.__name__ = function.__name__
    method.__doc__ = f"As `numpy.{function.__name__}` of this value."
    return method


class Operators:
    """Python's operators and the methods of arrays, each the operation of that name."""

    dtype: Any

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
        return _digits("and", self, other)

    def __rand__(self, other: Any) -> Any:
        return _digits("and", other, self)

    def __or__(self, other: Any) -> Any:
        return _digits("or", self, other)

    def __ror__(self, other: Any) -> Any:
        return _digits("or", other, self)

    def __xor__(self, other: Any) -> Any:
        return _digits("xor", self, other)

    def __rxor__(self, other: Any) -> Any:
        return _digits("xor", other, self)

    def __lshift__(self, other: Any) -> Any:
        return ops.bitwise_left_shift(self, other)

    def __rlshift__(self, other: Any) -> Any:
        return ops.bitwise_left_shift(other, self)

    def __rshift__(self, other: Any) -> Any:
        return ops.bitwise_right_shift(self, other)

    def __rrshift__(self, other: Any) -> Any:
        return ops.bitwise_right_shift(other, self)

    def __divmod__(self, other: Any) -> Any:
        return ops.floor_divide(self, other), ops.mod(self, other)

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
        return ops.logical_not(self) if self.dtype == "bool" else ops.bitwise_not(self)

    def __pos__(self) -> Any:
        return self

    # equality makes a node, so identity is what dictionaries go by
    __hash__ = object.__hash__

    sum = _method(np.sum)
    mean = _method(np.mean)
    max = _method(np.max)
    min = _method(np.min)
    prod = _method(np.prod)
    std = _method(np.std)
    var = _method(np.var)
    any = _method(np.any)
    all = _method(np.all)
    argmax = _method(np.argmax)
    argmin = _method(np.argmin)
    argsort = _method(np.argsort)
    clip = _method(np.clip)
    cumsum = _method(np.cumsum)
    cumprod = _method(np.cumprod)
    dot = _method(np.dot)
    ravel = _method(np.ravel)
    flatten = _method(np.ravel)
    squeeze = _method(np.squeeze)
    swapaxes = _method(np.swapaxes)
    round = _method(np.round)
    repeat = _method(np.repeat)
    take = _method(np.take)
    trace = _method(np.trace)
    diagonal = _method(np.diagonal)
    nonzero = _method(np.nonzero)
    copy = _method(np.copy)
    conj = conjugate = _method(np.conjugate)

    @property
    def T(self) -> Any:
        """The axes in reverse order."""
        return ops.transpose(self)

    @property
    def mT(self) -> Any:
        """The last two axes exchanged."""
        return ops.swapaxes(self, -1, -2)

    @property
    def real(self) -> Any:
        """The values themselves."""
        return ops.real(self)

    @property
    def imag(self) -> Any:
        """Zeros."""
        return ops.imag(self)

    def astype(self, dtype: Any, copy: bool = True) -> Any:
        """The values as another dtype."""
        return ops.cast(self, dtype)

    def reshape(self, *shape: Any) -> Any:
        """The values in another shape, given as one tuple or as numbers."""
        return ops.reshape(self, shape[0] if len(shape) == 1 and np.iterable(shape[0]) else shape)

    def transpose(self, *axes: Any) -> Any:
        """The axes in another order, given as one tuple or as numbers; reversed by default."""
        order = axes[0] if len(axes) == 1 and (axes[0] is None or np.iterable(axes[0])) else axes
        return ops.transpose(self, order or None)
