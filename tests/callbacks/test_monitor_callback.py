"""Which of two values is better: what a mode says, else the value's own direction."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import kmagic
from kmagic.base.errors import BadValue
from kmagic.callbacks import EarlyStopping, ReduceLROnPlateau
from kmagic.layers import Dense, Input
from kmagic.models import Model, Sequential


def watching(monitor: str, metrics: list[Any], **options: Any) -> EarlyStopping:
    callback = EarlyStopping(monitor=monitor, **options)
    callback.set_model(SimpleNamespace(metrics=metrics))
    return callback


def named(part: Any, name: str) -> Any:
    part.name = name
    return part


def of_two_outputs() -> Model:
    """A model that has measured something."""
    x = Input((2,))
    model = Model(x, [Dense(1, name="left")(x), Dense(1, name="right")(x)])
    falling = named(kmagic.metrics.MeanMetricWrapper(lambda y_true, y_pred: y_true), "inaccuracy")
    falling._direction = "down"
    metrics = [kmagic.metrics.BinaryAccuracy(), kmagic.metrics.MeanSquaredError(), kmagic.metrics.MeanSquaredError()]
    model.compile("sgd", ["mse", "mse"], metrics=[[*metrics, falling], []])
    model.evaluate(np.ones((1, 2)), [np.ones((1, 1)), np.ones((1, 1))], verbose=0)
    return model


@pytest.mark.parametrize(
    ("monitor", "larger"),
    [
        ("loss", False),
        ("val_loss", False),
        ("val_left_loss", False),
        ("left_binary_accuracy", True),
        ("val_left_binary_accuracy", True),
        ("left_mean_squared_error", False),
        # a second metric of that name, and the names of the objects
        ("val_left_mean_squared_error_1", False),
        ("binary_accuracy", True),
        # "accuracy" in its name, and yet better when it falls
        ("left_inaccuracy", False),
    ],
)
def test_values_know_their_direction(monitor: str, larger: bool) -> None:
    callback = EarlyStopping(monitor=monitor)
    callback.set_model(of_two_outputs())
    assert callback.wants_larger() is larger


def test_the_name_in_logs_counts_and_not_a_part_of_it() -> None:
    model = Sequential([Dense(1, input_dim=2)])
    metrics = [kmagic.metrics.BinaryAccuracy(name="gap"), kmagic.metrics.MeanSquaredError(name="mse_gap")]
    model.compile("sgd", "mse", metrics=[*metrics, kmagic.metrics.BinaryAccuracy(name="no_loss")])
    model.evaluate([[1.0, 2.0]], [[1.0]], verbose=0)
    for monitor, larger in (("gap", True), ("mse_gap", False), ("val_mse_gap", False), ("no_loss", True)):
        callback = EarlyStopping(monitor=monitor)
        callback.set_model(model)
        assert callback.wants_larger() is larger
    callback = EarlyStopping(monitor="other_gap")
    callback.set_model(model)
    with pytest.raises(BadValue, match="'other_gap' should rise or fall"):
        callback.wants_larger()


@pytest.mark.parametrize("kind", [EarlyStopping, ReduceLROnPlateau])
def test_metrics_that_the_first_step_makes_are_asked_afterwards(kind: Any) -> None:
    model = Sequential([Dense(1, input_dim=2)])
    model.compile("sgd", "mse", metrics=["mae"], run_eagerly=True)
    model.fit([[1.0, 2.0]], [[1.0]], verbose=0, callbacks=[kind(monitor="mae")])


@pytest.mark.filterwarnings("ignore::kmagic.models.diagnosis.DiagnosisWarning")
@pytest.mark.parametrize("kind", [EarlyStopping, ReduceLROnPlateau])
def test_a_value_that_knows_none_is_refused_before_training(kind: Any) -> None:
    def distance(y_true: Any, y_pred: Any) -> Any:
        return kmagic.ops.abs(y_true - y_pred)

    model = Sequential([Dense(1, input_dim=2)])
    model.compile("sgd", "mse", metrics=[distance])
    before = model.get_weights()[0].copy()
    for monitor in ("distance", "val_nowhere"):
        with pytest.raises(BadValue, match=f"'{monitor}' should rise or fall") as caught:
            model.fit([[1.0, 2.0]], [[1.0]], verbose=0, callbacks=[kind(monitor=monitor)])
        assert caught.value.fix == "mode='max' or mode='min'"
    assert (model.get_weights()[0] == before).all()
    model.fit([[1.0, 2.0]], [[1.0]], verbose=0, callbacks=[kind(monitor="distance", mode="min")])


@pytest.mark.filterwarnings("ignore::kmagic.models.diagnosis.DiagnosisWarning")
@pytest.mark.parametrize("kind", [EarlyStopping, ReduceLROnPlateau])
def test_a_name_that_is_not_measured_leads_to_the_one_that_is(kind: Any) -> None:
    model = Sequential([Dense(1, "sigmoid", input_dim=2)])
    model.compile("sgd", "binary_crossentropy", metrics=["accuracy"])
    with pytest.raises(BadValue) as caught:
        model.fit([[1.0, 2.0]], [[1.0]], verbose=0, callbacks=[kind(monitor="val_acuracy")])
    assert caught.value.expected == "one of loss, accuracy, or one with val_"
    assert caught.value.fix == "monitor='val_accuracy'"


@pytest.mark.parametrize(
    ("mode", "value", "reference", "better"),
    [
        ("min", 0.5, None, True),
        ("min", 0.5, 0.7, True),
        ("min", 0.65, 0.7, False),
        ("min", 0.8, 0.7, False),
        ("max", 0.75, 0.7, False),
        ("max", 0.85, 0.7, True),
        ("max", float("nan"), 0.7, False),
    ],
)
def test_better_means_by_more_than_the_least_difference(
    mode: str, value: float, reference: float | None, better: bool
) -> None:
    assert watching("anything", [], mode=mode, min_delta=0.1).is_better(value, reference) is better
