"""The mean of a function: arguments as they are, options, weights, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kmagic import losses, metrics, ops
from kmagic.base.errors import BadType, ShapeMismatch
from kmagic.metrics import MeanMetricWrapper


def absolute(y_true: Any, y_pred: Any, scale: float = 1.0) -> Any:
    return scale * ops.absolute(y_true - y_pred)


def test_options_and_weights_reach_the_mean() -> None:
    metric = MeanMetricWrapper(absolute, scale=2.0)
    metric.update_state(np.array([0.0, 0.0]), np.array([1.0, 3.0]), sample_weight=np.array([3.0, 1.0]))
    assert metric.name == "absolute" and float(metric.result()) == pytest.approx(2 * (3 * 1 + 1 * 3) / 4)


def test_arguments_are_not_aligned_as_in_keras() -> None:
    seen: list[tuple[int, ...]] = []

    def note(y_true: Any, y_pred: Any) -> Any:
        seen.extend([np.shape(y_true), np.shape(y_pred)])
        return ops.absolute(y_true - y_pred[:, 0])

    metric = metrics.resolve(note)
    metric.update_state(np.array([1.0, 2.0]), np.array([[1.0], [4.0]]))
    assert seen == [(2,), (2, 1)] and float(metric.result()) == 1.0


def test_class_numbers_stay_whole() -> None:
    metric = metrics.resolve(lambda y_true, y_pred: ops.take_along_axis(y_pred, y_true[:, None], axis=-1)[:, 0])
    metric.update_state(np.array([1, 0]), np.array([[0.2, 0.8], [0.6, 0.4]]))
    assert float(metric.result()) == pytest.approx(0.7)


def test_pairing_every_target_with_every_prediction_is_refused() -> None:
    metric = metrics.resolve(absolute)
    with pytest.raises(ShapeMismatch, match=r"metric absolute \(test_mean_metric_wrapper.py:\d+\)") as caught:
        metric.update_state(np.zeros(4), np.ones((4, 1)))
    assert caught.value.fix == "y_true[:, None]"


def test_a_forgotten_return_is_refused() -> None:
    def forgetful(y_true: Any, y_pred: Any) -> None:
        ops.absolute(y_true - y_pred)

    with pytest.raises(BadType, match="forgetful.*returned NoneType"):
        metrics.resolve(forgetful).update_state(np.zeros(4), np.ones(4))


def test_a_function_with_other_arguments_is_refused_at_once() -> None:
    with pytest.raises(BadType, match="cannot be called with"):
        metrics.resolve(lambda y_pred: y_pred)


def test_functions_of_the_package_align_as_their_classes_do() -> None:
    metric = metrics.resolve(losses.mean_squared_error)
    metric.update_state(np.array([1.0, 2.0]), np.array([[1.0], [4.0]]))
    assert type(metric) is metrics.MeanSquaredError and float(metric.result()) == 2.0
    assert metric.name == "mean_squared_error" and metric._direction == "down"


def test_config_names_a_function_of_the_package() -> None:
    metric = MeanMetricWrapper(metrics.mean_absolute_error, name="error")
    again = MeanMetricWrapper.from_config(metric.get_config())
    again.update_state(np.array([[0.0]]), np.array([[3.0]]))
    assert again.name == "error" and float(again.result()) == 3.0
    with pytest.raises(BadType, match="expected: a function"):
        MeanMetricWrapper.from_config({"fn": "MeanAbsoluteError"})
