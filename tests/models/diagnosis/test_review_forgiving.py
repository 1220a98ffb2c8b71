"""Reviews of what nobody should write: whatever is wrong is found or left to `fit`, and nothing raises."""

from typing import Any

import numpy as np
import pytest

import kmagic
from kmagic import losses, metrics
from kmagic.layers import Dense, Input
from kmagic.models.diagnosis import diagnose
from tests.models.diagnosis.learnable import points, quantities

X, NUMBERS = points(60, 3)
REALS = quantities(60)[1]


class Own(metrics.Metric):
    """Called like the loss."""

    def __init__(self) -> None:
        super().__init__(name="loss")


def sequential(units: int, head: str | None = None) -> Any:
    return kmagic.Sequential([Input((4,)), Dense(8, "relu"), Dense(units, head)])


def two() -> Any:
    inputs = Input((4,))
    hidden = Dense(8, "relu")(inputs)
    return kmagic.Model(inputs, [Dense(1, name="price")(hidden), Dense(3, "softmax", name="kind")(hidden)])


MODELS = {
    "sigmoid": lambda: (sequential(1, "sigmoid"), NUMBERS % 2, "binary_crossentropy"),
    "softmax": lambda: (sequential(3, "softmax"), NUMBERS, "sparse_categorical_crossentropy"),
    "logits": lambda: (sequential(3), np.eye(3)[NUMBERS], losses.CategoricalCrossentropy(from_logits=True)),
    "numbers": lambda: (sequential(1), REALS, "mse"),
    "two outputs": lambda: (two(), [REALS, NUMBERS], ["mse", "sparse_categorical_crossentropy"]),
    "not built": lambda: (kmagic.Sequential([Dense(3)]), NUMBERS, "mse"),
}
METRICS = [
    [None],
    ["nonsense"],
    [3],
    {"price": "mae"},
    {"nope": ["mae"]},
    [["mae"], ["accuracy"], ["mse"]],
    [Own()],
    [lambda t, p: t],
    [metrics.AUC],
    [metrics.F1Score],
    [metrics.MeanIoU],
    metrics.AUC(),
    [losses.MeanSquaredError()],
    [losses.BinaryCrossentropy(from_logits=True)],
    [metrics.MeanMetricWrapper(losses.BinaryCrossentropy())],
    [Dense(2)],
    ["acc", ["acc"]],
    [metrics.binary_accuracy],
    ["Accuracy"],
    [metrics.PearsonCorrelation(axis=5)],
    [metrics.Precision(thresholds=[0.1, 0.9]), metrics.Precision(top_k=2)],
    [metrics.IoU(2, [0])],
    ["crossentropy", "ce"],
]
CLASSES = [{}, {0: "a"}, [1, 2], "balanced", {0: None}, {0: 0}, {"a": 1}, {1.5: 2}, {None: 1}, {(0,): 1}, 5, {-1: 2}]
SAMPLES = [
    "x",
    [1, 2],
    5,
    np.array("a"),
    np.array([["a"]]),
    [np.ones(60), None],
    {"price": np.zeros(60)},
    [[1], [2, 3]],
    np.full(60, np.nan),
    np.ones((60, 1, 1)),
    np.array([]),
    [None, None],
]
FACTORS = [-1, [-1, 1], {"price": -1}, ["a", "b"], "x", {"nope": 1}, [1, 2, 3], {"price": None, "kind": -2}, np.nan]
TARGETS = [
    NUMBERS.astype(str),
    NUMBERS.astype(object),
    NUMBERS * np.nan,
    np.array([]),
    "a",
    NUMBERS[:30],
    np.empty((60, 0)),
    3,
    np.full(60, 3.0),
    [REALS, None],
    np.zeros((60, 3, 2)),
    {"price": REALS, "kind": NUMBERS},
]
ODD = [
    *({"metrics": choice} for choice in METRICS),
    *({"weighted_metrics": choice} for choice in METRICS),
    *({"class_weight": weights} for weights in CLASSES),
    *({"sample_weight": weights} for weights in SAMPLES),
    *({"sample_weight": weights, "class_weight": {0: 1.0, 1: 2.0, 2: 3.0}} for weights in SAMPLES),
    *({"loss_weights": factors} for factors in FACTORS),
    *({"y": y, "metrics": ["accuracy", metrics.AUC(), "r2_score"]} for y in TARGETS),
]


@pytest.mark.parametrize("name", MODELS)
def test_odd_choices_and_data_raise_nothing(name: str) -> None:
    for odd in ODD:
        model, y, loss = MODELS[name]()
        found = diagnose(model, X, **{"y": y, "loss": loss, **odd})
        assert all(finding.message and str(finding) for finding in found), odd
