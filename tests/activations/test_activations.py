"""Activations against their formulas in NumPy float64."""

import math

import numpy as np
import pytest

from kmagic import activations

X = np.linspace(-8, 8, 33)
E = np.exp(X)
PHI = np.array([0.5 * math.erfc(-x / math.sqrt(2)) for x in X])
SIGMOID = 1 / (1 + 1 / E)
SOFTPLUS = np.log1p(E)
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
}


def test_every_activation_has_its_formula_here() -> None:
    assert set(FORMULAS) == set(activations.registry.names())


@pytest.mark.parametrize("name", FORMULAS)
def test_formula(name: str) -> None:
    given = X[None] if "softmax" in name else X
    np.testing.assert_allclose(np.ravel(activations.get(name)(given)), FORMULAS[name], rtol=1e-9, atol=1e-12)


def test_options_of_relu() -> None:
    x = np.array([-2.0, -0.5, 0.5, 3.0, 9.0])
    np.testing.assert_allclose(activations.relu(x, negative_slope=0.1), [-0.2, -0.05, 0.5, 3, 9])
    np.testing.assert_allclose(activations.relu(x, max_value=4.0), [0, 0, 0.5, 3, 4])
    np.testing.assert_allclose(activations.relu(x, threshold=1.0), [0, 0, 0, 3, 9])
    # below the threshold: 0.1·(x − 1)
    np.testing.assert_allclose(activations.relu(x, negative_slope=0.1, threshold=1.0), [-0.3, -0.15, -0.05, 3, 9])


def test_none_is_linear() -> None:
    assert activations.get(None) is activations.get("linear")
