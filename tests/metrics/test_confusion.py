"""Counting at thresholds: against comparing every score with every threshold."""

from __future__ import annotations

import numpy as np
import pytest

from kmagic import metrics
from kmagic.base.errors import BadValue, ShapeMismatch

Y = np.array([[0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [0.0, 0.0, 1.0]])
P = np.array([[0.1, 0.5, 0.9], [0.3, 0.7, 1.0], [0.0, 0.25, 0.75]])


def counted(thresholds: list[float]) -> dict[str, np.ndarray]:
    said = np.stack([threshold < P for threshold in thresholds])
    return {
        "TruePositives": (said & (Y == 1)).sum((1, 2)),
        "FalsePositives": (said & (Y == 0)).sum((1, 2)),
        "TrueNegatives": (~said & (Y == 0)).sum((1, 2)),
        "FalseNegatives": (~said & (Y == 1)).sum((1, 2)),
    }


EVEN, FEW, MANY = [i / 4 for i in range(5)], [0.6, 0.2, 0.25], list(np.linspace(0.0, 1.0, 40) ** 2)


@pytest.mark.parametrize("thresholds", [EVEN, FEW, MANY], ids=["even", "few", "many"])
def test_histograms_count_what_comparisons_count(thresholds: list[float]) -> None:
    for part, expected in counted(thresholds).items():
        metric = getattr(metrics, part)(thresholds=thresholds, dtype="float64")
        metric.update_state(Y, P)
        np.testing.assert_array_equal(metric.result(), expected)


def test_a_score_that_is_no_number_is_above_nothing() -> None:
    for thresholds in (0.5, EVEN, FEW, MANY):
        metric = metrics.TruePositives(thresholds=thresholds)
        metric.update_state(np.ones(3), np.array([np.nan, 2.0, 0.99]))
        assert np.max(metric.result()) <= 2


def test_the_area_is_the_share_of_pairs_in_the_right_order() -> None:
    stream = np.random.default_rng(0)
    truth, scores = stream.integers(0, 2, 300), np.round(stream.random(300), 3)
    metric = metrics.AUC(num_thresholds=4001, dtype="float64")
    metric.update_state(truth, scores)
    pairs = scores[truth == 1][:, None] - scores[truth == 0][None]
    assert float(metric.result()) == pytest.approx(np.mean((pairs > 0) + 0.5 * (pairs == 0)))


def test_nothing_seen_gives_zero() -> None:
    for metric in (metrics.AUC(), metrics.AUC(multi_label=True), metrics.Precision(), metrics.RecallAtPrecision(0.5)):
        assert float(metric.result()) == 0.0


def test_labels_that_grow_in_number_are_refused_once_some_were_counted() -> None:
    metric = metrics.AUC(multi_label=True, num_thresholds=5)
    metric.update_state(np.zeros((2, 2)), np.zeros((2, 2)))
    metric.reset_state()
    metric.update_state(Y, P)
    with pytest.raises(BadValue, match="metric auc: state of shape"):
        metric.update_state(np.zeros((2, 2)), np.zeros((2, 2)))
    assert metric.true_positives.shape == (5, 3) and len(metric.variables) == 4


def test_class_numbers_beside_scores_are_refused_with_the_remedy() -> None:
    with pytest.raises(ShapeMismatch) as caught:
        metrics.Precision().update_state(np.array([1, 0, 2]), P)
    assert "to_categorical" in str(caught.value.fix)


@pytest.mark.parametrize("wrong", [1.5, -0.1, [0.2, 7.0], [0.1, None]])
def test_thresholds_lie_between_0_and_1(wrong: object) -> None:
    for part in (metrics.TruePositives, metrics.Precision):
        with pytest.raises(BadValue, match=r"Threshold values must be in \[0, 1\]"):
            part(thresholds=wrong)


def test_a_class_that_does_not_exist_is_refused() -> None:
    with pytest.raises(BadValue, match="class_id is 3"):
        metrics.Recall(class_id=3).update_state(Y, P)
    with pytest.raises(ShapeMismatch, match="class_id"):
        metrics.Recall(class_id=0).update_state(Y[:, 0], P[:, 0])


def test_labels_of_an_area_are_given_only_with_multi_label() -> None:
    with pytest.raises(BadValue, match="num_labels without multi_label"):
        metrics.AUC(num_labels=3)
    with pytest.raises(ShapeMismatch, match="rank 2"):
        metrics.AUC(multi_label=True).update_state(Y[0], P[0])


def test_short_names_find_them() -> None:
    found = {"auc": "AUC", "precision": "Precision", "tp": "TruePositives", "f1": "F1Score", "fbeta": "FBetaScore"}
    found |= {"rmse": "RootMeanSquaredError", "r2": "R2Score", "top5": "TopKCategoricalAccuracy", "io_u": "IoU"}
    for name, title in found.items():
        assert metrics.registry.find(name).target.__name__ == title
