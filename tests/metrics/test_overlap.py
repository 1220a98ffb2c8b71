"""Overlap of classes: against sets of places."""

from __future__ import annotations

import numpy as np
import pytest

from kmagic import metrics
from kmagic.base.errors import BadValue, ShapeMismatch

STREAM = np.random.default_rng(1)
TARGET, SAID = STREAM.integers(-2, 6, (5, 4, 3)), STREAM.integers(-2, 6, (5, 4, 3))


def by_sets(target: np.ndarray, said: np.ndarray, classes: range) -> float:
    counts = np.isin(target, classes) & np.isin(said, classes)
    shares = []
    for number in classes:
        here, there = counts & (target == number), counts & (said == number)
        if (here | there).any():
            shares.append((here & there).sum() / (here | there).sum())
    return float(np.mean(shares))


@pytest.mark.parametrize("dtype", ["int32", "int64", "int8"])
def test_classes_outside_do_not_count(dtype: str) -> None:
    metric = metrics.MeanIoU(num_classes=4)
    metric.update_state(TARGET.astype(dtype), SAID.astype(dtype))
    assert float(metric.result()) == pytest.approx(by_sets(TARGET, SAID, range(4)), rel=1e-5)


def test_a_class_is_far_outside() -> None:
    metric = metrics.MeanIoU(num_classes=2)
    metric.update_state(np.array([0, 1, 2**32 + 1]), np.array([0, 1, 2**32 + 1]))
    assert metric.total_cm.numpy().tolist() == [[1, 0], [0, 1]]


def test_scores_along_another_axis() -> None:
    scores = STREAM.random((5, 4, 6))
    target = np.eye(4)[STREAM.integers(0, 4, (5, 6))]
    metric = metrics.OneHotMeanIoU(num_classes=4, axis=1)
    metric.update_state(np.swapaxes(target, 1, 2), scores)
    expected = by_sets(target.argmax(-1), scores.argmax(1), range(4))
    assert float(metric.result()) == pytest.approx(expected, rel=1e-5)


def test_whole_tables_cut_fractions_of_weights_off() -> None:
    for dtype, count in ((None, 1), ("float32", 1.75)):
        metric = metrics.MeanIoU(num_classes=2, dtype=dtype)
        metric.update_state([0, 1], [0, 1], sample_weight=np.array([1.75, 1.75]))
        assert float(metric.total_cm.numpy()[0, 0]) == count


def test_the_weight_of_a_row_is_that_of_each_place_in_it() -> None:
    by_row, by_place = (metrics.MeanIoU(num_classes=4) for _ in range(2))
    weight = np.arange(5)
    by_row.update_state(TARGET, SAID, sample_weight=weight)
    by_place.update_state(TARGET, SAID, sample_weight=np.broadcast_to(weight[:, None, None], TARGET.shape))
    assert by_row.total_cm.numpy().tolist() == by_place.total_cm.numpy().tolist() != np.zeros((4, 4)).tolist()


def test_a_target_class_outside_is_refused() -> None:
    with pytest.raises(BadValue, match="Target class id 4 is out of range"):
        metrics.IoU(num_classes=4, target_class_ids=[0, 4])


def test_scores_in_place_of_classes_are_refused_with_the_remedy() -> None:
    with pytest.raises(ShapeMismatch) as caught:
        metrics.MeanIoU(num_classes=3).update_state(np.array([0, 1]), np.ones((2, 3)))
    assert caught.value.fix == "sparse_y_pred=False for scores"
