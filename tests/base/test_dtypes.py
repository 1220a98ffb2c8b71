"""Dtype names, and how they combine."""

import itertools

import numpy as np
import pytest

from kmagic.base import config, dtypes
from kmagic.base.errors import BadType, BadValue

KNOWN_TO_NUMPY = [name for name in dtypes.NAMES if name != "bfloat16"]


@pytest.mark.parametrize("name", KNOWN_TO_NUMPY)
def test_every_spelling_means_its_own_width(name: str) -> None:
    kind = np.dtype(name)
    assert dtypes.standard(name) == dtypes.standard(kind) == dtypes.standard(kind.type) == name
    assert dtypes.BYTES[name] == kind.itemsize


def test_python_types_mean_the_default_widths(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [dtypes.standard(kind) for kind in (float, "float", None, int, "int", bool)] == [
        *["float32"] * 3, *["int32"] * 2, "bool",
    ]  # fmt: skip
    monkeypatch.setitem(config._state, "floatx", "float64")
    assert dtypes.standard(float) == "float64"


@pytest.mark.parametrize("wrong", ["double", "complex64", object(), str])
def test_others_are_refused_with_the_list(wrong: object) -> None:
    with pytest.raises(BadType, match="expected: one of bool, uint8"):
        dtypes.standard(wrong)


@pytest.mark.parametrize(("left", "right"), [*itertools.product(KNOWN_TO_NUMPY, repeat=2)])
def test_two_combine_as_in_numpy_but_for_whole_numbers_beside_floats(left: str, right: str) -> None:
    found = dtypes.promote(left, right)
    assert found == dtypes.promote(right, left)
    floats = [name for name in (left, right) if dtypes.is_float(name)]
    expected = np.result_type(left, right).name
    if len(floats) == 1:
        expected = floats[0]
    elif {left, right} & {"uint64"} and {left, right} & set(dtypes.SIGNED):
        expected = "int64"  # NumPy would leave whole numbers for float64
    assert found == expected


def test_sixteen_bit_floats_meet_in_float32() -> None:
    assert dtypes.promote("float16", "bfloat16") == "float32"
    assert dtypes.promote("bfloat16", "int64") == "bfloat16"
    assert dtypes.promote("bfloat16", "float64") == "float64"


@pytest.mark.parametrize(
    ("value", "beside", "expected"),
    [
        (-1, "uint8", "int16"),
        (255, "uint8", "uint8"),
        (256, "uint8", "int16"),
        (-1, "uint32", "int64"),
        (-1, "uint64", "int64"),
        (128, "int8", "int16"),
        (-128, "int8", "int8"),
        (2**40, "int32", "int64"),
        (2**63 - 1, "uint8", "int64"),
        (2**64 - 1, "uint64", "uint64"),
        (300, "float32", "float32"),
    ],
)
def test_whole_numbers_widen_what_they_do_not_fit(value: int, beside: str, expected: str) -> None:
    assert dtypes.holding(value, beside) == expected


@pytest.mark.parametrize(("value", "beside"), [(2**63, "int32"), (-(2**63) - 1, "uint8"), (2**64, "uint64")])
def test_numbers_without_a_dtype_are_refused(value: int, beside: str) -> None:
    with pytest.raises(BadValue, match=str(value)):
        dtypes.holding(value, beside)


def test_short_names_are_told_apart() -> None:
    assert len(set(dtypes.SHORT.values())) == len(dtypes.NAMES)
    assert [dtypes.SHORT[name] for name in ("float32", "uint8", "int64", "bool")] == ["f32", "u8", "i64", "bool"]
