"""Functions of float32 vectors, beside NumPy's in float64."""

import ctypes
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from kmagic.compiler.emit.llvm.native import Library
from kmagic.compiler.emit.llvm.text import INDEX, Module, Value, Writer
from kmagic.compiler.emit.llvm.vector_math import FUNCTIONS

Array = np.ndarray[Any, Any]
ULPS = 2.5
REFERENCE: dict[str, Callable[[Array], Array]] = {
    name: getattr(np, name, None) or getattr(np, {"round": "rint"}.get(name, name), np.vectorize(math.erf))
    for name in FUNCTIONS
    if name != "erf"
}
REFERENCE |= {"erf": np.vectorize(math.erf), "round": np.rint}
RANGES = {
    "exp": [(-104.0, 88.7), (-1e-3, 1e-3)],
    "expm1": [(-30.0, 80.0), (-1e-3, 1e-3)],
    "log": [(0.5, 2.0), (1e-45, 1e-37), (1.0, 1e38)],
    "log1p": [(-0.999, 10.0), (-1e-3, 1e-3)],
    "tanh": [(-10.0, 10.0), (-1e-3, 1e-3)],
    "erf": [(-4.0, 4.0), (-1e-3, 1e-3)],
    "sqrt": [(0.0, 1e30)],
    "log2": [(1e-30, 1e30)],
    "log10": [(1e-30, 1e30)],
    "arcsin": [(-1.0, 1.0)],
    "arccos": [(-1.0, 1.0)],
    "sinh": [(-80.0, 80.0)],
    "cosh": [(-80.0, 80.0)],
}
AWKWARD = [0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -1.0, 1e-45, -1e-45, 3e38, -3e38, 88.8, -103.9, 2.5, -0.5, 1e-20]


def native(name: str, width: int) -> Callable[[Array], Array]:
    """A function over arrays, `width` elements at a time."""
    module = Module()
    at = Writer(module, "apply", [("x", "pointer"), ("y", "pointer"), ("n", INDEX)])
    x, y, count = at.parameters

    def step(index: Value, carried: list[Value]) -> list[Value]:
        loaded = at.load("float32", width, at.address(x, index, "float32"))
        at.store(FUNCTIONS[name](loaded), at.address(y, index, "float32"))
        return []

    at.loop(0, count, max(width, 1), step)
    at.finish()
    library = Library([module.text])
    function = library.function("apply", None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)

    def called(values: Array) -> Array:
        result = np.full_like(values, 7)
        function(values.ctypes.data, result.ctypes.data, len(values))
        return result

    called.library = library  # type: ignore[attr-defined]
    return called


@pytest.mark.parametrize("name", FUNCTIONS)
def test_within_two_and_a_half_units_in_the_last_place(name: str) -> None:
    function = native(name, 8)
    generator = np.random.default_rng(0)
    for low, high in RANGES.get(name, [(-10.0, 10.0)]):
        values = generator.uniform(low, high, 80_000).astype("float32")
        found, right = function(values), REFERENCE[name](values.astype("float64"))
        distance = np.abs(found - right) / np.spacing(np.abs(right).astype("float32"))
        assert distance.max() <= ULPS, (values[distance.argmax()], distance.max())


@pytest.mark.parametrize("width", [0, 4, 16])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_nan_infinity_and_zeros_are_kept(name: str, width: int) -> None:
    values = np.array(AWKWARD, "float32")
    with np.errstate(all="ignore"):
        right = REFERENCE[name](values.astype("float64")).astype("float32")
    found = native(name, width)(values)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(right))
    there = ~np.isnan(right)
    np.testing.assert_allclose(found[there], right[there], rtol=4e-7, atol=0)
    assert (np.signbit(found) == np.signbit(right))[there & (right == 0)].all()
