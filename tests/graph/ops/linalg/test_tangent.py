"""Derivatives along a direction, against formulas and central differences."""

import numpy as np
import pytest

import kmagic
from kmagic import ops
from kmagic.base.errors import BadType, ShapeMismatch
from tests.compiler.programs import run, traced

GENERATOR = np.random.default_rng(0)
X, Y, WAY, OTHER = GENERATOR.normal(size=(4, 3, 3))


def several(x, y):
    return {"product": ops.matmul(x, ops.exp(y)), "mean": [ops.mean(x * y, axis=0)]}


def test_changes_of_a_structure_of_results() -> None:
    values, changes = ops.jvp(several, (X, Y), (WAY, OTHER))
    np.testing.assert_allclose(values["product"], X @ np.exp(Y))
    np.testing.assert_allclose(changes["product"], WAY @ np.exp(Y) + X @ (np.exp(Y) * OTHER))
    np.testing.assert_allclose(changes["mean"][0], (WAY * Y + X * OTHER).mean(0))


@pytest.mark.parametrize("function", [ops.inv, ops.softmax, ops.cumsum, ops.sort, ops.relu, ops.logsumexp])
def test_slopes(function) -> None:
    step = 1e-6
    expected = (function(X + step * WAY) - function(X - step * WAY)) / (2 * step)
    _, change = ops.jvp(function, [X], [WAY])
    np.testing.assert_allclose(change, expected, rtol=1e-6, atol=1e-8)


def test_inside_a_program() -> None:
    found = run(traced(lambda x, way: ops.jvp(ops.sin, (x,), (way,)), [X, WAY]), [X, WAY]).outputs
    np.testing.assert_allclose(found["y0"], np.sin(X))
    np.testing.assert_allclose(found["y1"], np.cos(X) * WAY)


def test_of_a_gradient() -> None:
    _, change = ops.jvp(kmagic.grad(lambda x: ops.sum(x**3)), (X,), (WAY,))
    np.testing.assert_allclose(change, 6 * X * WAY)


def test_with_something_beside_the_result() -> None:
    value, change, aux = ops.jvp(lambda x: (x * x, x + 1), (3.0,), (1.0,), has_aux=True)
    assert (value, change, aux) == (9, 6, 4)
    with pytest.raises(BadType, match="second result"):
        ops.jvp(ops.sin, (3.0,), (1.0,), has_aux=True)


def test_tangents_must_fit() -> None:
    for tangents in ((), (1.0, 1.0), ([1.0, 2.0],)):
        with pytest.raises(ShapeMismatch, match="tangents"):
            ops.jvp(ops.sin, (3.0,), tangents)
