"""Pointwise operations on values in registers: the one place where a primitive gets its instructions.

Numbers of 16 bits are storage: they are computed with in float32 and rounded after each operation, as NumPy does.
Whole numbers wrap, division by zero gives 0 and shifts beyond the width give what is left, as in NumPy; nothing here
is undefined for any input.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kmagic.base.dtypes import BYTES, NARROW, UNSIGNED, is_float
from kmagic.compiler.emit.llvm.text import TYPES, Value, Writer
from kmagic.compiler.emit.llvm.vector_math import FUNCTIONS
from kmagic.graph.node import Node


class NotNative(Exception):
    """There are no instructions for this; NumPy runs it."""


def in_registers(dtype: str) -> str:
    """What values of a dtype are computed in."""
    return "float32" if dtype in NARROW else dtype


def widened(value: Value, dtype: str) -> Value:
    """A loaded value as it is computed with."""
    return value.writer.cast("fpext", value, "float32") if dtype in NARROW else value


def narrowed(value: Value, dtype: str) -> Value:
    """A value as it is stored."""
    return value.writer.cast("fptrunc", value, dtype) if dtype in NARROW else value


def computed(node: Node, inputs: Sequence[Value]) -> Value:
    """The result of a pointwise node; its inputs were widened."""
    name = node.name
    if name == "convert":
        return converted(inputs[0], node.inputs[0].dtype, node.dtype)
    if name == "power" and not is_float(node.dtype):
        raise NotNative(name)
    if name in FUNCTIONS:
        result = FUNCTIONS[name](inputs[0])
    elif name in OPERATIONS:
        result = OPERATIONS[name](*inputs)
    else:
        raise NotNative(name)
    return widened(narrowed(result, node.dtype), node.dtype)


# ---- conversions ----


def converted(value: Value, source: str, dtype: str) -> Value:
    """The same value as another dtype; what no whole number can hold becomes the smallest one."""
    at, kind = value.writer, in_registers(dtype)
    if dtype == "bool":
        return value if source == "bool" else value.differs(0)
    if source == "bool":
        whole = at.cast("zext", value, "int32" if is_float(kind) else kind)
        result = at.cast("uitofp", whole, kind) if is_float(kind) else whole
    elif is_float(value.dtype) and is_float(kind):
        grows = BYTES[kind] > BYTES[value.dtype]
        result = value if kind == value.dtype else at.cast("fpext" if grows else "fptrunc", value, kind)
    elif is_float(value.dtype):
        return _truncated(value, kind)
    elif is_float(kind):
        result = at.cast("uitofp" if value.dtype in UNSIGNED else "sitofp", value, kind)
    elif BYTES[kind] > BYTES[value.dtype]:
        result = at.cast("zext" if value.dtype in UNSIGNED else "sext", value, kind)
    else:
        result = at.cast("trunc", value, kind)
    return widened(narrowed(result, dtype), dtype)


def _truncated(value: Value, dtype: str) -> Value:
    """A float without its fraction; NaN and what is too large become the smallest whole number, as processors do."""
    at = value.writer
    wide = "int64" if BYTES[dtype] > 4 or dtype == "uint32" else "int32"
    low, high = -(2.0 ** (8 * BYTES[wide] - 1)), 2.0 ** (8 * BYTES[wide] - 1)
    fits = at.bits("and", value >= low, value < high)
    held = at.select(fits, value, at.constant(value.dtype, 0.0))
    whole = at.cast("fptosi", held, wide)
    whole = at.select(fits, whole, at.constant(wide, int(low)))
    return at.cast("trunc", whole, dtype)


# ---- arithmetic ----


def _divide(a: Value, b: Value) -> Value:
    return a / b


def _guarded(a: Value, b: Value) -> tuple[Value, Value]:
    """A divisor that no processor stops at, and where it was zero."""
    at = a.writer
    zero = b.equals(0)
    safe = at.select(zero, at.constant(b.dtype, 1), b)
    if b.dtype not in UNSIGNED:
        # the smallest number has no negative
        least = -(2 ** (8 * BYTES[a.dtype] - 1))
        overflows = at.bits("and", a.equals(least), b.equals(-1))
        safe = at.select(overflows, at.constant(b.dtype, 1), safe)
    return safe, zero


def _floor_divide(a: Value, b: Value) -> Value:
    at = a.writer
    if is_float(a.dtype):
        return _float_division(a, b)[0]
    safe, zero = _guarded(a, b)
    quotient = a / safe
    if a.dtype not in UNSIGNED:
        rest = a - quotient * safe
        off = at.bits("and", rest.differs(0), at.bits("xor", rest < 0, safe < 0))
        quotient = at.select(off, quotient - 1, quotient)
    return at.select(zero, at.constant(a.dtype, 0), quotient)


def _mod(a: Value, b: Value) -> Value:
    at = a.writer
    if is_float(a.dtype):
        return _float_division(a, b)[1]
    safe, zero = _guarded(a, b)
    rest = at.arithmetic("rem", a, safe)
    if a.dtype not in UNSIGNED:
        off = at.bits("and", rest.differs(0), at.bits("xor", rest < 0, safe < 0))
        rest = at.select(off, rest + safe, rest)
    return at.select(zero, at.constant(a.dtype, 0), rest)


def _float_division(a: Value, b: Value) -> tuple[Value, Value]:
    """Quotient rounded down and remainder with the sign of the divisor, as NumPy has them."""
    at = a.writer
    rest = at.arithmetic("rem", a, b)
    quotient = (a - rest) / b
    off = at.bits("and", rest.differs(0.0), at.bits("xor", rest < 0.0, b < 0.0))
    quotient = at.select(off, quotient - 1.0, quotient)
    rest = at.select(off, rest + b, at.select(rest.equals(0.0), at.call("copysign", rest, b), rest))
    down = at.call("floor", quotient)
    down = at.select(quotient - down > 0.5, down + 1.0, down)
    zero = b.equals(0.0)
    return at.select(zero, a / b, down), rest


def _absolute(a: Value) -> Value:
    at = a.writer
    if is_float(a.dtype):
        return at.call("fabs", a)
    return a if a.dtype in UNSIGNED or a.dtype == "bool" else at.select(a < 0, -a, a)


def _sign(a: Value) -> Value:
    at = a.writer
    one, zero = at.constant(a.dtype, 1), at.constant(a.dtype, 0)
    if a.dtype in UNSIGNED:
        return at.select(a > 0, one, zero)
    whole = at.select(a > 0, one, at.select(a < 0, at.constant(a.dtype, -1), zero))
    return at.select(at.is_nan(a), a, whole) if is_float(a.dtype) else whole


def _maximum(a: Value, b: Value) -> Value:
    """The larger one; NaN wins, on either side."""
    return _extreme("maximum", "gt", a, b)


def _minimum(a: Value, b: Value) -> Value:
    return _extreme("minimum", "lt", a, b)


def _extreme(name: str, wins: str, a: Value, b: Value) -> Value:
    at = a.writer
    if not is_float(a.dtype):
        return at.select(at.compare(wins, a, b), a, b)
    if a.number is not None:
        # comparing with NaN fails, which leaves the other value
        return at.select(at.compare(wins, a, b), a, b)
    if b.number is not None:
        return at.select(at.compare(wins, b, a), b, a)
    return at.call(name, a, b)


def _power(a: Value, b: Value) -> Value:
    at = a.writer
    if b.number == 2:
        return a * a
    if b.number == 1:
        return a
    return at.call("pow", a, b)


def _where(condition: Value, yes: Value, no: Value) -> Value:
    return condition.writer.select(condition, yes, no)


def _is_finite(a: Value) -> Value:
    if not is_float(a.dtype):
        return a.writer.constant("bool", True, a.width)
    return a.writer.call("fabs", a) < float("inf")


def _is_nan(a: Value) -> Value:
    return a.writer.is_nan(a) if is_float(a.dtype) else a.writer.constant("bool", False, a.width)


def _bits(name: str) -> Callable[[Value, Value], Value]:
    return lambda a, b: a.writer.bits(name, a, b)


def _shift(name: str) -> Callable[[Value, Value], Value]:
    """A shift; by more than the width only the sign is left."""

    def shifted(a: Value, b: Value) -> Value:
        at, bits = a.writer, 8 * BYTES[a.dtype]
        signed = name == "ashr" and a.dtype not in UNSIGNED
        kind = name if signed or name == "shl" else "lshr"
        # a negative count is a large one without its sign
        count = at.cast("bitcast", b, "u" + b.dtype) if b.dtype not in UNSIGNED else b
        far = count >= bits
        near = at.cast("bitcast", at.select(far, at.constant(count.dtype, bits - 1), count), a.dtype)
        moved = at.bits(kind, a, near)
        return moved if signed else at.select(far, at.constant(a.dtype, 0), moved)

    return shifted


def _truth(name: str) -> Callable[[Value, Value], Value]:
    return lambda a, b: a.writer.bits(name, converted(a, a.dtype, "bool"), converted(b, b.dtype, "bool"))


def _compared(name: str) -> Callable[[Value, Value], Value]:
    return lambda a, b: a.writer.compare(name, a, b)


def _plus(a: Value, b: Value) -> Value:
    return a.writer.bits("or", a, b) if a.dtype == "bool" else a + b


def _times(a: Value, b: Value) -> Value:
    return a.writer.bits("and", a, b) if a.dtype == "bool" else a * b


OPERATIONS: dict[str, Callable[..., Value]] = {
    "add": _plus,
    "subtract": lambda a, b: a - b,
    "multiply": _times,
    "divide": _divide,
    "floor_divide": _floor_divide,
    "mod": _mod,
    "negative": lambda a: -a,
    "absolute": _absolute,
    "sign": _sign,
    "square": lambda a: _times(a, a),
    "maximum": _maximum,
    "minimum": _minimum,
    "power": _power,
    "where": _where,
    "isfinite": _is_finite,
    "isnan": _is_nan,
    "equal": _compared("eq"),
    "not_equal": _compared("ne"),
    "less": _compared("lt"),
    "less_equal": _compared("le"),
    "greater": _compared("gt"),
    "greater_equal": _compared("ge"),
    "logical_and": _truth("and"),
    "logical_or": _truth("or"),
    "logical_xor": _truth("xor"),
    "logical_not": lambda a: a.writer.invert(converted(a, a.dtype, "bool")),
    "bitwise_and": _bits("and"),
    "bitwise_or": _bits("or"),
    "bitwise_xor": _bits("xor"),
    "bitwise_left_shift": _shift("shl"),
    "bitwise_right_shift": _shift("ashr"),
}

# what a reduction starts from, and how it goes on
STARTS: Mapping[str, Callable[[str], Any]] = {
    "reduce_sum": lambda dtype: 0,
    "reduce_prod": lambda dtype: 1,
    "reduce_max": lambda dtype: float("-inf") if is_float(dtype) else _least(dtype),
    "reduce_min": lambda dtype: float("inf") if is_float(dtype) else _most(dtype),
}
STEPS: Mapping[str, Callable[[Value, Value], Value]] = {
    "reduce_sum": _plus,
    "reduce_prod": _times,
    "reduce_max": lambda a, b: a.writer.bits("or", a, b) if a.dtype == "bool" else _extreme("maximum", "gt", a, b),
    "reduce_min": lambda a, b: a.writer.bits("and", a, b) if a.dtype == "bool" else _extreme("minimum", "lt", a, b),
}


def _least(dtype: str) -> int:
    return 0 if dtype in UNSIGNED or dtype == "bool" else -(2 ** (8 * BYTES[dtype] - 1))


def _most(dtype: str) -> int:
    if dtype == "bool":
        return 1
    bits = 8 * BYTES[dtype] - (dtype not in UNSIGNED)
    return int(2**bits) - 1


def start_of(at: Writer, node: Node, width: int = 0) -> Value:
    """The value that a reduction begins with."""
    return at.constant(in_registers(node.dtype), STARTS[node.name](node.dtype), width)


def element_type(dtype: str) -> str:
    """What an element of an array is in memory."""
    return "i8" if dtype == "bool" else TYPES[dtype]
