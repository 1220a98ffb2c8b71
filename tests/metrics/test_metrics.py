"""Metrics: counts by hand, over several batches, with weights."""

from typing import Any

import numpy as np
import pytest

from kmagic import Variable, metrics, ops
from kmagic.base.errors import BadType, BadValue
from kmagic.graph.ops.derivatives import grad


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


class Sums(metrics.Metric):
    """State as Keras's users write it: no shape, a variable of their own, a metric inside."""

    def __init__(self, name: str = "sums", **options: Any) -> None:
        super().__init__(name=name, **options)
        self.total = self.add_weight(name="total", initializer="zeros")
        self.start = self.add_weight(shape=(2,), initializer="ones", name="start")
        self.own = Variable(np.zeros(()), trainable=False)
        self.inner = metrics.Mean()

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self.total.assign_add(ops.sum(y_pred - y_true))
        self.own.assign_add(1.0)
        self.inner.update_state(y_pred)

    def result(self) -> Any:
        return self.total


def test_all_state_is_found_and_reset() -> None:
    metric = Sums()
    assert [variable.shape for variable in metric.variables] == [(), (2,), (), (), ()]
    assert metric.start.numpy().tolist() == [1.0, 1.0]
    assert float(metric(np.zeros(3), np.ones(3))) == 3.0
    metric.reset_state()
    assert not any(variable.array.any() for variable in metric.variables)


def test_mistakes_with_variables_are_told() -> None:
    class Early(metrics.Metric):
        def __init__(self) -> None:
            self.total = self.add_weight(name="total")

    with pytest.raises(BadValue, match="before super") as caught:
        Early()
    assert caught.value.where == "Early"
    with pytest.raises(BadType, match="shape is 'total'") as wrong:
        metrics.Metric().add_weight("total")
    assert wrong.value.fix == "self.add_weight(name='total')"


def test_state_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(BadValue, match="`metric_variables` has 1 values"):
        metrics.Mean().stateless_update_state([0.0], [1.0])


def test_state_can_be_handed_in_while_tracing() -> None:
    metric = metrics.MeanSquaredError(dtype="float64")

    def loss(p: Any) -> Any:
        state = metric.stateless_update_state(metric.stateless_reset_state(), np.zeros((2, 1)), p)
        return metric.stateless_result(state)

    # the mean of p² has the slope p where there are two of them
    np.testing.assert_allclose(grad(loss)(np.array([[1.0], [3.0]])), [[1.0], [3.0]])
    assert float(metric.result()) == 0.0


def test_state_made_at_the_first_batch_is_handed_out() -> None:
    metric = metrics.F1Score(dtype="float64")
    assert metric.stateless_reset_state() == []
    state = metric.stateless_update_state([], np.eye(2), np.eye(2))
    assert [value.tolist() for value in state] == [[1.0, 1.0], [0.0, 0.0], [0.0, 0.0], [1.0, 1.0]]
    assert not metric.true_positives.array.any()
    np.testing.assert_allclose(metric.stateless_result(state), [1.0, 1.0], rtol=1e-6)


def test_state_for_other_columns_is_made_anew_while_nothing_was_counted() -> None:
    metric = metrics.R2Score()
    metric.update_state(np.zeros((2, 3)), np.zeros((2, 3)))
    metric.reset_state()
    metric.update_state(np.array([[1.0], [2.0]]), np.array([[1.0], [2.0]]))
    assert metric.squared_sum.shape == (1,) and len(metric.variables) == 5 and float(metric.result()) == 1.0


def test_more_regressors_than_values_leave_the_score_as_it_is() -> None:
    metric = metrics.R2Score(num_regressors=5)
    metric.update_state(np.array([[1.0], [2.0], [3.0]]), np.array([[1.0], [2.0], [4.0]]))
    with pytest.warns(UserWarning, match="5 regressors need more than 6 values"):
        assert float(metric.result()) == 0.5


def test_targets_without_a_column_meet_scores_in_one() -> None:
    metric = metrics.F1Score(threshold=0.5, dtype="float64")
    metric.update_state(np.array([1, 0, 1]), np.array([[0.9], [0.8], [0.2]]))
    # one hit, one false alarm, one miss
    np.testing.assert_allclose(metric.result(), [0.5], rtol=1e-6)


@pytest.mark.parametrize("name", ["mean_iou", "io_u", "precision_at_recall", "one_hot_mean_iou"])
def test_metrics_that_need_arguments_say_so(name: str) -> None:
    with pytest.raises(BadType, match="cannot be made from its name alone"):
        metrics.resolve(name)
