"""Gathers and scatters, and indices that point outside."""

from typing import Any

import numpy as np
import pytest

from kmagic import ops
from kmagic.graph.ops.gradient import gradients
from tests.compiler.programs import run, traced

from .native_programs import agree, normal


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("kind", ["int32", "int64", "uint8", "int16"])
def test_entries_along_an_axis_and_back(axis: int, kind: str) -> None:
    indices = np.array([[0, 2, 1], [3, 3, 0]], kind)

    def function(x: Any) -> list[Any]:
        taken = ops.take(x, indices, axis=axis)
        return [taken, *gradients(ops.sum(taken * taken), [x])]

    agree(function, normal(4, 5, 6))


def test_entries_of_rows_and_extremes() -> None:
    x = normal(7, 9)
    places = np.random.default_rng(1).integers(0, 9, (7, 4))

    def function(x: Any, places: Any) -> list[Any]:
        picked = ops.take_along_axis(x, places, axis=1)
        found = [ops.argmax(x, axis=axis) for axis in (None, 0, 1)] + [ops.argmin(x, axis=axis) for axis in (0, 1)]
        return [
            picked,
            *gradients(ops.sum(picked * picked), [x]),
            *found,
            ops.cumsum(x, axis=0),
            ops.cumprod(x, axis=1),
        ]

    agree(function, x, places)


def test_nan_is_the_first_extreme() -> None:
    x = np.array([[1.0, np.nan, 3.0, np.nan], [2.0, 5.0, 5.0, 1.0]])
    first, second = agree(lambda x: [ops.argmax(x, axis=1), ops.argmin(x, axis=1)], x)
    assert first.tolist() == [1, 1] and second.tolist() == [1, 3]


@pytest.mark.parametrize("bad", [-1, 5, 2**31])
@pytest.mark.parametrize("back", [False, True])
def test_an_index_outside_stops_the_step_before_anything_is_read(bad: int, back: bool) -> None:
    def function(x: Any, indices: Any) -> Any:
        row = ops.rows["scatter_add"] if back else ops.rows["gather"]
        return row(x, indices, axis=0, size=5) if back else row(x, indices, axis=0)

    indices = np.arange(5).repeat(20)
    x = normal(100, 3) if back else normal(5, 3)
    graph = traced(function, [x, indices])
    assert run(graph, [x, indices], executor="llvm").status == 0
    indices[77] = bad
    assert run(graph, [x, indices], executor="llvm").status != 0
