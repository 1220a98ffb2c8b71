"""Elementary functions made of the scalar primitives, each exact to about the last place."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kmagic.base import dtypes
from kmagic.base.config import floatx
from kmagic.base.dtypes import is_float
from kmagic.base.errors import BadType
from kmagic.graph.ops.movement import dtype_of
from kmagic.graph.table import composite, ops, public


def _large(x: Any) -> float:
    """From here on x² + 1 is x², to the precision of its dtype."""
    return {"float64": 1e8, "float32": 4e3}.get(dtype_of(x), 32.0)


@composite(gradient=lambda g, y, x: (g / ops.sqrt(1 + x * x),))
def arcsinh(x: Any, /) -> Any:
    """Inverse hyperbolic sine, exact near 0 and without overflow."""
    size = ops.absolute(x)
    near = ops.minimum(size, _large(x))
    small = ops.log1p(near + near * near / (1 + ops.sqrt(near * near + 1)))
    return ops.sign(x) * ops.where(size > _large(x), ops.log(size) + math.log(2), small)


@composite(gradient=lambda g, y, x: (g / ops.sqrt((x - 1) * (x + 1)),), domain=(1.1, 3.0))
def arccosh(x: Any, /) -> Any:
    """Inverse hyperbolic cosine, exact near 1 and without overflow."""
    over = ops.minimum(x, _large(x)) - 1
    return ops.where(x > _large(x), ops.log(x) + math.log(2), ops.log1p(over + ops.sqrt(over * (over + 2))))


@composite(gradient=lambda g, y, x: (g / ((1 - x) * (1 + x)),), domain=(-0.9, 0.9))
def arctanh(x: Any, /) -> Any:
    """Inverse hyperbolic tangent, exact near 0."""
    return 0.5 * (ops.log1p(x) - ops.log1p(-x))


def _angle_gradient(g: Any, y: Any, x1: Any, x2: Any) -> tuple[Any, Any]:
    size = ops.square(ops.hypot(x1, x2))
    return g * x2 / size, -(g * x1) / size


@composite(gradient=_angle_gradient, domain=(0.1, 3.0))
def arctan2(x1: Any, x2: Any, /) -> Any:
    """The angle from −π to π at which the point (x2, x1) is seen from the origin."""
    both_infinite = ops.logical_and(ops.isinf(x1), ops.isinf(x2))
    both_zero = ops.logical_and(ops.equal(x1, 0), ops.equal(x2, 0))
    left = ops.signbit(x2)
    across = ops.where(both_infinite, ops.sign(x2), ops.where(both_zero, ops.where(left, -1, 1), x2))
    up = ops.where(both_infinite, ops.sign(x1), x1)
    slope = ops.arctan(up / across)
    half = ops.cast(ops.where(ops.signbit(x1), -1, 1), dtype_of(slope)) * math.pi
    return ops.where(ops.logical_and(left, ops.logical_not(ops.isnan(x2))), slope + half, slope)


@composite(gradient=lambda g, y, x1, x2: (g * x1 / y, g * x2 / y), domain=(0.1, 3.0), commutes=True)
def hypot(x1: Any, x2: Any, /) -> Any:
    """√(x1² + x2²), without overflow."""
    a, b = ops.absolute(x1), ops.absolute(x2)
    large, small = ops.maximum(a, b), ops.minimum(a, b)
    ratio = small / ops.where(ops.equal(large, 0), 1, large)
    infinite = ops.logical_or(ops.isinf(x1), ops.isinf(x2))
    return ops.where(infinite, math.inf, large * ops.sqrt(1 + ratio * ratio))


def _shares(g: Any, y: Any, x1: Any, x2: Any) -> tuple[Any, Any]:
    return g * ops.sigmoid(x1 - x2), g * ops.sigmoid(x2 - x1)


@composite(gradient=_shares, commutes=True)
def logaddexp(x1: Any, x2: Any, /) -> Any:
    """ln(e^x1 + e^x2), without overflow."""
    # two equal infinities have no difference, yet a sum
    apart = ops.where(ops.equal(x1, x2), 0, ops.absolute(x1 - x2))
    return ops.maximum(x1, x2) + ops.log1p(ops.exp(-apart))


@public
def logaddexp2(x1: Any, x2: Any) -> Any:
    """log₂(2^x1 + 2^x2), without overflow."""
    one_bit = math.log(2)
    return logaddexp(ops.multiply(x1, one_bit), ops.multiply(x2, one_bit)) / one_bit


def as_float(x: Any) -> Any:
    """x as floats."""
    value = ops.convert_to_tensor(x)
    return value if is_float(dtype_of(value)) else ops.cast(value, floatx())


@public
def exp2(x: Any) -> Any:
    """2ˣ."""
    return ops.power(2.0, as_float(x))


@composite(gradient=lambda g, y, x: (g / (3 * y * y),), domain=(0.1, 3.0))
def cbrt(x: Any, /) -> Any:
    """The cube root, negative of negative numbers."""
    return ops.sign(x) * ops.power(ops.absolute(x), 1 / 3)


@public
def sinc(x: Any) -> Any:
    """sin(πx) / πx, and 1 at 0."""
    value = as_float(x)
    zero = ops.equal(value, 0)
    angle = math.pi * ops.where(zero, 1, value)
    return ops.where(zero, 1, ops.sin(angle) / angle)


@public
def deg2rad(x: Any) -> Any:
    """Degrees as radians."""
    return ops.multiply(as_float(x), math.pi / 180)


@public
def rad2deg(x: Any) -> Any:
    """Radians as degrees."""
    return ops.multiply(as_float(x), 180 / math.pi)


@public
def trunc(x: Any) -> Any:
    """x without its fraction; whole numbers stay whole.

    >>> trunc([-1.5, 1.5]).tolist()
    [-1.0, 1.0]
    """
    value = ops.convert_to_tensor(x)
    if not is_float(dtype_of(value)):
        return value
    return ops.where(ops.signbit(value), ops.ceil(value), ops.floor(value))


@public
def fabs(x: Any) -> Any:
    """|x|, as a float."""
    return ops.absolute(as_float(x))


@public
def fmod(x1: Any, x2: Any) -> Any:
    """Remainder of x1 / x2, with the sign of x1."""
    return ops.sign(x1) * ops.mod(ops.absolute(x1), ops.absolute(x2))


@public
def fmax(x1: Any, x2: Any) -> Any:
    """The larger of two; NaN only where both are."""
    return ops.where(ops.isnan(x1), x2, ops.where(ops.isnan(x2), x1, ops.maximum(x1, x2)))


@public
def fmin(x1: Any, x2: Any) -> Any:
    """The smaller of two; NaN only where both are."""
    return ops.where(ops.isnan(x1), x2, ops.where(ops.isnan(x2), x1, ops.minimum(x1, x2)))


@public
def divide_no_nan(x1: Any, x2: Any) -> Any:
    """x1 / x2, and 0 where x2 is 0."""
    zero = ops.equal(x2, 0)
    return ops.where(zero, 0, ops.divide(x1, ops.where(zero, 1, x2)))


@public
def heaviside(x1: Any, x2: Any) -> Any:
    """0 for negative x1, 1 for positive, and x2 at 0."""
    step, at_zero = as_float(x1), as_float(x2)
    side = ops.where(step > 0, 1, ops.where(ops.equal(step, 0), at_zero, 0))
    return ops.where(ops.isnan(step), math.nan, side)


@public
def ldexp(x1: Any, x2: Any) -> Any:
    """x1 · 2^x2 for whole x2.

    >>> ldexp(1.5, 2).tolist()
    6.0
    """
    exponent = ops.convert_to_tensor(x2)
    if not dtypes.is_integer(dtype_of(exponent)):
        raise BadType(f"ldexp exponent of {dtype_of(exponent)}", expected="an integer type")
    value = as_float(x1)
    # in two steps, since 2^x2 alone may overflow where the product does not
    half = ops.floor_divide(exponent, 2)
    kind = dtype_of(value)
    first, second = (exp2(ops.cast(part, kind)) for part in (half, exponent - half))
    return ops.multiply(ops.multiply(value, first), second)


@public
def nan_to_num(x: Any, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    """x with numbers in place of NaN and infinities: 0, and the largest and smallest of the dtype by default."""
    value = ops.convert_to_tensor(x)
    if not is_float(dtype_of(value)):
        return value
    largest = float(np.finfo(dtype_of(value)).max)
    high, low = (largest if posinf is None else posinf), (-largest if neginf is None else neginf)
    finite = ops.where(ops.isposinf(value), high, ops.where(ops.isneginf(value), low, value))
    return ops.where(ops.isnan(value), nan, finite)


def _whole(x: Any) -> Any:
    """The size of a whole number."""
    value = ops.convert_to_tensor(x)
    if not dtypes.is_integer(dtype_of(value)):
        raise BadType(f"divisors of {dtype_of(value)}", expected="an integer type")
    return ops.absolute(value)


@public
def gcd(x1: Any, x2: Any) -> Any:
    """The greatest common divisor of two whole numbers, by Euclid's algorithm.

    >>> gcd([12, 0], [18, 5]).tolist()
    [6, 5]
    """
    a, b = _whole(x1), _whole(x2)
    zero = ops.zeros_like(ops.add(a, b))

    def step(a: Any, b: Any) -> tuple[Any, Any]:
        done = ops.equal(b, 0)
        return ops.where(done, a, b), ops.where(done, 0, ops.mod(a, ops.where(done, 1, b)))

    return ops.while_loop(lambda a, b: ops.any(b), step, (ops.add(a, zero), ops.add(b, zero)))[0]


@public
def lcm(x1: Any, x2: Any) -> Any:
    """The least common multiple of two whole numbers.

    >>> lcm([4, 0], [6, 5]).tolist()
    [12, 0]
    """
    a, b = _whole(x1), _whole(x2)
    divisor = gcd(a, b)
    return ops.multiply(ops.floor_divide(a, ops.maximum(divisor, 1)), b)


@public
def real(x: Any) -> Any:
    """x itself; there are no complex numbers."""
    return ops.convert_to_tensor(x)


@public
def imag(x: Any) -> Any:
    """Zero everywhere; there are no complex numbers."""
    return ops.zeros_like(ops.convert_to_tensor(x))


@public
def angle(x: Any) -> Any:
    """0 for positive numbers and π for negative ones."""
    value = as_float(x)
    return ops.where(ops.isnan(value), value, ops.cast(ops.signbit(value), dtype_of(value)) * math.pi)
