"""Functions of vectors: polynomials in float32, the C library in other dtypes and for what is seldom used.

All keep NaN, infinity and signed zero as the C library does, and are exact to two and a half units in the last place.
Source: the float32 polynomials of expf, logf and tanhf are those of S. Moshier's Cephes library.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kmagic.compiler.emit.llvm.text import TYPES, Value

_ROUNDING = 12582912.0  # 1.5 · 2²³: added to a float, it leaves the nearest whole number in the last bits
_ROUNDING_BITS = 0x4B400000
_EXPONENT_BITS = 23
_BIAS = 127


def _polynomial(x: Value, coefficients: Sequence[float]) -> Value:
    """Horner's scheme, highest power first."""
    result = x.writer.constant(x.dtype, coefficients[0], x.width)
    for coefficient in coefficients[1:]:
        result = x.writer.fused(result, x, x.writer.constant(x.dtype, coefficient, x.width))
    return result


def _power_of_two(n: Value) -> Value:
    """2ⁿ for n from −126 to 127."""
    at = n.writer
    shifted = at.bits("shl", n + _BIAS, at.constant("int32", _EXPONENT_BITS))
    return at.cast("bitcast", shifted, "float32")


def exp(x: Value) -> Value:
    """eˣ = 2ⁿ · eʳ with |r| ≤ ½ ln 2; 2ⁿ in two factors, so that the smallest and largest results are right."""
    if x.dtype != "float32":
        return x.writer.call("exp", x)
    at = x.writer
    x = at.select(x < -104.0, at.constant(x.dtype, -104.0), x)
    x = at.select(x > 89.0, at.constant(x.dtype, 89.0), x)
    magic = at.constant(x.dtype, _ROUNDING, x.width)
    shifted = at.fused(x, at.constant(x.dtype, 1.44269504088896341, x.width), magic)
    n = shifted - magic
    r = at.fused(n, at.constant(x.dtype, -0.693359375, x.width), x)
    r = at.fused(n, at.constant(x.dtype, 2.12194440e-4, x.width), r)
    tail = _polynomial(
        r, (1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1)
    )
    value = at.fused(tail, r * r, r) + 1.0
    whole = at.cast("bitcast", shifted, "int32") - _ROUNDING_BITS
    half = at.bits("ashr", whole, at.constant("int32", 1))
    return value * _power_of_two(half) * _power_of_two(whole - half)


def log(x: Value) -> Value:
    """ln x = e ln 2 + ln m with m from √½ to √2."""
    if x.dtype != "float32":
        return x.writer.call("log", x)
    at = x.writer
    small = x < 1.17549435e-38
    scaled = at.select(small, x * 8388608.0, x)
    bits = at.cast("bitcast", scaled, "int32")
    above = bits - 0x3F3504F3
    exponent = at.bits("ashr", above, at.constant("int32", _EXPONENT_BITS))
    mantissa = at.cast("bitcast", bits - at.bits("shl", exponent, at.constant("int32", _EXPONENT_BITS)), "float32")
    e = at.cast("sitofp", exponent, "float32")
    e = at.select(small, e - 23.0, e)
    f = mantissa - 1.0
    z = f * f
    y = _polynomial(
        f,
        (7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1)
        + (-1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1),
    )
    y = at.fused(e, at.constant(x.dtype, -2.12194440e-4, x.width), y * f * z)
    y = at.fused(z, at.constant(x.dtype, -0.5, x.width), y)
    result = at.fused(e, at.constant(x.dtype, 0.693359375, x.width), f + y)
    infinity = at.constant(x.dtype, float("inf"))
    result = at.select(x.equals(infinity), infinity, result)
    result = at.select(x.equals(0.0), at.constant(x.dtype, float("-inf")), result)
    return at.select(at.bits("or", x < 0.0, at.is_nan(x)), at.constant(x.dtype, float("nan")), result)


def log1p(x: Value) -> Value:
    """x · ln(u) / (u − 1) with u = 1 + x rounded, which undoes what rounding did to u.

    Source: W. Kahan, in HP-15C Advanced Functions Handbook, 1982.
    """
    if x.dtype != "float32":
        return _library("log1p", x)
    at = x.writer
    u = x + 1.0
    corrected = x * (log(u) / (u - 1.0))
    infinite = u.equals(float("inf"))
    return at.select(u.equals(1.0), x, at.select(infinite, u, corrected))


def expm1(x: Value) -> Value:
    """eˣ − 1: by (u − 1) · x / ln u with u = eˣ rounded, where that is not far from 1; source as of log1p."""
    if x.dtype != "float32":
        return _library("expm1", x)
    at = x.writer
    u = exp(x)
    less = u - 1.0
    corrected = less * (x / log(u))
    near = at.bits("and", x > -17.0, x < 17.0)
    return at.select(u.equals(1.0), x, at.select(near, corrected, less))


def tanh(x: Value) -> Value:
    """An odd polynomial near 0, which keeps relative precision; 1 − 2 / (e²ˣ + 1) elsewhere."""
    if x.dtype != "float32":
        return x.writer.call("tanh", x)
    at = x.writer
    size = at.call("fabs", x)
    z = x * x
    poly = _polynomial(z, (-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1))
    near = at.fused(poly * z, x, x)
    far = 1.0 - 2.0 / (exp(size + size) + 1.0)
    return at.call("copysign", at.select(size < 0.625, near, far), x)


def erf(x: Value) -> Value:
    """x + x · P(x²) near 0, ±(1 − e^Q(|x|)) elsewhere; source of the polynomials: N. Juffa."""
    if x.dtype != "float32":
        return _library("erf", x)
    at = x.writer
    size, z = at.call("fabs", x), x * x
    inner = _polynomial(
        z, (-5.96761703e-4, 4.99119423e-3, -2.67681349e-2, 1.12819925e-1, -3.76125336e-1, 1.28379166e-1)
    )
    outer = _polynomial(
        size,
        (-1.72853470e-5, 3.83197126e-4, -3.88396438e-3, 2.42546219e-2, -1.06777877e-1, -6.34846687e-1, -1.28717512e-1),
    )
    far = 1.0 - exp(at.fused(outer, size, -size))
    return at.select(size > 0.927734375, at.call("copysign", far, x), at.fused(inner, x, x))


def _library(name: str, x: Value) -> Value:
    """A function of the C library, lane by lane."""
    at = x.writer
    title = name + ("f" if x.dtype == "float32" else "")
    kind = TYPES[x.dtype]
    at.module.declarations.add(f"declare {kind} @{title}({kind})")

    def called(value: Value) -> Value:
        return at.instruction(x.dtype, 0, f"call {kind} @{title}({value.typed})")

    if not x.width:
        return called(x)
    result = "poison"
    for number in range(x.width):
        one = called(at.lane(x, number))
        result = at.instruction(
            x.dtype, x.width, f"insertelement <{x.width} x {kind}> {result}, {one.typed}, i32 {number}"
        ).text
    return Value(result, x.dtype, x.width, at)


def _intrinsic(name: str) -> Callable[[Value], Value]:
    return lambda x: x.writer.call(name, x)


FUNCTIONS: dict[str, Callable[[Value], Value]] = {
    "exp": exp,
    "expm1": expm1,
    "log": log,
    "log1p": log1p,
    "tanh": tanh,
    "erf": erf,
    "sqrt": _intrinsic("sqrt"),
    "log2": _intrinsic("log2"),
    "log10": _intrinsic("log10"),
    "sin": _intrinsic("sin"),
    "cos": _intrinsic("cos"),
    "tan": _intrinsic("tan"),
    "arcsin": _intrinsic("asin"),
    "arccos": _intrinsic("acos"),
    "arctan": _intrinsic("atan"),
    "sinh": _intrinsic("sinh"),
    "cosh": _intrinsic("cosh"),
    "floor": _intrinsic("floor"),
    "ceil": _intrinsic("ceil"),
    "round": _intrinsic("roundeven"),
}
