"""Pointwise primitives at their edges: nothing is undefined, NaN is never lost."""

import numpy as np
import pytest

from kmagic import ops

from .native_programs import agree, normal

INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
EDGES = (0, 1, 2, 3, 7, 100)


def pairs(dtype: str) -> tuple[np.ndarray, np.ndarray]:
    """Every pair of awkward whole numbers."""
    limits = np.iinfo(dtype)
    wanted = {*EDGES, *(-edge for edge in EDGES), int(limits.min), int(limits.max)}
    values = np.array([edge for edge in sorted(wanted) if limits.min <= edge <= limits.max], dtype)
    left, right = np.meshgrid(values, values)
    return left.ravel(), right.ravel()


@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:overflow", "ignore:invalid value")
@pytest.mark.parametrize("dtype", INTEGERS)
def test_whole_numbers_wrap_and_never_stop_the_processor(dtype: str) -> None:
    a, b = pairs(dtype)
    agree(lambda a, b: [a + b, a - b, a * b, ops.floor_divide(a, b), ops.mod(a, b), ops.maximum(a, b)], a, b)
    agree(lambda a, b: [a < b, a >= b, ops.equal(a, b), ops.absolute(a), ops.sign(a), ops.square(a)], a, b)


@pytest.mark.parametrize("dtype", INTEGERS)
def test_shifts_beyond_the_width(dtype: str) -> None:
    a, b = pairs(dtype)
    near = (b >= 0) & (b < 200)
    agree(lambda a, b: [ops.bitwise_left_shift(a, b), ops.bitwise_right_shift(a, b)], a[near], b[near])


@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
def test_nan_wins_and_infinity_stays() -> None:
    values = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.5, -2.5], "float32")
    a, b = (grid.ravel() for grid in np.meshgrid(values, values))
    agree(lambda a, b: [ops.maximum(a, b), ops.minimum(a, b), ops.relu(a), ops.maximum(1.0, a)], a, b)
    agree(lambda a, b: [ops.floor_divide(a, b), ops.mod(a, b), a / b, ops.sign(a), ops.where(a > b, a, b)], a, b)
    agree(lambda a, b: [ops.isfinite(a), ops.isnan(a * b), ops.max(ops.stack([a, b]), axis=0)], a, b)


@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_what_no_whole_number_holds_becomes_the_smallest(dtype: str) -> None:
    values = np.array([np.nan, np.inf, -np.inf, 1e30, -1e30, 3.9, -3.9], "float32")
    with np.errstate(invalid="ignore"):
        (found,) = agree(lambda x: ops.cast(x, dtype), values)
    assert found.tolist() == [np.iinfo(dtype).min] * 5 + [3, -3]


@pytest.mark.filterwarnings("ignore:invalid value", "ignore:overflow")
@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "uint8", "bool", "float16"])
@pytest.mark.parametrize("source", ["float32", "float64", "int8", "uint32", "int64", "bool", "float16"])
def test_conversions(source: str, dtype: str) -> None:
    values = (np.abs(normal(37)) * 20).astype(source)
    agree(lambda x: ops.cast(x, dtype), values)


def test_numbers_of_16_bits_are_rounded_as_numpy_rounds() -> None:
    x = normal(50, dtype="float16")
    agree(lambda x: [x * x + x, ops.exp(x), ops.sum(x)], x, rtol=2e-3, atol=1e-3)
