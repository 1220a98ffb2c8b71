"""Activations against their formulas in NumPy float64."""

import math

import numpy as np
import pytest

from kmagic import activations
from kmagic.base.errors import ShapeMismatch

X = np.linspace(-8, 8, 34)
HALVES = X.reshape(2, 17)
E = np.exp(X)
PHI = np.array([0.5 * math.erfc(-x / math.sqrt(2)) for x in X])
SIGMOID = 1 / (1 + 1 / E)
SOFTPLUS = np.log1p(E)


def sparse_shares(x: np.ndarray) -> np.ndarray:
    """Sparsemax by bisection on the threshold that makes the sum 1."""
    low, high = x.min() - 1, x.max()
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if np.maximum(x - middle, 0).sum() > 1 else (low, middle)
    return np.maximum(x - low, 0)


FORMULAS = {
    "linear": X,
    "relu": np.maximum(X, 0),
    "relu6": np.clip(X, 0, 6),
    "leaky_relu": np.where(X < 0, 0.2 * X, X),
    "sigmoid": SIGMOID,
    "hard_sigmoid": np.clip(X / 6 + 0.5, 0, 1),
    "tanh": np.tanh(X),
    "softplus": SOFTPLUS,
    "softsign": X / (1 + abs(X)),
    "exponential": E,
    "silu": X * SIGMOID,
    "mish": X * np.tanh(SOFTPLUS),
    "elu": np.where(X > 0, X, E - 1),
    "selu": 1.0507009873554805 * np.where(X > 0, X, 1.6732632423543772 * (E - 1)),
    "gelu": X * PHI,
    "softmax": E / E.sum(),
    "log_softmax": np.log(E / E.sum()),
    "celu": np.where(X > 0, X, E - 1),
    "glu": HALVES[0] / (1 + np.exp(-HALVES[1])),
    "hard_shrink": np.where(abs(X) > 0.5, X, 0),
    "hard_silu": X * np.clip(X / 6 + 0.5, 0, 1),
    "hard_tanh": np.clip(X, -1, 1),
    "log_sigmoid": np.log(SIGMOID),
    "soft_shrink": np.sign(X) * np.maximum(abs(X) - 0.5, 0),
    "sparse_plus": np.where(X <= -1, 0, np.where(X >= 1, X, (X + 1) ** 2 / 4)),
    "sparse_sigmoid": np.clip((X + 1) / 2, 0, 1),
    "sparsemax": sparse_shares(X),
    "squareplus": (X + np.sqrt(X**2 + 4)) / 2,
    "tanh_shrink": X - np.tanh(X),
    "threshold": np.where(X > 0.25, X, 7),
}
GIVEN = {"threshold": {"threshold": 0.25, "default_value": 7.0}}


def test_every_activation_has_its_formula_here() -> None:
    assert set(FORMULAS) == set(activations.registry.names())


@pytest.mark.parametrize("name", FORMULAS)
def test_formula(name: str) -> None:
    given = X[None] if "max" in name else X
    found = activations.get(name)(given, **GIVEN.get(name, {}))
    np.testing.assert_allclose(np.ravel(found), FORMULAS[name], rtol=1e-9, atol=1e-12)


def test_options_of_relu() -> None:
    x = np.array([-2.0, -0.5, 0.5, 3.0, 9.0])
    np.testing.assert_allclose(activations.relu(x, negative_slope=0.1), [-0.2, -0.05, 0.5, 3, 9])
    np.testing.assert_allclose(activations.relu(x, max_value=4.0), [0, 0, 0.5, 3, 4])
    np.testing.assert_allclose(activations.relu(x, threshold=1.0), [0, 0, 0, 3, 9])
    # below the threshold: 0.1·(x − 1)
    np.testing.assert_allclose(activations.relu(x, negative_slope=0.1, threshold=1.0), [-0.3, -0.15, -0.05, 3, 9])


def test_none_is_linear() -> None:
    assert activations.get(None) is activations.get("linear")


@pytest.mark.parametrize(("name", "own"), [("swish", "silu"), ("hard_swish", "hard_silu")])
def test_second_names(name: str, own: str) -> None:
    assert activations.get(name) is getattr(activations, name) is getattr(activations, own)
    assert activations.serialize(activations.get(name)) == own


def test_options() -> None:
    x = np.array([-2.0, -0.5, 0.5, 3.0])
    np.testing.assert_allclose(activations.celu(x, alpha=2.0), np.where(x > 0, x, 2 * np.expm1(x / 2)))
    np.testing.assert_allclose(activations.hard_shrink(x, threshold=1.0), [-2, 0, 0, 3])
    np.testing.assert_allclose(activations.soft_shrink(x, threshold=1.0), [-1, 0, 0, 2])
    np.testing.assert_allclose(activations.squareplus(x, b=0), np.maximum(x, 0))
    np.testing.assert_allclose(activations.glu(x[:, None], axis=0).ravel(), x[:2] / (1 + np.exp(-x[2:])))
    np.testing.assert_allclose(activations.sparsemax(x[:, None], axis=0).ravel(), [0, 0, 0, 1])


def test_what_get_takes() -> None:
    assert activations.get(np.tanh) is np.tanh
    written = {"module": "builtins", "class_name": "function", "config": "relu", "registered_name": "function"}
    assert activations.get(written) is activations.deserialize("relu") is activations.relu
    assert activations.deserialize(None) is None
    with pytest.raises(ValueError, match="did you mean 'softmax'"):
        activations.get("sofmax")

    def mine(x: np.ndarray) -> np.ndarray:
        return x * 2

    assert activations.deserialize("mine", custom_objects={"mine": mine}) is mine
    assert activations.serialize(mine) == "mine"


def test_odd_axes_have_no_halves() -> None:
    with pytest.raises(ShapeMismatch, match="glu"):
        activations.glu(np.ones((2, 3)))
