"""Activations as operations: formulas in NumPy, slopes at corners, far ends in float32."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kmagic
from kmagic import ops
from kmagic.base.errors import ShapeMismatch
from tests.compiler.programs import Array, run, traced

X = np.array([-7.3, -3.2, -2.9, -1.4, -0.9, -0.6, -0.3, 0.2, 0.4, 0.7, 0.9, 1.3, 2.6, 3.4, 6.5, 8.0])
E = np.exp(X)
SIGMOID = E / (1 + E)
PHI = np.array([0.5 * math.erfc(-x / math.sqrt(2)) for x in X])
RAMP = np.clip(X + 3, 0, 6) / 6
SCALE, ALPHA = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717
FORMULAS: dict[str, tuple[Callable[[Any], Any], Array]] = {
    "relu6": (ops.relu6, np.clip(X, 0, 6)),
    "leaky_relu": (ops.leaky_relu, np.maximum(X, X / 5)),
    "leaky_relu, slope 0.1": (lambda x: ops.leaky_relu(x, 0.1), np.maximum(X, X / 10)),
    "elu": (ops.elu, np.where(X > 0, X, E - 1)),
    "elu, alpha 2": (lambda x: ops.elu(x, alpha=2.0), np.where(X > 0, X, 2 * (E - 1))),
    "selu": (ops.selu, SCALE * np.where(X > 0, X, ALPHA * (E - 1))),
    "celu": (ops.celu, np.where(X > 0, X, E - 1)),
    "celu, alpha 2": (lambda x: ops.celu(x, alpha=2.0), np.where(X > 0, X, 2 * (np.exp(X / 2) - 1))),
    "gelu": (
        ops.gelu,
        X / 2 * (1 + np.tanh(math.sqrt(2 / math.pi) * (X + 0.044715 * X**3))),
    ),
    "gelu, exact": (lambda x: ops.gelu(x, approximate=False), X * PHI),
    "silu": (ops.silu, X * SIGMOID),
    "swish": (ops.swish, X * SIGMOID),
    "log_sigmoid": (ops.log_sigmoid, np.log(SIGMOID)),
    "hard_sigmoid": (ops.hard_sigmoid, RAMP),
    "hard_silu": (ops.hard_silu, X * RAMP),
    "hard_swish": (ops.hard_swish, X * RAMP),
    "hard_tanh": (ops.hard_tanh, np.clip(X, -1, 1)),
    "tanh_shrink": (ops.tanh_shrink, X - np.tanh(X)),
    "soft_shrink": (ops.soft_shrink, np.sign(X) * np.maximum(abs(X) - 0.5, 0)),
    "soft_shrink, 1": (lambda x: ops.soft_shrink(x, threshold=1.0), np.sign(X) * np.maximum(abs(X) - 1, 0)),
    "hard_shrink": (ops.hard_shrink, X * (abs(X) > 0.5)),
    "threshold": (lambda x: ops.threshold(x, 0.8, 5.0), np.where(X > 0.8, X, 5)),
    "softsign": (ops.softsign, X / (1 + abs(X))),
    "squareplus": (ops.squareplus, (X + np.sqrt(X * X + 4)) / 2),
    "squareplus, b 1": (lambda x: ops.squareplus(x, b=1), (X + np.sqrt(X * X + 1)) / 2),
    "sparse_plus": (ops.sparse_plus, np.where(abs(X) < 1, (X + 1) ** 2 / 4, np.maximum(X, 0))),
    "sparse_sigmoid": (ops.sparse_sigmoid, np.clip(X + 1, 0, 2) / 2),
    "glu": (ops.glu, X[:8] * SIGMOID[8:]),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_formula_on_arrays_and_compiled(name: str) -> None:
    function, expected = FORMULAS[name]
    np.testing.assert_allclose(function(X), expected, rtol=1e-12, atol=1e-15)
    found = run(traced(function, [X]), [X]).outputs["y0"]
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", FORMULAS)
def test_slope(name: str) -> None:
    function, _ = FORMULAS[name]
    step = 1e-6
    for place in range(len(X)):
        along = np.eye(len(X))[place] * step
        slope = np.sum(function(X + along) - function(X - along)) / (2 * step)
        found = kmagic.grad(lambda x: ops.sum(function(x)))(X)[place]
        assert found == pytest.approx(slope, rel=1e-7, abs=1e-8)


@pytest.mark.parametrize("name", FORMULAS)
def test_lists_and_float32_are_taken(name: str) -> None:
    function, expected = FORMULAS[name]
    for given in (X.tolist(), X.astype("float32")):
        found = np.asarray(function(given))
        assert found.dtype == "float32"
        np.testing.assert_allclose(found, expected, rtol=3e-5, atol=1e-6)


CORNERS = {
    "relu6": ([0, 6], [0, 0]),
    "leaky_relu": ([0], [1]),
    "elu": ([0], [1]),
    "celu": ([0], [1]),
    "selu": ([0], [SCALE * ALPHA]),
    "hard_sigmoid": ([-3, 3], [0, 0]),
    "hard_silu": ([-3, 3], [0, 1]),
    "hard_tanh": ([-1, 1], [1, 1]),
    "soft_shrink": ([-0.5, 0.5], [0, 0]),
    "hard_shrink": ([-0.5, 0.5], [0, 0]),
    "sparse_plus": ([-1, 1], [0, 1]),
    "sparse_sigmoid": ([-1, 1], [0.25, 0.25]),
    "softsign": ([0], [1]),
}


@pytest.mark.parametrize("name", CORNERS)
def test_slope_at_corners(name: str) -> None:
    points, slopes = CORNERS[name]
    function = getattr(ops, name)
    found = kmagic.grad(lambda x: ops.sum(function(x)))(np.array(points, "float64"))
    np.testing.assert_allclose(found, slopes, rtol=1e-15)


@pytest.mark.parametrize("name", sorted({name.partition(",")[0] for name in FORMULAS} - {"threshold", "glu"}))
def test_far_ends_are_finite_in_float32(name: str) -> None:
    function = getattr(ops, name)
    ends = np.array([-1e4, -100, 100, 1e4], "float32")
    assert np.isfinite(function(ends)).all()
    assert np.isfinite(kmagic.grad(lambda x: ops.sum(function(x)))(ends)).all()


def test_glu_takes_an_axis_and_wants_an_even_one() -> None:
    x = np.random.default_rng(0).normal(size=(4, 3))
    np.testing.assert_allclose(ops.glu(x, axis=0), x[:2] / (1 + np.exp(-x[2:])))
    with pytest.raises(ShapeMismatch, match="even"):
        ops.glu(x)


def projection(row: Array) -> Array:
    """The nearest point of the simplex, by bisection on τ of Σ max(x − τ, 0) = 1."""
    low, high = row.min() - 1, row.max()
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if np.maximum(row - middle, 0).sum() > 1 else (low, middle)
    return np.maximum(row - low, 0)


def test_sparsemax_is_the_nearest_point_of_the_simplex() -> None:
    # Keras sums the cumulative sums over the support, so that its result sums to 1 only for a support of one
    x = np.random.default_rng(1).normal(size=(20, 6))
    expected = np.array([projection(row) for row in x])
    np.testing.assert_allclose(ops.sparsemax(x), expected, atol=1e-12)
    np.testing.assert_allclose(ops.sparsemax(x.T, axis=0), expected.T, atol=1e-12)
    np.testing.assert_allclose(ops.sparsemax(x + 1e6).sum(-1), 1, atol=1e-9)


def test_softmax_over_several_axes() -> None:
    x = np.random.default_rng(2).normal(size=(2, 3, 4))
    e = np.exp(x)
    np.testing.assert_allclose(ops.softmax(x, axis=(1, 2)), e / e.sum((1, 2), keepdims=True))
