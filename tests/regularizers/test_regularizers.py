"""Penalties by hand."""

import numpy as np
import pytest

from kmagic import ops, regularizers
from kmagic.base.errors import ShapeMismatch
from kmagic.layers import Dense
from kmagic.models import Sequential

W = np.array([[1.0, -2.0], [0.5, 0.0]])


def test_penalties_by_hand() -> None:
    # Σ|w| = 3.5, Σw² = 5.25
    np.testing.assert_allclose(regularizers.L1(0.1)(W), 0.35, rtol=1e-6)
    np.testing.assert_allclose(regularizers.L2(0.1)(W), 0.525, rtol=1e-6)
    np.testing.assert_allclose(regularizers.L1L2(0.1, 0.2)(W), 0.35 + 1.05, rtol=1e-6)


def test_names_and_none() -> None:
    assert isinstance(regularizers.get("l2"), regularizers.L2) and regularizers.get(None) is None


def test_orthogonal_regularizer_by_hand() -> None:
    rows = np.array([[2.0, 0.0], [3.0, 4.0], [0.0, -5.0]])
    # cosines between rows: 0.6, 0 and -0.8; between columns (2 3 0) and (0 4 -5): 12 / √13 / √41
    penalty = regularizers.OrthogonalRegularizer(0.3)
    np.testing.assert_allclose(penalty(rows), 0.3 * (0.6 + 0.8) / 3, rtol=1e-9)
    columns = regularizers.OrthogonalRegularizer(0.3, mode="columns")
    np.testing.assert_allclose(columns(rows), 0.3 * 12 / np.sqrt(13 * 41), rtol=1e-9)


def test_a_single_row_is_at_right_angles_to_nothing() -> None:
    # Keras divides 0 by 0 here
    assert float(regularizers.OrthogonalRegularizer()(np.array([[1.0, 2.0]]))) == 0
    with pytest.raises(ShapeMismatch, match="OrthogonalRegularizer"):
        regularizers.OrthogonalRegularizer()(np.ones((2, 2, 2)))


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("l1", {"l1": 0.01}),
        ("L1", {"l1": 0.01}),
        ("l2", {"l2": 0.01}),
        ("l1l2", {"l1": 0.0, "l2": 0.0}),
        ("l1_l2", {"l1": 0.0, "l2": 0.0}),
        ("orthogonal_regularizer", {"factor": 0.01, "mode": "rows"}),
        ("orthogonal", {"factor": 0.01, "mode": "rows"}),
    ],
)
def test_names(name: str, config: dict[str, object]) -> None:
    made = regularizers.get(name)
    assert made.get_config() == config
    again = regularizers.deserialize(regularizers.serialize(made))
    assert type(again) is type(made) and again.get_config() == config


def test_what_get_takes() -> None:
    assert regularizers.get({"class_name": "L2", "config": {"l2": 0.5}}).l2 == 0.5
    assert isinstance(regularizers.get(regularizers.L1), regularizers.L1)
    assert regularizers.get(abs) is abs
    assert regularizers.l1_l2 is regularizers.L1L2 and regularizers.l2 is regularizers.L2
    assert regularizers.L1(None).l1 == 0.01 and regularizers.L1L2(None, 0.5).get_config() == {"l1": 0.0, "l2": 0.5}
    with pytest.raises(ValueError, match="did you mean"):
        regularizers.get("orthogonl")


def test_users_write_their_own() -> None:
    class Fourth(regularizers.Regularizer):
        def __init__(self, factor: float = 1.0) -> None:
            self.factor = factor

        def __call__(self, x: np.ndarray) -> np.ndarray:
            return self.factor * ops.sum(x**4)

    model = Sequential([Dense(1, use_bias=False, kernel_initializer="ones", kernel_regularizer=Fourth(0.5))])
    model.compile("sgd", "mse")
    # predictions are right, so the loss is the penalty on two weights of 1
    assert model.evaluate(np.ones((4, 2)), np.full((4, 1), 2.0), verbose=0) == pytest.approx(1.0)
    assert Fourth(0.5).get_config() == {"factor": 0.5}
