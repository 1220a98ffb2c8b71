"""Losses against their formulas in NumPy float64, and at the ends of their range."""

import numpy as np
import pytest

from kmagic import losses, ops
from kmagic.base.errors import ShapeMismatch
from kmagic.graph.ops.derivatives import grad
from kmagic.losses.loss import as_labels

GENERATOR = np.random.default_rng(41)
T, P = GENERATOR.uniform(0.1, 2, (2, 6, 3))
SHARES = P / P.sum(-1, keepdims=True)
CLASSES = np.array([0, 1, 2, 2, 1, 0])
ONE_HOT = np.eye(3)[CLASSES]
BITS = (T > 1).astype(float)
SIGNS = 2 * BITS - 1
INSIDE = P / 2.1
ERROR = abs(P - T)
RIGHT = BITS * INSIDE + (1 - BITS) * (1 - INSIDE)


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
    "huber": (T, P, np.where(ERROR > 1, ERROR - 0.5, ERROR**2 / 2).mean(-1)),
    "cosine_similarity": (T, P, -(T * P).sum(-1) / np.sqrt((T * T).sum(-1) * (P * P).sum(-1))),
    "poisson": (T, P, (P - T * np.log(P)).mean(-1)),
    "kl_divergence": (T / T.sum(), SHARES, (T / T.sum() * np.log(T / T.sum() / SHARES)).sum(-1)),
    "binary_focal_crossentropy": (BITS, INSIDE, (-((1 - RIGHT) ** 2) * np.log(RIGHT)).mean(-1)),
    "categorical_focal_crossentropy": (
        ONE_HOT,
        SHARES,
        -(0.25 * (1 - SHARES) ** 2 * ONE_HOT * np.log(SHARES)).sum(-1),
    ),
    "categorical_generalized_cross_entropy": (CLASSES, SHARES, 2 * (1 - np.sqrt(SHARES[np.arange(6), CLASSES]))),
    "dice": (BITS, INSIDE, 1 - 2 * (BITS * INSIDE).sum() / (BITS + INSIDE).sum()),
    "tversky": (BITS, INSIDE, 1 - 2 * (BITS * INSIDE).sum() / (BITS + INSIDE).sum()),
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


def circle_by_hand(labels: np.ndarray, rows: np.ndarray, gamma: float, margin: float) -> list[float]:
    """The definition, pair by pair."""
    found = []
    for i, row in enumerate(rows):
        distances = [max(1 - float(row @ other), 0.0) for other in rows]
        same = [d for j, d in enumerate(distances) if labels[j] == labels[i] and j != i]
        others = [d for j, d in enumerate(distances) if labels[j] != labels[i]]
        pull = sum(np.exp(gamma * (margin + d) * (d - margin)) for d in same)
        push = sum(np.exp(gamma * max(1 + margin - d, 0) * (1 - margin - d)) for d in others)
        found.append(np.log1p(pull * push))
    return found


def test_circle_pair_by_pair() -> None:
    rows = T / np.sqrt((T * T).sum(-1, keepdims=True))
    values = losses.circle(CLASSES, rows, gamma=6.0, margin=0.3)
    np.testing.assert_allclose(values, circle_by_hand(CLASSES, rows, 6.0, 0.3), rtol=1e-12)


def test_circle_leaves_out_samples_without_company() -> None:
    rows = T[:4] / np.sqrt((T[:4] ** 2).sum(-1, keepdims=True))
    labels = np.array([0, 0, 1, 2])
    expected = circle_by_hand(labels, rows, 80.0, 0.4)
    assert expected[2:] == [0, 0]
    loss = losses.Circle(dtype="float64")
    assert float(loss(labels, rows)) == pytest.approx((expected[0] + expected[1]) / 2, rel=1e-9)
    assert np.isfinite(grad(lambda p: loss(labels, p))(rows)).all()
    # nobody has company: nothing to learn, and no NaN
    alone = np.arange(4)
    assert float(loss(alone, rows)) == 0
    np.testing.assert_array_equal(grad(lambda p: loss(alone, p))(rows), 0)


def test_circle_beside_other_embeddings() -> None:
    rows, others = T[:2], P[:3]
    mine, theirs = np.array([0, 1]), np.array([0, 1, 1])
    values = losses.circle(mine, rows, theirs, others, remove_diagonal=False, gamma=1.0)
    distances = np.maximum(1 - rows @ others.T, 0)
    pull = np.exp((0.4 + distances) * (distances - 0.4)) * (mine[:, None] == theirs)
    push = np.exp(np.maximum(1.4 - distances, 0) * (0.6 - distances)) * (mine[:, None] != theirs)
    np.testing.assert_allclose(values, np.log1p(pull.sum(-1) * push.sum(-1)), rtol=1e-12)


def test_columns_of_class_numbers_are_flattened() -> None:
    # Keras pairs every sample with every other here; a column means the same as a row
    loss = losses.CategoricalGeneralizedCrossEntropy(reduction="none", dtype="float64")
    np.testing.assert_array_equal(loss(CLASSES[:, None], SHARES), loss(CLASSES, SHARES))


@pytest.mark.parametrize("name", ["Dice", "Tversky"])
@pytest.mark.parametrize("axis", [0, -1, (0, 1), [1]])
def test_overlap_along_axes(name: str, axis: object) -> None:
    loss = getattr(losses, name)(axis=axis, reduction="none", dtype="float64")
    places = tuple(axis) if isinstance(axis, list) else axis
    expected = 1 - 2 * (BITS * INSIDE).sum(places) / ((BITS + INSIDE).sum(places) + 1e-7)
    np.testing.assert_allclose(loss(BITS, INSIDE), expected, rtol=1e-6)
    again = losses.deserialize(losses.serialize(loss))
    np.testing.assert_allclose(again(BITS, INSIDE), expected, rtol=1e-6)


def test_misses_and_false_alarms() -> None:
    overlap, missed, false = (BITS * INSIDE).sum(), (BITS * (1 - INSIDE)).sum(), ((1 - BITS) * INSIDE).sum()
    value = losses.Tversky(alpha=0.2, beta=0.7, dtype="float64")(BITS, INSIDE)
    assert float(value) == pytest.approx(1 - overlap / (overlap + 0.2 * missed + 0.7 * false), rel=1e-7)


def test_vectors_without_direction() -> None:
    zeros = np.zeros((2, 3))
    np.testing.assert_array_equal(losses.cosine_similarity(zeros, P[:2]), 0)
    assert np.isfinite(grad(lambda p: ops.sum(losses.cosine_similarity(T[:2], p)))(zeros)).all()
    np.testing.assert_allclose(
        losses.cosine_similarity(T, P, axis=0), -(T * P).sum(0) / np.sqrt((T * T).sum(0) * (P * P).sum(0)), rtol=1e-12
    )


def test_weights_of_classes() -> None:
    alpha = [0.1, 0.2, 0.7]
    loss = losses.CategoricalFocalCrossentropy(alpha=alpha, gamma=1.5, reduction="none", dtype="float64")
    expected = -(np.array(alpha) * (1 - SHARES) ** 1.5 * ONE_HOT * np.log(SHARES)).sum(-1)
    np.testing.assert_allclose(loss(ONE_HOT, SHARES), expected, rtol=1e-9)
    assert losses.deserialize(losses.serialize(loss)).alpha == alpha


NAMES = {
    "huber_loss": "huber",
    "logcosh": "log_cosh",
    "kld": "kl_divergence",
    "KLD": "kl_divergence",
    "kullback_leibler_divergence": "kl_divergence",
    "cosine_proximity": "cosine_similarity",
    "focal": "binary_focal_crossentropy",
    "focal_loss": "binary_focal_crossentropy",
    "dice_loss": "dice",
    "l1_loss": "mean_absolute_error",
    "bceloss": "binary_crossentropy",
    "MSE": "mean_squared_error",
    "l2": "mean_squared_error",
    "l1": "mean_absolute_error",
}


@pytest.mark.parametrize("alias", NAMES)
def test_further_names(alias: str) -> None:
    assert losses.get(alias) is getattr(losses, NAMES[alias]) is losses.deserialize(alias)


def test_what_get_takes() -> None:
    assert losses.get(None) is None
    assert isinstance(losses.get("KLDivergence"), losses.KLDivergence)
    assert isinstance(losses.get(losses.Huber), losses.Huber)
    assert losses.get({"class_name": "Huber", "config": {"delta": 3.0}}).delta == 3
    made = losses.Poisson()
    assert losses.get(made) is made and losses.get(len) is len
    assert losses.Huber().name == "huber_loss" and losses.Circle().name == "circle"
    assert isinstance(losses.resolve("HuberLoss"), losses.Huber)
    with pytest.raises(ValueError, match="did you mean 'huber'"):
        losses.get("hubber")
    with pytest.raises(ValueError, match="unknown loss 'hubber'\n.*did you mean 'huber'"):
        losses.get("hubber_loss")
    with pytest.raises(ValueError, match="unknown loss 'loss'"):
        losses.get("loss")
    with pytest.raises(ValueError, match="3 is no loss"):
        losses.get(3)


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
