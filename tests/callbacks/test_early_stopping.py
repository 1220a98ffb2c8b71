"""EarlyStopping against sequences worked out by hand: when it stops, and which weights remain."""

from typing import Any

import numpy as np
import pytest

import kmagic
from kmagic.base.errors import BadType, BadValue
from kmagic.callbacks import EarlyStopping
from kmagic.layers import Dense
from kmagic.metrics import F1Score
from kmagic.models import Sequential


class Model:
    """Weights that are the number of the epoch."""

    def __init__(self) -> None:
        self.stop_training = False
        self.metrics = [kmagic.metrics.get("accuracy")]
        self.weights = [np.array(-1.0)]

    def get_weights(self) -> list[np.ndarray]:
        return [weight.copy() for weight in self.weights]

    def set_weights(self, weights: list[np.ndarray]) -> None:
        self.weights = weights


def play(values: list[float], **options: Any) -> tuple[int | None, float]:
    """The epoch after which it stops (None: never), and the epoch whose weights remain."""
    stop = EarlyStopping(**{"monitor": "val_loss", **options})
    model = Model()
    stop.set_model(model)
    stop.on_train_begin()
    stopped = None
    for epoch, value in enumerate(values):
        model.weights = [np.array(float(epoch))]
        stop.on_epoch_end(epoch, {stop.monitor: value})
        if model.stop_training:
            stopped = epoch
            break
    stop.on_train_end()
    return stopped, float(model.weights[0])


@pytest.mark.parametrize(
    ("values", "options", "stopped"),
    [
        # better, worse: stops at once
        ([1.0, 0.5, 0.6, 0.1], {}, 2),
        # one worse epoch is forgiven, two in a row are not
        ([1.0, 1.1, 0.9, 1.0, 1.0, 0.1], {"patience": 2}, 4),
        ([3.0, 2.0, 1.0, 0.5], {}, None),
        # equal is not better
        ([1.0, 1.0], {}, 1),
        # 0.95 is better than 1.0, by less than 0.1
        ([1.0, 0.95, 0.8], {"min_delta": 0.1}, 1),
        ([1.0, 0.85, 0.74], {"min_delta": 0.1}, None),
        ([0.1, 0.2, 0.1], {"mode": "max"}, 2),
        ([0.1, 0.3, 0.35], {"mode": "max", "min_delta": 0.1}, 2),
        ([0.1, 0.2, 0.1], {"monitor": "val_accuracy"}, 2),
        ([0.2, 0.1, 0.2], {"monitor": "accuracy", "mode": "min"}, 2),
        # never below the baseline: patience runs from the first epoch, although values improve
        ([1.0, 0.9, 0.8, 0.7], {"baseline": 0.5, "patience": 3}, None),
        ([1.0, 0.9, 0.8, 0.8], {"baseline": 0.5, "patience": 3}, 3),
        ([1.0, 0.4, 0.5, 0.6], {"baseline": 0.5, "patience": 2}, 3),
        # the first two epochs do not count
        ([0.1, 9.0, 1.0, 0.9, 1.0], {"start_from_epoch": 2}, 4),
        ([0.1, 9.0, 1.0, 0.9, 0.8], {"start_from_epoch": 2}, None),
        # NaN is never better
        ([1.0, float("nan"), 0.5], {}, 1),
    ],
)
def test_when_it_stops(values: list[float], options: dict[str, Any], stopped: int | None) -> None:
    assert play(values, **options)[0] == stopped


@pytest.mark.parametrize(
    ("values", "options", "kept"),
    [
        ([1.0, 0.5, 0.6, 0.7, 0.1], {"patience": 2}, 1),
        # never stopped, and the best epoch was not the last
        ([1.0, 0.5, 0.6], {"patience": 5}, 1),
        ([1.0, 0.5, 0.4], {}, 2),
        ([0.1, 1.0, 0.9, 0.95, 0.96], {"start_from_epoch": 1, "patience": 2}, 2),
        ([0.2, 0.7, 0.6], {"mode": "max"}, 1),
    ],
)
def test_which_weights_remain(values: list[float], options: dict[str, Any], kept: float) -> None:
    assert play(values, restore_best_weights=True, **options)[1] == kept


def test_without_restoring_the_last_weights_remain() -> None:
    assert play([1.0, 0.5, 0.6]) == (2, 2.0)


def test_it_says_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    play([1.0, 0.5, 0.6], verbose=1, restore_best_weights=True)
    said = capsys.readouterr().out.splitlines()
    assert said == ["Epoch 3: early stopping", "Restoring model weights from the end of the best epoch: 2."]


def test_a_name_that_is_not_measured_is_a_warning() -> None:
    stop = EarlyStopping(monitor="val_loss")
    stop.set_model(Model())
    stop.on_train_begin()
    with pytest.warns(UserWarning, match="no 'val_loss' among loss, accuracy"):
        stop.on_epoch_end(0, {"loss": 1.0, "accuracy": 0.5})


def test_a_second_training_starts_anew() -> None:
    stop, model = EarlyStopping(monitor="loss"), Model()
    stop.set_model(model)
    for _ in range(2):
        stop.on_train_begin()
        model.stop_training = False
        for epoch, value in enumerate([1.0, 0.5]):
            stop.on_epoch_end(epoch, {"loss": value})
        assert not model.stop_training
        stop.on_epoch_end(2, {"loss": 0.6})
        assert model.stop_training


def test_options_are_checked() -> None:
    with pytest.raises(BadValue, match="mode is 'minimum'") as caught:
        EarlyStopping(mode="minimum")
    assert caught.value.fix == "mode='min'"
    with pytest.raises(BadType, match="patience is 'long'"):
        EarlyStopping(patience="long")


def test_metrics_with_one_value_in_an_array() -> None:
    model = Sequential([Dense(1, activation="sigmoid", input_dim=2)])
    model.compile("sgd", "binary_crossentropy", metrics=[F1Score(name="f1", threshold=0.5)])
    x = np.random.default_rng(0).normal(size=(20, 2))
    y = (x[:, :1] > 0).astype("float32")
    stop = EarlyStopping("f1", patience=1)
    assert len(model.fit(x, y, epochs=30, callbacks=[stop], verbose=0).epoch) <= 30
    wide = Sequential([Dense(2, activation="sigmoid", input_dim=2)])
    wide.compile("sgd", "binary_crossentropy", metrics=[F1Score(name="f1", threshold=0.5)])
    with pytest.raises(BadValue, match="'f1' has 2 values"):
        wide.fit(x, np.concatenate([y, 1 - y], -1), callbacks=[EarlyStopping("f1")], verbose=0)
