"""Metrics without state of their own: variables in, variables or results out."""

import numpy as np
import pytest

from kmagic import losses, metrics, ops
from kmagic.base.errors import BadType
from kmagic.metrics import HostMetric


def test_a_stateless_sum_leaves_the_metric_alone() -> None:
    total = metrics.Sum()
    total.update_state([1.0, 2.0])
    assert float(total.stateless_result([5.0])) == 5.0
    assert [float(v) for v in total.stateless_update_state([5.0], [1.0, 1.0])] == [7.0]
    assert [float(v) for v in total.stateless_reset_state()] == [0.0]
    assert float(total.result()) == 3.0


def test_the_stateless_form_never_touches_the_state() -> None:
    seen: list[float] = []

    class Looking(metrics.Metric):
        """A sum that looks at its memory while it works, at what it has assigned, and takes branches of its own."""

        def __init__(self) -> None:
            super().__init__()
            self.total = self.add_variable(name="total")

        def update_state(self, values: object) -> None:
            self.total.assign_add(ops.sum(values))
            seen.append(float(self.total.array))
            if self.total > 5:
                self.total.assign(self.total.numpy() * 2)
            assert float(self.total) == self.total.numpy()

        def result(self) -> object:
            seen.append(float(self.total.array))
            return {"total": self.total.value, "name": "looking"}

        def reset_state(self) -> None:
            super().reset_state()
            seen.append(float(self.total.array))

    metric = Looking()
    metric.update_state([3.0])
    before = np.array([4.0], "float32")
    (after,) = metric.stateless_update_state([before[0]], [2.0])
    assert after == 12.0 and metric.stateless_update_state([1.0], [2.0]) == [3.0]
    assert metric.stateless_result([after]) == {"total": 12.0, "name": "looking"}
    assert metric.stateless_reset_state() == [0.0]
    assert seen == [3.0] * 5 and metric.result()["total"] == 3.0


def test_metrics_that_run_in_python_have_a_stateless_form_too() -> None:
    hosted = HostMetric(metrics.MeanMetricWrapper(lambda y_true, y_pred: np.abs(np.asarray(y_true) - y_pred)))
    hosted.update_state(np.zeros(2), np.full(2, 3.0))
    state = hosted.stateless_update_state(hosted.stateless_reset_state(), np.zeros(2), np.full(2, 5.0))
    assert float(hosted.stateless_result(state)) == 5.0 and float(hosted.result()) == 3.0


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
