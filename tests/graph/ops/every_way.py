"""A function of operations, tried on arrays, compiled for any batch, and its gradients against slopes."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import kmagic
from kmagic import ops
from tests.compiler.programs import Array, named, run, traced


def check_values(function: Callable[..., Any], arrays: Sequence[Array], expected: Any, batch: bool = True) -> None:
    """The expected values at once, and compiled; with `batch` the first axis of every array is unknown to it."""
    wanted = named(expected)
    rows = arrays[0].shape[0] if batch else 1
    compiled = run(traced(function, arrays, batch), arrays, rows).outputs
    for found in (named(function(*arrays)), compiled):
        assert found.keys() == wanted.keys()
        for name, value in wanted.items():
            assert np.shape(found[name]) == np.shape(value)
            np.testing.assert_allclose(found[name], value, rtol=1e-11, atol=1e-12)


def check_slopes(
    function: Callable[..., Any], arrays: Sequence[Array], tolerance: float = 1e-7, step: float = 1e-6
) -> None:
    """The gradient of a weighted sum of all results along random directions, against central differences."""
    generator = np.random.default_rng(5)
    weights = [generator.uniform(0.5, 1.5, np.shape(value)) for value in named(function(*arrays)).values()]

    def total(*given: Any) -> Any:
        found = named(function(*given)).values()
        return sum(ops.sum(value * weight) for value, weight in zip(found, weights, strict=True))

    parts = kmagic.grad(total, tuple(range(len(arrays))))(*arrays)
    for place, part in enumerate(parts):
        way = generator.uniform(-1, 1, np.shape(arrays[place]))
        moved = [[x + s * way if i == place else x for i, x in enumerate(arrays)] for s in (step, -step)]
        slope = (total(*moved[0]) - total(*moved[1])) / (2 * step)
        np.testing.assert_allclose(np.sum(part * way), slope, rtol=tolerance, atol=tolerance)
