"""Functions as native programs, beside what NumPy makes of the same graph."""

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.compiler.programs import Array, interpreted, run, traced


def agree(function: Callable[..., Any], *arrays: Array, rtol: float = 1e-12, atol: float = 1e-14) -> list[Array]:
    """What native code gives, which must be what the graph means, in values and dtypes."""
    graph = traced(function, arrays, batch=True)
    rows = next((len(array) for array in arrays if array.ndim), 1)
    done = run(graph, arrays, rows, executor="llvm")
    assert done.status == 0
    for value, right in zip(done.outputs.values(), interpreted(graph, arrays, rows), strict=True):
        assert value.dtype == right.dtype and value.shape == right.shape
        np.testing.assert_allclose(value, right, rtol=rtol, atol=atol)
    return list(done.outputs.values())


def normal(*shape: int, dtype: str = "float64", seed: int = 0) -> Array:
    """Random numbers."""
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)
