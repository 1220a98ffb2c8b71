"""Metrics: counts by hand, over several batches, with weights."""

import numpy as np
import pytest

from kmagic import metrics


def test_accuracies_by_hand() -> None:
    binary = metrics.BinaryAccuracy(threshold=0.7)
    # 0.6 counts as no, 0.9 as yes: two of three are right
    binary.update_state(np.array([[0.0], [1.0], [1.0]]), np.array([[0.6], [0.9], [0.1]]))
    assert float(binary.result()) == pytest.approx(2 / 3)
    scores = np.array([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7], [0.6, 0.4]])
    sparse, categorical = metrics.SparseCategoricalAccuracy(), metrics.CategoricalAccuracy()
    labels = np.array([1, 1, 1, 0])
    sparse.update_state(labels, scores)
    categorical.update_state(np.eye(2)[labels], scores)
    assert float(sparse.result()) == float(categorical.result()) == 0.75


def test_weights_count_and_batches_add_up() -> None:
    metric = metrics.MeanSquaredError()
    metric.update_state(np.array([[0.0], [0.0]]), np.array([[1.0], [2.0]]), sample_weight=np.array([3.0, 1.0]))
    assert float(metric.result()) == pytest.approx((3 * 1 + 1 * 4) / 4)
    metric.update_state(np.array([[0.0]]), np.array([[3.0]]))
    assert float(metric.result()) == pytest.approx((3 + 4 + 9) / 5)
    metric.reset_state()
    assert float(metric.result()) == 0.0


def test_mean_and_sum() -> None:
    mean, total = metrics.Mean(), metrics.Sum()
    for values in ([1.0, 2.0], [6.0]):
        mean.update_state(values)
        total.update_state(values)
    assert (float(mean.result()), float(total.result())) == (3.0, 9.0)


def test_names_are_kept() -> None:
    assert metrics.resolve("mae").name == "mae" and metrics.MeanSquaredError(name="own").name == "own"
