"""Metrics without state of their own: variables in, variables or results out."""

import numpy as np
import pytest

from kmagic import losses, metrics
from kmagic.base.errors import BadType


def test_a_stateless_sum_leaves_the_metric_alone() -> None:
    total = metrics.Sum()
    total.update_state([1.0, 2.0])
    assert float(total.stateless_result([5.0])) == 5.0
    assert [float(v) for v in total.stateless_update_state([5.0], [1.0, 1.0])] == [7.0]
    assert [float(v) for v in total.stateless_reset_state()] == [0.0]
    assert float(total.result()) == 3.0


def test_a_result_does_not_change_with_later_updates() -> None:
    total = metrics.Sum()
    total.update_state([1.0])
    first = total.result()
    total.update_state([1.0])
    assert float(first) == 1.0


@pytest.mark.parametrize("identifier", ["mean", "sum", metrics.Mean()])
def test_means_of_values_are_no_metrics_of_predictions(identifier: object) -> None:
    with pytest.raises(BadType, match="takes values, not targets and predictions"):
        metrics.resolve(identifier)


def test_a_loss_used_as_a_metric_keeps_its_name() -> None:
    metric = metrics.resolve(losses.MeanSquaredError())
    assert metric.name == "mean_squared_error"
    metric.update_state(np.array([[1.0]]), np.array([[3.0]]))
    assert float(metric.result()) == 4.0
