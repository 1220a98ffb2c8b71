"""Reductions over a last axis of a few elements, against NumPy in float64."""

from typing import Any

import numpy as np
import pytest

from kmagic import ops
from kmagic.compiler.emit.numpy.narrow import LARGEST, is_narrow
from tests.compiler.programs import traced, uncached

SHAPES = [((5, 3), 1), ((5, 4, 2), 2), ((5, 3, 4, 2, 5), (1, 2, 4)), ((5, 2, 8), -1)]
REDUCTIONS = {"sum": np.sum, "max": np.max, "min": np.min}


def computed(function: Any, x: Any, rows: int) -> Any:
    """The value of a program for the first rows, whose buffers are for all of them."""
    program = uncached(traced(function, [x], batch=True))
    workspace = program.workspace(len(x))
    workspace.inputs(rows)[0][...] = x[:rows]
    workspace.step(rows)()
    (found,) = workspace.outputs(rows).values()
    return found.copy(), program


@pytest.mark.parametrize("name", REDUCTIONS)
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize(
    ("shape", "axes"), [((5, 3), 1), ((5, 4, 2), 2), ((5, 3, 4, 2, 5), (1, 2, 4)), ((5, 2, 8), -1)]
)
def test_values_are_those_of_numpy(name: str, keepdims: bool, shape: tuple[int, ...], axes: Any) -> None:
    x = np.random.default_rng(1).normal(size=shape).astype("float32")
    x.flat[3] = np.nan
    for rows in (5, 3):
        found, program = computed(lambda x: getattr(ops, name)(x, axis=axes, keepdims=keepdims), x, rows)
        expected = REDUCTIONS[name](x[:rows].astype("float64"), axis=axes, keepdims=keepdims)
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
        assert any(node.op.kind == "reduce" and is_narrow(node) for node in program.graph.nodes)


def test_long_and_leading_axes_and_whole_numbers_are_reduced_by_numpy() -> None:
    def reduced(x: Any, axis: Any) -> bool:
        graph = traced(lambda x: ops.sum(x, axis=axis), [x], batch=True)
        return any(node.op.kind == "reduce" and is_narrow(node) for node in graph.nodes)

    assert reduced(np.ones((5, LARGEST), "float32"), 1) and not reduced(np.ones((5, LARGEST + 1), "float32"), 1)
    assert not reduced(np.ones((5, 3, 4), "float32"), 1)
    assert not reduced(np.ones((5, 3), "int32"), 1)
    assert not reduced(np.ones((5, 3), "float32"), (0, 1))
