"""Laws of every public function that is no row: what NumPy gives on arrays, the same compiled, true gradients."""

import contextlib
import inspect
from typing import Any

import numpy as np
import pytest

from kmagic.base.errors import KmagicError
from kmagic.graph.load import ops
from kmagic.graph.ops.derivatives import grad
from kmagic.graph.table import TABLE
from tests.compiler.programs import Array, named, run, step, traced, uncached
from tests.laws.function_examples import EXAMPLES
from tests.laws.function_examples.call import Call

CASES = [
    pytest.param(call, id=f"{name}-{number}") for name, calls in EXAMPLES.items() for number, call in enumerate(calls)
]
COMPILED = [case for case in CASES if case.values[0].shapes]


def _is_smooth(call: Call) -> bool:
    with np.errstate(all="ignore"):
        results = named(call.formula(*call.arrays(3))).values()
    floats = [kind for kind in call.dtypes[: len(call.shapes)] if kind.startswith("float")]
    return call.smooth and bool(floats) and any(np.asarray(result).dtype.kind == "f" for result in results)


SMOOTH = [case for case in COMPILED if _is_smooth(case.values[0])]


def check(found: Any, expected: Any, tolerance: float) -> None:
    """Equal shapes, dtypes and, up to rounding, values."""
    pairs = list(zip(named(found).values(), named(expected).values(), strict=True))
    for value, right in pairs:
        value, right = np.asarray(value), np.asarray(right)
        assert (value.shape, value.dtype) == (right.shape, right.dtype)
        rounding = max(tolerance, 1e-6) if right.dtype == "float32" else tolerance
        np.testing.assert_allclose(value, right, rtol=rounding, atol=rounding)


def test_examples_are_of_functions_that_exist() -> None:
    assert set(EXAMPLES) <= set(ops.functions)


@pytest.mark.parametrize("call", CASES)
def test_what_numpy_gives(call: Call) -> None:
    arrays = call.arrays(3)
    with np.errstate(all="ignore"):
        check(call.function(*arrays), call.formula(*arrays), call.tolerance)


@pytest.mark.parametrize("call", COMPILED)
def test_compiled_for_batches_of_any_size(call: Call) -> None:
    program = uncached(traced(call.function, call.arrays(1), batch=call.batch))
    workspace = program.workspace(5)
    for rows in (5, 1, 3) if call.batch else (5,):
        arrays = call.arrays(rows)
        done = step(workspace, arrays, rows)
        with np.errstate(all="ignore"):
            expected = call.formula(*arrays)
        assert done.status == 0
        check(done.outputs, expected, call.tolerance)


def _total(call: Call, arrays: list[Array]):
    """A scalar function of the float inputs: a weighted sum of all results that are floats."""
    places = [i for i, array in enumerate(arrays) if array.dtype.kind == "f"]
    generator = np.random.default_rng(7)
    shapes = [np.shape(value) for value in named(call.formula(*arrays)).values()]
    weights = [generator.uniform(0.5, 1.5, shape) for shape in shapes]

    def function(*floats):
        inputs = list(arrays)
        for place, value in zip(places, floats, strict=True):
            inputs[place] = value
        results = named(call.function(*inputs)).values()
        parts = [ops.sum(y * w) for y, w in zip(results, weights, strict=True) if str(y.dtype).startswith("float")]
        return sum(parts[1:], parts[0])

    return function, [arrays[place] for place in places]


@pytest.mark.parametrize("call", SMOOTH)
def test_gradient_is_the_slope(call: Call) -> None:
    function, values = _total(call, call.arrays(3))
    generator = np.random.default_rng(1)
    directions = [generator.uniform(-1, 1, value.shape) for value in values]
    everywhere = tuple(range(len(values)))

    found = grad(function, everywhere)(*values)
    along = sum(float(np.sum(part * way)) for part, way in zip(found, directions, strict=True))
    ahead, behind = (
        function(*(value + distance * way for value, way in zip(values, directions, strict=True)))
        for distance in (1e-6, -1e-6)
    )
    assert along == pytest.approx(float(ahead - behind) / 2e-6, rel=1e-6, abs=1e-6)

    compiled = run(traced(grad(function, everywhere), values), values)
    for name, part in zip(compiled.outputs, found, strict=True):
        np.testing.assert_allclose(compiled.outputs[name], part, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("name", sorted(name for name, calls in EXAMPLES.items() if name not in TABLE))
def test_infinity_and_nan_come_without_warnings(name: str) -> None:
    """Warnings are errors here; what a function refuses, it may refuse."""
    special = np.array([[0.0, -0.0, np.inf, -np.inf], [np.nan, 1.0, -1.0, 1e300]])
    needed = [p for p in inspect.signature(ops.functions[name]).parameters.values() if p.default is p.empty]
    with contextlib.suppress(KmagicError, TypeError, ValueError, AttributeError, IndexError, OverflowError):
        ops.functions[name](*[special] * len(needed))
