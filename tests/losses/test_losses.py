"""Losses against their formulas in NumPy float64, and at the ends of their range."""

import numpy as np
import pytest

from kmagic import losses
from kmagic.base.errors import ShapeMismatch
from kmagic.losses.loss import as_labels

GENERATOR = np.random.default_rng(41)
T, P = GENERATOR.uniform(0.1, 2, (2, 6, 3))
SHARES = P / P.sum(-1, keepdims=True)
CLASSES = np.array([0, 1, 2, 2, 1, 0])
ONE_HOT = np.eye(3)[CLASSES]
BITS = (T > 1).astype(float)
SIGNS = 2 * BITS - 1
INSIDE = P / 2.1


def logistic(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


FORMULAS = {
    "mse": (T, P, ((T - P) ** 2).mean(-1)),
    "mae": (T, P, abs(T - P).mean(-1)),
    "mape": (T, P, 100 * (abs(T - P) / T).mean(-1)),
    "msle": (T, P, ((np.log1p(T) - np.log1p(P)) ** 2).mean(-1)),
    "logcosh": (T, P, np.log(np.cosh(P - T)).mean(-1)),
    "hinge": (SIGNS, P, np.maximum(1 - SIGNS * P, 0).mean(-1)),
    "squared_hinge": (SIGNS, P, (np.maximum(1 - SIGNS * P, 0) ** 2).mean(-1)),
    "categorical_hinge": (ONE_HOT, P, np.maximum(((1 - ONE_HOT) * P).max(-1) - (ONE_HOT * P).sum(-1) + 1, 0)),
    "binary_crossentropy": (BITS, INSIDE, -(BITS * np.log(INSIDE) + (1 - BITS) * np.log(1 - INSIDE)).mean(-1)),
    "categorical_crossentropy": (ONE_HOT, SHARES, -(ONE_HOT * np.log(SHARES)).sum(-1)),
    "sparse_categorical_crossentropy": (CLASSES, SHARES, -np.log(SHARES[np.arange(6), CLASSES])),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_formula(name: str) -> None:
    target, prediction, expected = FORMULAS[name]
    np.testing.assert_allclose(losses.get(name)(target, prediction), expected, rtol=1e-6)


def test_logits() -> None:
    z = P * 3 - 2
    binary = losses.BinaryCrossentropy(from_logits=True, dtype="float64")
    np.testing.assert_allclose(
        binary(BITS, z), -(BITS * np.log(logistic(z)) + (1 - BITS) * np.log(1 - logistic(z))).mean(), rtol=1e-10
    )
    softmax = np.exp(z) / np.exp(z).sum(-1, keepdims=True)
    expected = -np.log(softmax[np.arange(6), CLASSES]).mean()
    for made, target in ((losses.CategoricalCrossentropy, ONE_HOT), (losses.SparseCategoricalCrossentropy, CLASSES)):
        assert float(made(from_logits=True, dtype="float64")(target, z)) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("name", ["binary_crossentropy", "categorical_crossentropy"])
def test_certainty_that_is_wrong_costs_the_logarithm_of_epsilon(name: str) -> None:
    value = np.asarray(losses.get(name)(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])))
    np.testing.assert_allclose(value, -np.log(1e-7), rtol=1e-4)


def test_large_logits_stay_finite() -> None:
    z = np.array([[1e4], [-1e4]])
    values = np.asarray(losses.binary_crossentropy(np.array([[0.0], [0.0]]), z, from_logits=True))
    np.testing.assert_allclose(values, [1e4, 0], atol=1e-12)


def test_smoothing() -> None:
    smooth = losses.BinaryCrossentropy(label_smoothing=0.2, dtype="float64")(BITS, INSIDE)
    soft = BITS * 0.8 + 0.1
    assert float(smooth) == pytest.approx(-(soft * np.log(INSIDE) + (1 - soft) * np.log(1 - INSIDE)).mean(), rel=1e-9)
    several = losses.CategoricalCrossentropy(label_smoothing=0.3, dtype="float64")(ONE_HOT, SHARES)
    assert float(several) == pytest.approx(-((ONE_HOT * 0.7 + 0.1) * np.log(SHARES)).sum(-1).mean(), rel=1e-9)


def test_an_ignored_class_leaves_the_mean_to_the_others() -> None:
    loss = losses.SparseCategoricalCrossentropy(ignore_class=2, dtype="float64")
    counted = CLASSES != 2
    expected = -np.log(SHARES[np.arange(6), CLASSES])[counted].mean()
    assert float(loss(CLASSES, SHARES)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("dtype", "expected"), [("uint8", "int32"), ("uint16", "int32"), ("uint32", "int64"), ("uint64", "int64")]
)
def test_unsigned_labels_beside_a_class_that_does_not_count(dtype: str, expected: str) -> None:
    labels = np.array([0, 1], dtype)
    assert str(as_labels(labels).dtype) == expected
    # -1 is no class of unsigned labels, so all count
    found = losses.SparseCategoricalCrossentropy(ignore_class=-1)(labels, np.array([[0.25, 0.75], [0.5, 0.5]]))
    assert float(found) == pytest.approx((np.log(4) + np.log(2)) / 2, rel=1e-6)


def test_truth_values_become_signs() -> None:
    np.testing.assert_allclose(losses.hinge(BITS, P), losses.hinge(SIGNS, P), rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "target", "prediction", "fix"),
    [
        ("CategoricalCrossentropy", (4,), (4, 3), "sparse_categorical_crossentropy"),
        ("SparseCategoricalCrossentropy", (4, 3), (4, 3), "categorical_crossentropy"),
        ("MeanSquaredError", (4, 2), (4, 3), "Dense(2)"),
    ],
)
def test_shapes_that_do_not_fit_name_the_loss(name: str, target: tuple, prediction: tuple, fix: str) -> None:
    with pytest.raises(ShapeMismatch, match=f"{name}: target .* and prediction") as caught:
        getattr(losses, name)()(np.zeros(target), np.ones(prediction))
    assert fix in str(caught.value.fix)
