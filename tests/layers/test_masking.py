"""Masking: which steps are padding, and what becomes of them."""

import numpy as np
import pytest

from kmagic import grad, ops
from kmagic.graph.masks import mask_of
from kmagic.layers import Dense, Masking
from kmagic.models import Sequential

X = np.array([[[1, 2], [0, 3], [0, 0]], [[-1, -1], [-1, 4], [0, 0]]], "float32")


@pytest.mark.parametrize("value", [0.0, -1.0, 3])
def test_steps_that_are_all_that_value_are_padding(value: float) -> None:
    layer = Masking(value)
    counts = (value != X).any(-1)
    found = layer(X)
    assert mask_of(found).tolist() == counts.tolist() == np.asarray(layer.compute_mask(X)).tolist()
    np.testing.assert_array_equal(found, X * counts[..., None])
    assert str(found.dtype) == "float32"


def test_no_slope_comes_from_padding() -> None:
    slope = grad(lambda x: ops.sum(Masking(-1.0)(x) ** 2))(X)
    np.testing.assert_array_equal(slope, 2 * X * (X != -1).any(-1, keepdims=True))


def test_a_model_counts_only_the_other_steps() -> None:
    model = Sequential([Masking(), Dense(1, kernel_initializer="ones")])
    model.compile("sgd", "mse")
    counts = (X != 0).any(-1)
    expected = (X.sum(-1)[counts] ** 2).mean()
    assert model.evaluate(X, np.zeros((2, 3, 1)), verbose=0) == pytest.approx(expected)
