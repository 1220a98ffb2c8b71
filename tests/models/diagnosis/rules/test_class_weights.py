"""Rare classes and weights of classes: when they are told, and what balancing gives."""

import numpy as np
import pytest

import kmagic
from kmagic.layers import Dense, Input
from kmagic.metrics import AUC
from kmagic.models.diagnosis import Finding, diagnose

GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(100, 4))
RARE = np.repeat([0, 1], [95, 5])


def net(units: int = 1, head: str = "sigmoid") -> kmagic.Sequential:
    return kmagic.Sequential([Input((4,)), Dense(units, head)])


def of(code: str, found: list[Finding]) -> list[Finding]:
    return [finding for finding in found if finding.code == code]


def test_a_rare_class_is_a_hint_where_no_accuracy_hides_it() -> None:
    (finding,) = of("K125", diagnose(net(), X, RARE, loss="bce"))
    assert finding.severity == "hint"
    (finding,) = of("K125", diagnose(net(), X, RARE, loss="bce", metrics=["accuracy"]))
    assert finding.severity == "warning"


@pytest.mark.parametrize(
    "minded",
    [
        {"metrics": ["accuracy", AUC()]},
        {"metrics": ["accuracy"], "sample_weight": np.ones(100)},
        {"metrics": ["accuracy"], "loss": "binary_focal_crossentropy"},
        {"metrics": ["accuracy", lambda t, p: p]},
    ],
    ids=["a metric that sees it", "weights", "a focal loss", "a metric of one's own"],
)
def test_a_rare_class_that_is_minded_is_not_told(minded: dict[str, object]) -> None:
    assert not of("K125", diagnose(net(), X, RARE, **{"loss": "bce", **minded}))


def test_balanced_classes_count_alike() -> None:
    (finding,) = of("K125", diagnose(net(), X, RARE, loss="bce", metrics=["accuracy"]))
    weights = finding.fixes[0].apply().options.class_weight
    # n / (k·count): 100 / (2·95) and 100 / (2·5)
    assert weights == {0: 0.526, 1: 10.0}


def test_weights_of_classes_and_samples_are_multiplied() -> None:
    samples = np.linspace(1, 2, 100)
    chosen = {"loss": "bce", "class_weight": {0: 1.0, 1: 4.0}, "sample_weight": samples}
    (finding,) = of("K194", diagnose(net(), X, RARE, **chosen))
    options = finding.fixes[0].apply().options
    assert options.class_weight is None
    np.testing.assert_allclose(options.sample_weight, samples * np.where(RARE == 1, 4.0, 1.0))


def test_weights_of_classes_are_for_one_output() -> None:
    inputs = Input((4,))
    model = kmagic.Model(inputs, [Dense(1, "sigmoid", name="a")(inputs), Dense(1, "sigmoid", name="b")(inputs)])
    (finding,) = of("K146", diagnose(model, X, [RARE, RARE], loss="bce", class_weight={0: 1.0, 1: 2.0}))
    assert finding.severity == "error" and "2" in finding.message
    assert finding.fixes[0].apply().options.class_weight is None
