"""Questions and bits: comparisons, truth values, and the digits of whole numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kmagic.base.dtypes import UNSIGNED, is_float
from kmagic.base.errors import BadType
from kmagic.graph.names import also_called
from kmagic.graph.ops.movement import dtype_of
from kmagic.graph.table import boolean, ops, primitive, promoted, public


def _truth(doc: str, name: str, ufunc: Any, arity: int = 2, compute: Any = promoted) -> Any:
    """A primitive that answers yes or no."""

    def one(x: Any, /) -> Any: ...

    def two(x1: Any, x2: Any, /) -> Any: ...

    row = one if arity == 1 else two
    row.__doc__, row.__name__ = doc, name
    nothing = (None,) * arity
    return primitive(
        "pointwise", numpy=ufunc, gradient=lambda g, y, *x: nothing, dtype=boolean, compute=compute, smooth=False
    )(row)


equal = _truth("Whether x1 = x2.", "equal", np.equal)
not_equal = _truth("Whether x1 ≠ x2.", "not_equal", np.not_equal)
less = _truth("Whether x1 < x2.", "less", np.less)
less_equal = _truth("Whether x1 ≤ x2.", "less_equal", np.less_equal)
greater = _truth("Whether x1 > x2.", "greater", np.greater)
greater_equal = _truth("Whether x1 ≥ x2.", "greater_equal", np.greater_equal)
logical_and = _truth("Whether both are true.", "logical_and", np.logical_and, compute=boolean)
logical_or = _truth("Whether one is true.", "logical_or", np.logical_or, compute=boolean)
logical_xor = _truth("Whether exactly one is true.", "logical_xor", np.logical_xor, compute=boolean)
logical_not = _truth("Whether x is false.", "logical_not", np.logical_not, arity=1, compute=boolean)
isfinite = _truth("Whether x is neither NaN nor infinite.", "isfinite", np.isfinite, arity=1)
isnan = _truth("Whether x is NaN.", "isnan", np.isnan, arity=1)


def _digits(*inputs: str, **attributes: Any) -> str:
    """As `promoted`; fractions have no digits to speak of."""
    combined = promoted(*inputs)
    if is_float(combined):
        raise BadType(f"the binary digits of {combined}", expected="whole numbers or truth values")
    return combined


def _counted(*inputs: str, **attributes: Any) -> str:
    """As `_digits`, with truth values counted in int32."""
    combined = _digits(*inputs)
    return "int32" if combined == "bool" else combined


def _bits(doc: str, name: str, ufunc: Any, rule: Any = _digits) -> Any:
    """A primitive on the binary digits of two whole numbers."""

    def row(x: Any, y: Any, /) -> Any: ...

    row.__doc__, row.__name__ = doc, name
    nothing = (None, None)
    return primitive(
        "pointwise",
        numpy=ufunc,
        gradient=lambda g, y, *x: nothing,
        dtype=rule,
        compute=rule,
        domain=(0, 8),
        smooth=False,
        whole=True,
    )(row)


bitwise_and = _bits("The binary digits that both have.", "bitwise_and", np.bitwise_and)
bitwise_or = _bits("The binary digits that one has.", "bitwise_or", np.bitwise_or)
bitwise_xor = _bits("The binary digits that exactly one has.", "bitwise_xor", np.bitwise_xor)
bitwise_left_shift = _bits("The binary digits of x moved y places up.", "bitwise_left_shift", np.left_shift, _counted)
bitwise_right_shift = _bits(
    "The binary digits of x moved y places down.", "bitwise_right_shift", np.right_shift, _counted
)


@public
def bitwise_not(x: Any) -> Any:
    """Every binary digit exchanged; of a truth value, the other one.

    >>> bitwise_not(5).tolist(), bitwise_not(True).tolist()
    (-6, False)
    """
    value = ops.convert_to_tensor(x)
    kind = dtype_of(value)
    every = True if kind == "bool" else int(np.iinfo(kind).max) if kind in UNSIGNED else -1
    return bitwise_xor(value, ops.full_like(value, every))


@public
def isinf(x: Any) -> Any:
    """Whether x is infinite, with either sign."""
    return equal(ops.absolute(x), math.inf)


@public
def isposinf(x: Any) -> Any:
    """Whether x is +∞."""
    return equal(x, math.inf)


@public
def isneginf(x: Any) -> Any:
    """Whether x is −∞."""
    return equal(x, -math.inf)


@public
def isreal(x: Any) -> Any:
    """True everywhere; there are no complex numbers."""
    return ops.ones_like(ops.convert_to_tensor(x), "bool")


@public
def isclose(x1: Any, x2: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    """Whether x1 and x2 differ by at most atol + rtol·|x2|.

    >>> isclose([1.0, 2.0], [1.0, 2.1]).tolist()
    [True, False]
    """
    a, b = (x if is_float(dtype_of(x)) else ops.cast(x, "float64") for x in map(ops.convert_to_tensor, (x1, x2)))
    near = less_equal(ops.absolute(ops.subtract(a, b)), atol + rtol * ops.absolute(b))
    # an infinite limit would hold for any a
    found = logical_or(equal(a, b), logical_and(near, isfinite(b)))
    return logical_or(found, logical_and(isnan(a), isnan(b))) if equal_nan else found


@public
def allclose(x1: Any, x2: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    """Whether all of x1 and x2 differ by at most atol + rtol·|x2|."""
    return ops.all(isclose(x1, x2, rtol, atol, equal_nan))


also_called(bitwise_invert="bitwise_not", left_shift="bitwise_left_shift", right_shift="bitwise_right_shift")
