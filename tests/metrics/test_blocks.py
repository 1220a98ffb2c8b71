"""Large arrays in blocks give what they give whole."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kmagic import metrics
from kmagic.metrics import blocks


@pytest.mark.parametrize(
    "metric",
    [
        metrics.MeanSquaredError,
        metrics.RootMeanSquaredError,
        metrics.BinaryAccuracy,
        metrics.AUC,
        metrics.Precision,
        metrics.F1Score,
        metrics.R2Score,
        metrics.BinaryIoU,
    ],
)
@pytest.mark.parametrize("weighted", [False, True])
def test_the_state_is_the_same(metric: Any, weighted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = np.random.default_rng(2)
    truth, scores = stream.integers(0, 2, (100, 3)).astype(float), stream.random((100, 3))
    weight = stream.integers(0, 3, 100 if metric is not metrics.BinaryIoU else (100, 3)) if weighted else None
    whole, parts = metric(dtype="float64"), metric(dtype="float64")
    whole.update_state(truth, scores, sample_weight=weight)
    monkeypatch.setattr(blocks, "BLOCK", 21)
    seen: list[int] = []
    split = blocks.in_blocks(lambda self, y_true, *others: seen.append(len(y_true)))
    split(None, truth, scores, weight)
    assert seen == [7] * 14 + [2]
    parts.update_state(truth, scores, sample_weight=weight)
    for one, other in zip(whole.variables, parts.variables, strict=True):
        np.testing.assert_allclose(other.numpy(), one.numpy(), rtol=1e-12, atol=1e-12)


def test_what_has_no_common_rows_stays_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK", 2)
    metric = metrics.MeanSquaredError(dtype="float64")
    metric.update_state(np.zeros((4, 1)), np.ones((4, 1)), sample_weight=np.float64(3.0))
    metric.update_state([[0.0]] * 4, [[3.0]] * 4)
    assert [float(variable.numpy()) for variable in metric.variables] == [3 * 1 + 4 * 9, 3 + 4]
