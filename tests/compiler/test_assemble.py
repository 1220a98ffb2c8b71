"""Sums of parts in zeros become arrays put together, where the parts fill an axis."""

from typing import Any

import numpy as np
import pytest

from kmagic.compiler.differentiate import differentiate
from kmagic.compiler.lower import lower
from kmagic.compiler.simplify import simplify
from kmagic.graph.load import ops
from kmagic.graph.ops.derivatives import grad
from tests.compiler.programs import run, traced

X = np.random.default_rng(0).normal(size=(4, 6))


def names(function: Any) -> list[str]:
    graph = simplify(lower(differentiate(traced(function, [X]))))
    return [node.name for node in graph.nodes]


def slope_of_parts(count: int, axis: int, used: int) -> Any:
    def total(x: Any) -> Any:
        parts = ops.split(x, count, axis=axis)
        return sum(ops.sum(ops.sin(part) * (number + 1)) for number, part in enumerate(parts[:used]))

    return grad(total)


@pytest.mark.parametrize(("count", "axis"), [(2, 1), (3, 1), (6, -1), (4, 0)])
def test_the_gradient_of_parts_is_joined(count: int, axis: int) -> None:
    function = slope_of_parts(count, axis, count)
    found = names(function)
    assert found.count("join") == 1 and "embed" not in found and "add" not in found
    expected = np.concatenate(
        [np.cos(part) * (number + 1) for number, part in enumerate(np.split(X, count, axis))], axis
    )
    np.testing.assert_allclose(run(traced(function, [X]), [X]).outputs["y0"], expected, rtol=1e-15)


def test_parts_with_a_gap_stay_a_sum() -> None:
    function = slope_of_parts(3, 1, 2)
    assert "join" not in names(function)
    expected = np.concatenate([np.cos(X[:, :2]), 2 * np.cos(X[:, 2:4]), np.zeros((4, 2))], 1)
    np.testing.assert_allclose(run(traced(function, [X]), [X]).outputs["y0"], expected, rtol=1e-15)


@pytest.mark.parametrize("cuts", [[(0, 4), (2, 6)], [(0, 3), (3, 6), (0, 6)]])
def test_parts_that_overlap_stay_a_sum(cuts: list[tuple[int, int]]) -> None:
    function = grad(lambda x: sum(ops.sum(ops.sin(x[:, first:last])) for first, last in cuts))
    assert "join" not in names(function)
    counts = sum((np.arange(6) >= first) & (np.arange(6) < last) for first, last in cuts)
    np.testing.assert_allclose(run(traced(function, [X]), [X]).outputs["y0"], counts * np.cos(X), rtol=1e-15)


def test_parts_of_two_axes_stay_a_sum() -> None:
    function = grad(lambda x: ops.sum(ops.sin(x[:2])) + ops.sum(ops.sin(x[:, :3])))
    assert "join" not in names(function)


def test_parts_with_steps_stay_a_sum() -> None:
    function = grad(lambda x: ops.sum(ops.sin(x[:, ::2])) + ops.sum(ops.cos(x[:, 1::2])))
    assert "join" not in names(function)
