"""Dtype names, and how two of them combine.

Promotion follows NumPy with weak Python scalars (NEP 50), except that integers and booleans combined with a float
take the float's own width (int64 with float32 gives float32), as in Keras, so that a label column never widens a
computation to float64.
"""

from __future__ import annotations

import functools
import sys

from kmagic.base.config import floatx
from kmagic.base.errors import BadType, BadValue

FLOATS = ("float16", "bfloat16", "float32", "float64")
# of 16 bits: numbers are kept so, and computed with in float32
NARROW = ("float16", "bfloat16")
SIGNED = ("int8", "int16", "int32", "int64")
UNSIGNED = ("uint8", "uint16", "uint32", "uint64")
NAMES = ("bool", *UNSIGNED, *SIGNED, *FLOATS)
TEXT = "string"  # of data that come in as text; no number has it, and no operation takes it

SHORT = {"bool": "bool", "bfloat16": "bf16"}
SHORT |= {
    name: name.replace("float", "f").replace("uint", "u").replace("int", "i") for name in NAMES if name not in SHORT
}

BYTES = {
    "bool": 1,
    "bfloat16": 2,
    **{n: int("".join(c for c in n if c.isdigit())) // 8 for n in NAMES[1:] if n != "bfloat16"},
}


def standard(dtype: object) -> str:
    """The canonical name of `dtype` (a name, a NumPy dtype, a Python type, or None for floatx).

    >>> standard(float), standard("int"), standard(None)
    ('float32', 'int32', 'float32')
    """
    # by identity or as text: a NumPy dtype equals "float", the name of Python's own width
    if dtype is None or dtype is float or (isinstance(dtype, str) and dtype == "float"):
        return floatx()
    if dtype is bool:
        return "bool"
    if dtype is int or (isinstance(dtype, str) and dtype == "int"):
        return "int32"
    return dtype if isinstance(dtype, str) and dtype in NAMES else _named(dtype)


def of_data(dtype: object) -> str:
    """As `standard`, and "string" for text.

    >>> of_data("string"), of_data(str), of_data("int8")
    ('string', 'string', 'int8')
    """
    is_text = dtype is str or dtype in (TEXT, "str") or getattr(dtype, "kind", None) in ("U", "S", "T")
    return TEXT if is_text else standard(dtype)


@functools.cache
def _named(dtype: object) -> str:
    """The name of a dtype; NumPy takes its time to tell."""
    name = getattr(dtype, "name", None) or getattr(dtype, "__name__", str(dtype))
    if name not in NAMES:
        raise BadType(f"dtype is {dtype!r}", expected=f"one of {', '.join(NAMES)}")
    return str(name)


def is_float(dtype: str) -> bool:
    """Whether `dtype` holds fractions."""
    return dtype in FLOATS


def held_as(dtype: str) -> str:
    """The NumPy dtype of memory that holds `dtype`: NumPy has no bfloat16, whose numbers are all in float32.

    >>> held_as("bfloat16"), held_as("float16")
    ('float32', 'float16')
    """
    return "float32" if dtype == "bfloat16" else dtype


def is_integer(dtype: str) -> bool:
    """Whether `dtype` holds whole numbers (bool does not count)."""
    return dtype in SIGNED or dtype in UNSIGNED


_LARGEST = int(sys.float_info.max)


@functools.lru_cache(1024)
def holding(value: int, dtype: str) -> str:
    """`dtype`, or the next wider one that holds a whole number too.

    >>> holding(7, "uint8"), holding(-1, "uint8"), holding(-1, "float32")
    ('uint8', 'int16', 'float32')
    """
    if is_float(dtype) and abs(value) > _LARGEST:
        raise BadValue(f"a whole number of {value.bit_length()} bits beside {dtype}", expected="at most 1.8e308")
    for other in (dtype, *SIGNED):
        wide = promote(dtype, other)
        if not is_integer(wide) or _holds(wide, value):
            return wide
    raise BadValue(f"{value} beside {dtype}", expected="a number that 64 bits hold", fix=f"{value}.0")


def _holds(dtype: str, value: int) -> bool:
    bits = 8 * BYTES[dtype]
    return 0 <= value < 1 << bits if dtype in UNSIGNED else -(1 << bits - 1) <= value < 1 << bits - 1


@functools.cache
def promote(*dtypes: str) -> str:
    """The dtype that values of all `dtypes` combine to.

    >>> promote("int64", "float32"), promote("bool", "uint8"), promote("float32", "float64")
    ('float32', 'uint8', 'float64')
    """
    result = dtypes[0]
    for other in dtypes[1:]:
        result = _promote_pair(result, other)
    return result


def _promote_pair(left: str, right: str) -> str:
    if left == right:
        return left
    if is_float(left) or is_float(right):
        floats = [name for name in (left, right) if is_float(name)]
        if len(floats) == 1:
            return floats[0]
        if set(floats) == {"float16", "bfloat16"}:
            return "float32"
        return max(floats, key=lambda name: BYTES[name])
    if "bool" in (left, right):
        return right if left == "bool" else left
    return _promote_integers(left, right)


def _promote_integers(left: str, right: str) -> str:
    if (left in SIGNED) == (right in SIGNED):
        return max(left, right, key=lambda name: BYTES[name])
    signed, unsigned = (left, right) if left in SIGNED else (right, left)
    if BYTES[signed] > BYTES[unsigned]:
        return signed
    return SIGNED[min(UNSIGNED.index(unsigned) + 1, 3)]
