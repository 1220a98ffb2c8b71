"""What constraints leave of weights, by hand."""

import numpy as np
import pytest

from kmagic import constraints, ops
from kmagic.layers import Dense
from kmagic.models import Sequential

W = np.array([[3.0, 0.3], [4.0, -0.4]])


def test_constraints_by_hand() -> None:
    np.testing.assert_allclose(constraints.MaxNorm(2.0)(W), [[1.2, 0.3], [1.6, -0.4]], rtol=1e-6)
    np.testing.assert_allclose(constraints.UnitNorm()(W), [[0.6, 0.6], [0.8, -0.8]], rtol=1e-6)
    np.testing.assert_array_equal(constraints.NonNeg()(W), [[3, 0.3], [4, 0]])


def test_the_axis_of_norms() -> None:
    rows = constraints.UnitNorm(axis=1)(np.array([[3.0, 4.0], [0.0, 2.0]]))
    np.testing.assert_allclose(rows, [[0.6, 0.8], [0, 1]], rtol=1e-6)


def test_norms_between_limits() -> None:
    # norms are 5 and 0.5
    both = constraints.MinMaxNorm(1.0, 2.0)(W)
    np.testing.assert_allclose(both, [[1.2, 0.6], [1.6, -0.8]], rtol=1e-6)
    # half of the way: to 3.5 and 0.75
    half = constraints.MinMaxNorm(1.0, 2.0, rate=0.5)(W)
    np.testing.assert_allclose(half, [[2.1, 0.45], [2.8, -0.6]], rtol=1e-6)


@pytest.mark.parametrize("made", [constraints.MaxNorm, constraints.UnitNorm, constraints.MinMaxNorm])
def test_norms_of_windows(made: type) -> None:
    kernel = np.random.default_rng(1).normal(size=(3, 3, 2, 4)) * 4
    norms = np.sqrt((np.asarray(made(axis=[0, 1, 2])(kernel)) ** 2).sum((0, 1, 2)))
    np.testing.assert_allclose(norms, 2 if made is constraints.MaxNorm else 1, rtol=1e-6)


def test_weights_of_nothing_stay() -> None:
    for made in (constraints.MaxNorm(), constraints.UnitNorm(), constraints.MinMaxNorm(0.5, 1.0)):
        np.testing.assert_array_equal(made(np.zeros((3, 2))), 0)


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("max_norm", {"max_value": 2, "axis": 0}),
        ("MaxNorm", {"max_value": 2, "axis": 0}),
        ("maxnorm", {"max_value": 2, "axis": 0}),
        ("min_max_norm", {"min_value": 0.0, "max_value": 1.0, "rate": 1.0, "axis": 0}),
        ("non_neg", {}),
        ("nonneg", {}),
        ("unit_norm", {"axis": 0}),
        ("unitnorm", {"axis": 0}),
    ],
)
def test_names(name: str, config: dict[str, object]) -> None:
    made = constraints.get(name)
    assert made.get_config() == config
    again = constraints.deserialize(constraints.serialize(made))
    assert type(again) is type(made) and again.get_config() == config


def test_what_get_takes() -> None:
    assert constraints.get(None) is None and constraints.get(abs) is abs
    assert isinstance(constraints.get(constraints.NonNeg), constraints.NonNeg)
    assert constraints.get({"class_name": "MaxNorm", "config": {"max_value": 3}}).max_value == 3
    assert constraints.max_norm is constraints.MaxNorm
    with pytest.raises(ValueError, match="did you mean 'max_norm'"):
        constraints.get("max_nrm")


def test_users_write_their_own() -> None:
    class Whole(constraints.Constraint):
        def __call__(self, w: np.ndarray) -> np.ndarray:
            return ops.round(w)

    model = Sequential([Dense(1, kernel_constraint=Whole(), use_bias=False, kernel_initializer="ones", input_dim=2)])
    model.compile("sgd", "mse")
    model.train_on_batch(np.ones((4, 2)), np.full((4, 1), 300.0))
    (kernel,) = model.get_weights()
    assert (kernel == np.round(kernel)).all() and (kernel != 1).all()
