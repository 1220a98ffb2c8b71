"""Running results of associative functions, against NumPy's running sums and products and a plain loop."""

import numpy as np
import pytest

from kmagic.base.errors import BadType, BadValue, ShapeMismatch
from kmagic.graph.load import ops
from kmagic.graph.ops.derivatives import grad
from tests.compiler.programs import both_ways, step, traced, uncached

GENERATOR = np.random.default_rng(0)


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5, 8, 13])
@pytest.mark.parametrize(("axis", "reverse"), [(0, False), (1, True), (-1, False)])
def test_sums_along_an_axis(length: int, axis: int, reverse: bool) -> None:
    x = GENERATOR.normal(size=tuple(length if i == axis % 3 else 2 for i in range(3)))
    expected = np.flip(np.flip(x, axis).cumsum(axis), axis) if reverse else x.cumsum(axis)

    def function(x):
        return ops.associative_scan(ops.add, x, reverse=reverse, axis=axis)

    for found in (function(x), both_ways(function, x)[0]):
        assert found.shape == x.shape
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def products(pairs, **options):
    """Running products of affine maps v ↦ a·v + b, an associative function of two arrays that does not commute."""
    return ops.associative_scan(
        lambda p, q: {"a": p["a"] * q["a"], "b": q["a"] * p["b"] + q["b"]}, {"a": pairs[0], "b": pairs[1]}, **options
    )


def by_hand(a, b):
    v, values = 0.0, []
    for factor, term in zip(a, b, strict=True):
        v = factor * v + term
        values.append(v)
    return values


def test_structures_and_functions_that_do_not_commute() -> None:
    a, b = GENERATOR.normal(size=(2, 7))
    np.testing.assert_allclose(products((a, b))["b"], by_hand(a, b))
    np.testing.assert_allclose(products((a, b))["a"], a.cumprod())
    backwards = products((a, b), reverse=True)["b"]
    np.testing.assert_allclose(backwards, by_hand(a[::-1], b[::-1])[::-1])


def test_gradient() -> None:
    def total(a):
        return ops.sum(ops.associative_scan(ops.multiply, a) ** 2)

    a = GENERATOR.uniform(0.5, 1.5, 6)
    slope = [(total(a + d) - total(a - d)) / 2e-6 for d in np.eye(6) * 1e-6]
    np.testing.assert_allclose(both_ways(grad(total), a)[0], slope, rtol=1e-7)


def test_along_an_axis_of_unknown_length() -> None:
    def function(a, b):
        return products((a, b))["b"], ops.associative_scan(ops.add, ops.transpose(a), axis=1, reverse=True)

    a, b = GENERATOR.normal(size=(2, 6, 2))
    graph = traced(function, [a, b], batch=True)
    workspace = uncached(graph).workspace(6)
    for rows in (6, 1, 3):
        first, second = step(workspace, [a[:rows], b[:rows]], rows).outputs.values()
        np.testing.assert_allclose(first, by_hand(a[:rows], b[:rows]))
        np.testing.assert_allclose(second, np.flip(np.flip(a[:rows].T, 1).cumsum(1), 1))


def test_refusals() -> None:
    with pytest.raises(BadType, match="f is 3"):
        ops.associative_scan(3, np.ones(3))
    with pytest.raises(BadValue, match="holds no array"):
        ops.associative_scan(ops.add, [])
    with pytest.raises(ShapeMismatch, match="lengths 3, 4"):
        ops.associative_scan(lambda a, b: a, [np.ones(3), np.ones(4)])
