"""Accuracies and their kin, where only some of the facts are known."""

import numpy as np
import pytest

import kmagic
from kmagic import losses, metrics
from kmagic.layers import Dense, Input
from kmagic.models.diagnosis import Finding, diagnose

X = np.random.default_rng(0).normal(size=(40, 4))
LOGITS = losses.BinaryCrossentropy(from_logits=True)


def net(units: int, head: str | None = None) -> kmagic.Sequential:
    return kmagic.Sequential([Input((4,)), Dense(units, head)])


def of(code: str, found: list[Finding]) -> list[Finding]:
    return [finding for finding in found if finding.code == code]


def test_accuracy_of_numbers_is_a_hint_until_the_targets_are_known() -> None:
    (finding,) = of("K113", diagnose(net(1), loss="mse", metrics=["accuracy"]))
    assert finding.severity == "hint"
    (finding,) = of("K113", diagnose(net(1), X, X[:, :1], loss="mse", metrics=["accuracy"]))
    assert finding.severity == "warning"
    assert not of("K113", diagnose(net(1), X, (X[:, :1] > 0).astype(int), loss="mse", metrics=["accuracy"]))


def test_thresholds_of_ones_own_are_left_alone() -> None:
    y = (X[:, 0] > 0).astype(int)
    for chosen in (metrics.BinaryAccuracy(threshold=1.2), metrics.Precision(top_k=1), metrics.Recall(thresholds=0.0)):
        found = diagnose(net(1), X, y, loss=LOGITS, metrics=[chosen])
        assert not of("K109", found) and not of("K110", found), chosen


@pytest.mark.parametrize("loss", [LOGITS, metrics.MeanMetricWrapper(LOGITS)])
def test_a_loss_with_logits_is_a_metric_of_logits(loss: object) -> None:
    assert not of("K110", diagnose(net(1), X, (X[:, 0] > 0).astype(int), loss=LOGITS, metrics=[loss]))
    wrong = losses.BinaryCrossentropy()
    (finding,) = of("K110", diagnose(net(1), X, (X[:, 0] > 0).astype(int), loss=LOGITS, metrics=[wrong]))
    mended = finding.fixes[0].apply()
    assert mended.recipe.metrics[0].fn.from_logits and wrong.from_logits is False


def test_a_metric_keeps_its_name_in_logs() -> None:
    y = (X[:, 0] > 0).astype(int)
    (finding,) = of("K109", diagnose(net(1), X, y, loss=LOGITS, metrics=["acc", "mae"]))
    mended = finding.fixes[0].apply()
    model = mended.model
    model.compile("sgd", loss=mended.recipe.loss, metrics=list(mended.recipe.metrics))
    assert list(model.fit(X, y, verbose=0).history) == ["loss", "acc", "mae"]
