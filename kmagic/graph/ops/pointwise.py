"""Pointwise operations: the scalar primitives that emitters print, and the composites made of them."""

from __future__ import annotations

import builtins
import math
from typing import Any

import numpy as np

from kmagic.base.config import floatx
from kmagic.base.dtypes import is_float, standard
from kmagic.base.shapes import Shape
from kmagic.graph.names import also_called
from kmagic.graph.narrow import to_bfloat16, to_float16
from kmagic.graph.ops.movement import dtype_of
from kmagic.graph.ops.special import error_function
from kmagic.graph.table import (
    composite,
    ops,
    primitive,
    promoted,
    promoted_float,
    promoted_number,
    public,
)

POSITIVE = (0.1, 3.0)


@primitive("pointwise", numpy=np.add, gradient=lambda g, y, x1, x2: (g, g), commutes=True)
def add(x1: Any, x2: Any, /) -> Any:
    """Sum x1 + x2."""


@primitive(
    "pointwise",
    numpy=np.subtract,
    gradient=lambda g, y, x1, x2: (g, -g),
    dtype=promoted_number,
    compute=promoted_number,
)
def subtract(x1: Any, x2: Any, /) -> Any:
    """Difference x1 − x2."""


@primitive("pointwise", numpy=np.multiply, gradient=lambda g, y, x1, x2: (g * x2, g * x1), commutes=True)
def multiply(x1: Any, x2: Any, /) -> Any:
    """Product x1 · x2."""


@primitive(
    "pointwise",
    numpy=np.divide,
    gradient=lambda g, y, x1, x2: (g / x2, -(g * y) / x2),
    dtype=promoted_float,
    compute=promoted_float,
    domain=POSITIVE,
)
def divide(x1: Any, x2: Any, /) -> Any:
    """Quotient x1 / x2, as a float."""


@primitive(
    "pointwise",
    numpy=np.floor_divide,
    gradient=lambda g, y, x1, x2: (None, None),
    dtype=promoted_number,
    compute=promoted_number,
    smooth=False,
    domain=POSITIVE,
)
def floor_divide(x1: Any, x2: Any, /) -> Any:
    """Quotient rounded down."""


@primitive(
    "pointwise",
    numpy=np.remainder,
    gradient=lambda g, y, x1, x2: (g, -g * ops.floor_divide(x1, x2)),
    dtype=promoted_number,
    compute=promoted_number,
    domain=POSITIVE,
)
def mod(x1: Any, x2: Any, /) -> Any:
    """Remainder of x1 / x2, with the sign of x2."""


@primitive(
    "pointwise",
    numpy=np.negative,
    gradient=lambda g, y, x: (-g,),
    dtype=promoted_number,
    compute=promoted_number,
)
def negative(x: Any, /) -> Any:
    """−x."""


@primitive("pointwise", numpy=np.absolute, gradient=lambda g, y, x: (g * ops.sign(x),))
def absolute(x: Any, /) -> Any:
    """|x|; the gradient at 0 is 0."""


@primitive(
    "pointwise",
    numpy=np.sign,
    gradient=lambda g, y, x: (None,),
    dtype=promoted_number,
    compute=promoted_number,
    smooth=False,
)
def sign(x: Any, /) -> Any:
    """−1, 0 or 1."""


def _unary(doc: str, gradient: Any, ufunc: Any, domain: tuple[float, float] = (-2.0, 2.0)) -> Any:
    """A primitive of one float argument, named after its NumPy function."""

    def row(x: Any, /) -> Any: ...

    row.__doc__, row.__name__ = doc, ufunc.__name__
    return primitive(
        "pointwise", numpy=ufunc, gradient=gradient, dtype=promoted_float, compute=promoted_float, domain=domain
    )(row)


exp = _unary("Exponential eˣ.", lambda g, y, x: (g * y,), np.exp)
expm1 = _unary("eˣ − 1, exact near 0.", lambda g, y, x: (g * (y + 1),), np.expm1)
log = _unary("Natural logarithm.", lambda g, y, x: (g / x,), np.log, POSITIVE)
log1p = _unary("ln(1 + x), exact near 0.", lambda g, y, x: (g / (1 + x),), np.log1p, (-0.9, 3.0))
log2 = _unary("Logarithm to base 2.", lambda g, y, x: (g / (x * math.log(2)),), np.log2, POSITIVE)
log10 = _unary("Logarithm to base 10.", lambda g, y, x: (g / (x * math.log(10)),), np.log10, POSITIVE)
sqrt = _unary("Square root.", lambda g, y, x: (g * 0.5 / y,), np.sqrt, POSITIVE)
sin = _unary("Sine.", lambda g, y, x: (g * ops.cos(x),), np.sin)
cos = _unary("Cosine.", lambda g, y, x: (-g * ops.sin(x),), np.cos)
tan = _unary("Tangent.", lambda g, y, x: (g * (1 + y * y),), np.tan, (-1.0, 1.0))
arcsin = _unary("Inverse sine.", lambda g, y, x: (g / ops.sqrt(1 - x * x),), np.arcsin, (-0.9, 0.9))
arccos = _unary("Inverse cosine.", lambda g, y, x: (-g / ops.sqrt(1 - x * x),), np.arccos, (-0.9, 0.9))
arctan = _unary("Inverse tangent.", lambda g, y, x: (g / (1 + x * x),), np.arctan)
sinh = _unary("Hyperbolic sine.", lambda g, y, x: (g * ops.cosh(x),), np.sinh)
cosh = _unary("Hyperbolic cosine.", lambda g, y, x: (g * ops.sinh(x),), np.cosh)
tanh = _unary("Hyperbolic tangent.", lambda g, y, x: (g * (1 - y * y),), np.tanh)


@primitive(
    "pointwise",
    numpy=error_function,
    gradient=lambda g, y, x: (g * ops.exp(-x * x) * (2 / math.sqrt(math.pi)),),
    dtype=promoted_float,
    compute=promoted_float,
)
def erf(x: Any, /) -> Any:
    """Error function 2/√π ∫₀ˣ e^(−t²) dt."""


def _power_gradient(g: Any, y: Any, x1: Any, x2: Any) -> tuple[Any, Any]:
    base = ops.where(x1 > 0, x1, 1)
    # x⁰ is flat, at 0 too, where 0·0⁻¹ would be no number
    lower = ops.where(ops.equal(x2, 0), 1, x2) - 1
    return g * x2 * ops.power(x1, lower), ops.where(x1 > 0, g * y * ops.log(base), 0)


@primitive(
    "pointwise",
    numpy=np.power,
    gradient=_power_gradient,
    dtype=promoted_number,
    compute=promoted_number,
    domain=POSITIVE,
)
def power(x1: Any, x2: Any, /) -> Any:
    """x1 raised to x2."""


@primitive(
    "pointwise",
    numpy=np.square,
    gradient=lambda g, y, x: (g * 2 * x,),
    dtype=promoted_number,
    compute=promoted_number,
)
def square(x: Any, /) -> Any:
    """x²."""


def _tie(first: Any, second: Any, other: Any) -> Any:
    """1 where `first` wins over `second`, one half where they are equal, 0 elsewhere; as the dtype of `other`."""
    return (ops.cast(first, other.dtype) + ops.cast(second, other.dtype)) * 0.5


@primitive(
    "pointwise",
    numpy=np.maximum,
    gradient=lambda g, y, x1, x2: (g * _tie(x1 > x2, x1 >= x2, g), g * _tie(x2 > x1, x2 >= x1, g)),
    commutes=True,
)
def maximum(x1: Any, x2: Any, /) -> Any:
    """The larger of two; NaN wins."""


@primitive(
    "pointwise",
    numpy=np.minimum,
    gradient=lambda g, y, x1, x2: (g * _tie(x1 < x2, x1 <= x2, g), g * _tie(x2 < x1, x2 <= x1, g)),
    commutes=True,
)
def minimum(x1: Any, x2: Any, /) -> Any:
    """The smaller of two; NaN wins."""


def _step(doc: str, name: str, ufunc: Any, rule: Any = promoted_float) -> Any:
    """A primitive whose gradient is zero wherever it exists."""

    def row(x: Any, /) -> Any: ...

    row.__doc__, row.__name__ = doc, name
    nothing = (None,)
    return primitive(
        "pointwise",
        numpy=ufunc,
        gradient=lambda g, y, x: nothing,
        dtype=rule,
        compute=rule,
        smooth=False,
    )(row)


floor = _step("The largest whole number not above x.", "floor", np.floor)
ceil = _step("The smallest whole number not below x.", "ceil", np.ceil)
_round = _step("The nearest whole number, halves to the even one.", "_round", np.rint)


@public
def round(x: Any, decimals: int = 0) -> Any:
    """x with so many decimals, halves to the even digit; whole numbers stay whole.

    >>> round(2.5).tolist(), round(1.25, 1).tolist(), round(15, -1).tolist()
    (2.0, 1.2000000476837158, 20)
    """
    kind = dtype_of(ops.convert_to_tensor(x))
    if not is_float(kind) and decimals >= 0:
        return ops.convert_to_tensor(x)
    factor = 10.0 ** builtins.abs(decimals)
    values = x if is_float(kind) else ops.cast(x, floatx())
    if decimals > 0:
        return _round(values * factor) / factor
    return ops.cast(_round(values / factor) * factor, kind) if decimals else _round(values)


def _chosen(condition: str, x1: str, x2: str) -> str:
    return promoted(x1, x2)


@primitive(
    "pointwise",
    numpy=np.where,
    gradient=lambda g, y, condition, x1, x2: (None, ops.where(condition, g, 0), ops.where(condition, 0, g)),
    dtype=_chosen,
    compute=lambda condition, x1, x2: ("bool", promoted(x1, x2), promoted(x1, x2)),
)
def _where(condition: Any, x1: Any, x2: Any, /) -> Any:
    """x1 where the condition holds, else x2."""


@public
def where(condition: Any, x1: Any = None, x2: Any = None) -> Any:
    """x1 where the condition holds, else x2; without them the places where it holds."""
    return ops.nonzero(condition) if x1 is None and x2 is None else _where(condition, x1, x2)


def _convert(x: Any, dtype: str) -> Any:
    return np.asarray(x).astype(dtype)


@primitive(
    "pointwise",
    numpy=_convert,
    gradient=lambda g, y, x, dtype: (ops.cast(g, x.dtype),),
    dtype=lambda x, dtype: dtype,
    compute=None,
)
def convert(x: Any, /, dtype: str) -> Any:
    """The same values as another dtype; fractions are cut off when it holds whole numbers."""


# programs keep numbers of 16 bits in float32 and round them so
_half = _step("x rounded to what float16 holds, halves to the even number.", "_to_float16", to_float16)
_brain = _step("x rounded to what bfloat16 holds, halves to the even number.", "_to_bfloat16", to_bfloat16)


@public
def cast(x: Any, dtype: Any) -> Any:
    """The same values as `dtype` (a name, a NumPy dtype or a Python type)."""
    wanted = standard(dtype)
    return x if getattr(x, "dtype", None) == wanted else convert(x, wanted)


def _like_first(x: Shape, **attributes: Any) -> Shape:
    return x


@primitive(
    "pointwise", numpy=lambda x: x, gradient=lambda g, y, x: (None,), shape=_like_first, compute=None, smooth=False
)
def stop_gradient(variable: Any, /) -> Any:
    """The value itself, through which no gradient flows."""


@composite(gradient=lambda g, y, x: (g * (y > 0),))
def relu(x: Any, /) -> Any:
    """max(x, 0); the gradient at 0 is 0."""
    return ops.maximum(x, 0)


@composite(gradient=lambda g, y, x: (g * y * (1 - y),))
def sigmoid(x: Any, /) -> Any:
    """Logistic function 1 / (1 + e⁻ˣ)."""
    return 1 / (1 + ops.exp(-x))


@composite(gradient=lambda g, y, x: (g * ops.sigmoid(x),))
def softplus(x: Any, /) -> Any:
    """ln(1 + eˣ), without overflow."""
    return ops.maximum(x, 0) + ops.log1p(ops.exp(-ops.absolute(x)))


def _clip_gradient(g: Any, y: Any, x: Any, x_min: Any, x_max: Any) -> tuple[Any, Any, Any]:
    """To whichever of the three came out; to x where it equals a limit."""
    lowered = ops.maximum(x, x_min) > x_max
    raised = ops.logical_and(x < x_min, ops.logical_not(lowered))
    return g * ops.equal(x, y), g * raised, g * lowered


@composite(gradient=_clip_gradient, dtype=promoted, compute=promoted)
def _clip(x: Any, x_min: Any, x_max: Any, /) -> Any:
    """x held between two limits."""
    return ops.minimum(ops.maximum(x, x_min), x_max)


@public
def clip(x: Any, x_min: Any, x_max: Any) -> Any:
    """x held between `x_min` and `x_max`; the gradient is 1 inside, the limits included, and 0 outside."""
    return _clip(x, x_min, x_max)


@public
def rsqrt(x: Any) -> Any:
    """1 / √x."""
    return 1 / ops.sqrt(x)


@public
def reciprocal(x: Any) -> Any:
    """1 / x."""
    return ops.divide(1, x)


@public
def conjugate(x: Any) -> Any:
    """x itself; there are no complex numbers."""
    return ops.convert_to_tensor(x)


also_called(abs="absolute", pow="power", true_divide="divide", conj="conjugate")
