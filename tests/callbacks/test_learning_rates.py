"""Callbacks that set the learning rate, against sequences worked out by hand."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from kmagic.base.errors import BadType, BadValue
from kmagic.callbacks import LearningRateScheduler, ReduceLROnPlateau
from kmagic.layers import Dense
from kmagic.models import Sequential
from kmagic.optimizers import SGD, LossScaleOptimizer, MultiOptimizer, OptimizerMap

X, Y = np.ones((4, 2), "float32"), np.ones((4, 1), "float32")


def reduced(values: list[float], **options: Any) -> list[float]:
    """The learning rate after each epoch, from 1."""
    callback = ReduceLROnPlateau(**{"monitor": "loss", "factor": 0.5, **options})
    optimizer = SGD(learning_rate=1.0)
    callback.set_model(SimpleNamespace(optimizer=optimizer))
    callback.on_train_begin()
    rates = []
    for epoch, value in enumerate(values):
        before = float(optimizer.learning_rate)
        logs = {"loss": value}
        callback.on_epoch_end(epoch, logs)
        # what is logged is the rate that the epoch was trained with
        assert logs["learning_rate"] == before
        rates.append(float(optimizer.learning_rate))
    return rates


@pytest.mark.parametrize(
    ("values", "options", "rates"),
    [
        ([3.0, 2.0, 1.0], {"patience": 1}, [1.0, 1.0, 1.0]),
        ([1.0, 1.0, 1.0], {"patience": 1}, [1.0, 0.5, 0.25]),
        ([1.0, 1.0, 1.0, 1.0, 1.0], {"patience": 2}, [1.0, 1.0, 0.5, 0.5, 0.25]),
        # an epoch that is better starts the count again
        ([1.0, 1.0, 0.5, 0.5, 0.5], {"patience": 2}, [1.0, 1.0, 1.0, 1.0, 0.5]),
        # the first epoch after a reduction ends the cooldown and counts, since its counter is taken down before
        ([1.0, 1.0, 1.0, 1.0], {"patience": 1, "cooldown": 1}, [1.0, 0.5, 0.25, 0.125]),
        ([1.0, 1.0, 1.0, 1.0], {"patience": 1, "cooldown": 2}, [1.0, 0.5, 0.5, 0.25]),
        ([1.0, 1.0, 1.0, 1.0], {"patience": 1, "min_lr": 0.3}, [1.0, 0.5, 0.3, 0.3]),
        ([1.0, 0.95, 0.9], {"patience": 1, "min_delta": 0.1}, [1.0, 0.5, 0.25]),
        ([1.0, 2.0, 1.5], {"patience": 1, "mode": "max"}, [1.0, 1.0, 0.5]),
    ],
)
def test_rates_on_a_plateau(values: list[float], options: dict[str, Any], rates: list[float]) -> None:
    assert reduced(values, **options) == pytest.approx(rates)


def test_it_says_when_it_reduces(capsys: pytest.CaptureFixture[str]) -> None:
    reduced([1.0, 1.0], patience=1, verbose=1)
    assert capsys.readouterr().out == "\nEpoch 2: ReduceLROnPlateau reducing learning rate to 0.5.\n"


def test_a_value_that_is_not_there_changes_nothing() -> None:
    callback = ReduceLROnPlateau(patience=0)
    model = SimpleNamespace(optimizer=SGD(learning_rate=1.0))
    callback.set_model(model)
    callback.on_train_begin()
    with pytest.warns(UserWarning, match="no 'val_loss' among loss, learning_rate"):
        callback.on_epoch_end(0, {"loss": 1.0})
    assert float(model.optimizer.learning_rate) == 1.0


def test_a_factor_that_reduces_nothing_is_refused() -> None:
    with pytest.raises(BadValue, match=r"factor is 1\.0"):
        ReduceLROnPlateau(factor=1.0)


def scheduled(schedule: Any, **options: Any) -> dict[str, list[float]]:
    """The history of three epochs from a learning rate of 0.5."""
    model = Sequential([Dense(1, input_dim=2)])
    model.compile(SGD(0.5), "mse")
    callback = LearningRateScheduler(schedule, **options)
    return model.fit(X, Y, epochs=3, verbose=0, callbacks=[callback]).history


def test_a_schedule_sets_each_epoch() -> None:
    assert scheduled(lambda epoch, rate: rate / 2)["learning_rate"] == [0.25, 0.125, 0.0625]
    assert scheduled(lambda epoch: 1.0 / (epoch + 1))["learning_rate"] == pytest.approx([1.0, 1 / 2, 1 / 3])
    assert scheduled(lambda epoch, rate: np.float32(0.5))["learning_rate"] == [0.5, 0.5, 0.5]


def test_the_rate_takes_effect() -> None:
    assert len(set(scheduled(lambda epoch, rate: 0.0)["loss"])) == 1
    assert len(set(scheduled(lambda epoch, rate: 0.01)["loss"])) == 3


def test_a_schedule_says_what_it_sets(capsys: pytest.CaptureFixture[str]) -> None:
    scheduled(lambda epoch: 0.5, verbose=1)
    lines = capsys.readouterr().out.split("\n")
    assert lines[1::2] == [f"Epoch {n}: LearningRateScheduler setting learning rate to 0.5." for n in (1, 2, 3)]


def test_mistakes_in_schedules_are_told() -> None:
    with pytest.raises(BadValue, match="gave 1 for epoch 0"):
        scheduled(lambda epoch: 1)
    with pytest.raises(BadType, match="schedule is 'halve'"):
        LearningRateScheduler("halve")

    def broken(epoch: int, rate: float) -> float:
        raise TypeError("my own")

    with pytest.raises(TypeError, match="my own"):
        scheduled(broken)


def test_several_optimizers_are_told_apart() -> None:
    parts = [SGD(1.0, name="slow"), SGD(2.0, name="fast")]
    model = SimpleNamespace(optimizer=SimpleNamespace(name="both", optimizers=parts))
    callback = ReduceLROnPlateau(monitor="loss", patience=1, factor=0.5, min_lr=1.0)
    callback.set_model(model)
    callback.on_train_begin()
    for epoch in range(3):
        logs = {"loss": 1.0}
        callback.on_epoch_end(epoch, logs)
    assert logs == {"loss": 1.0, "learning_rate_slow": 1.0, "learning_rate_fast": 1.0}
    assert [float(part.learning_rate) for part in parts] == [1.0, 1.0]


def test_a_schedule_sets_each_of_several_optimizers() -> None:
    model = Sequential([Dense(2, input_dim=2, name="body"), Dense(1, name="head")])
    model.compile(MultiOptimizer(OptimizerMap(SGD(0.5, name="slow"), {"head": SGD(0.25, name="fast")})), "mse")
    halve = LearningRateScheduler(lambda epoch, rate: rate / 2)
    history = model.fit(X, Y, epochs=2, verbose=0, callbacks=[halve]).history
    assert history["learning_rate_slow"] == [0.25, 0.125] and history["learning_rate_fast"] == [0.125, 0.0625]
    assert "learning_rate" not in history


@pytest.mark.parametrize("is_wrapped", [False, True])
def test_optimizers_of_one_name_are_numbered(is_wrapped: bool) -> None:
    model = Sequential([Dense(2, input_dim=2, name="body"), Dense(1, name="head")])
    optimizer = MultiOptimizer(OptimizerMap(SGD(0.5), {"head": SGD(0.25)}))
    model.compile(LossScaleOptimizer(optimizer) if is_wrapped else optimizer, "mse")
    halve = LearningRateScheduler(lambda epoch, rate: rate / 2)
    reduce = ReduceLROnPlateau(monitor="loss", patience=0, factor=0.5, mode="max")
    logs = model.fit(X, Y, verbose=0, callbacks=[halve]).history
    assert sorted(float(one.learning_rate) for one in optimizer.optimizers) == [0.125, 0.25]
    assert sorted(name for name in logs if "rate" in name) == ["learning_rate_sgd", "learning_rate_sgd_1"]
    assert sorted(logs["learning_rate_sgd"] + logs["learning_rate_sgd_1"]) == [0.125, 0.25]
    reduce.set_model(model)
    reduce.on_train_begin()
    for loss in (1.0, 0.5):
        reduce.on_epoch_end(0, {"loss": loss})
    assert sorted(float(one.learning_rate) for one in optimizer.optimizers) == [0.0625, 0.125]
