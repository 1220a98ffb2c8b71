"""Callbacks: the order of their hooks, what they receive, and what they may do to a training."""

import re
from typing import Any

import numpy as np
import pytest

from kmagic.base.errors import BadType, NotFinite
from kmagic.callbacks import (
    Callback,
    CallbackList,
    EarlyStopping,
    History,
    LambdaCallback,
    ProgbarLogger,
    TerminateOnNaN,
)
from kmagic.layers import Dense
from kmagic.models import Sequential
from kmagic.training.events import ValidationSteps, ValidationStepsBegin

X = np.random.default_rng(0).normal(size=(10, 3))
Y = X.sum(1)
HOOKS = [name for name in vars(Callback) if name.startswith("on_") and name not in ("on_batch_begin", "on_batch_end")]


def model() -> Sequential:
    made = Sequential([Dense(1, input_dim=3)])
    made.compile("sgd", "mse")
    return made


def recording(*hooks: str) -> tuple[Callback, list[Any]]:
    """A callback that notes its hooks and their first argument."""
    seen: list[Any] = []

    def note(name: str) -> Any:
        return lambda self, *given: seen.append((name, *[one for one in given if isinstance(one, int)]))

    kind = type("Recording", (Callback,), {name: note(name) for name in hooks or HOOKS})
    return kind(), seen


def test_hooks_of_a_fit_come_in_keras_order() -> None:
    callback, seen = recording()
    model().fit(X, Y, batch_size=5, epochs=2, validation_data=(X[:6], Y[:6]), verbose=0, callbacks=[callback])
    train = [
        ("on_train_batch_begin", 0),
        ("on_train_batch_end", 0),
        ("on_train_batch_begin", 1),
        ("on_train_batch_end", 1),
    ]
    test = [("on_test_batch_begin", 0), ("on_test_batch_end", 0), ("on_test_batch_begin", 1), ("on_test_batch_end", 1)]
    epochs = [
        [("on_epoch_begin", n), *train, ("on_test_begin",), *test, ("on_test_end",), ("on_epoch_end", n)]
        for n in (0, 1)
    ]
    assert seen == [("on_train_begin",), *epochs[0], *epochs[1], ("on_train_end",)]


def test_hooks_of_evaluate_and_predict() -> None:
    callback, seen = recording()
    model().evaluate(X, Y, batch_size=5, verbose=0, callbacks=[callback])
    assert [name for name, *_ in seen] == [
        "on_test_begin",
        *["on_test_batch_begin", "on_test_batch_end"] * 2,
        "on_test_end",
    ]
    seen.clear()
    model().predict(X, batch_size=5, verbose=0, callbacks=[callback])
    assert [name for name, *_ in seen] == [
        "on_predict_begin",
        *["on_predict_batch_begin", "on_predict_batch_end"] * 2,
        "on_predict_end",
    ]


def test_a_test_batch_begins_before_it_runs() -> None:
    seen: list[str] = []
    callback = LambdaCallback(
        on_test_batch_begin=lambda batch, logs: seen.append(f"hook {batch}"),
        on_test_batch_end=lambda batch, logs: seen.append(f"end {batch}"),
    )
    hooks = CallbackList([callback])
    hooks(ValidationStepsBegin(0, 3))
    assert seen == ["hook 3"]
    hooks(ValidationSteps(0, 4, 5, {}))
    assert seen == ["hook 3", "end 3"]


def test_evaluate_and_predict_hand_over_parameters_and_outputs() -> None:
    seen: list[Any] = []

    class Looking(Callback):
        """Looks at what it was given."""

        def on_test_begin(self, logs: Any = None) -> None:
            seen.append(self.params)

        def on_predict_begin(self, logs: Any = None) -> None:
            seen.append(self.params)

        def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
            seen.append(logs["outputs"])

    made = model()
    made.evaluate(X, Y, batch_size=4, verbose=0, callbacks=[Looking()])
    assert seen == [{"verbose": 0, "epochs": 1, "steps": 3}]
    seen.clear()
    result = made.predict(X, batch_size=6, verbose=0, callbacks=[Looking()])
    assert seen[0] == {"verbose": 0, "epochs": 1, "steps": 2}
    assert [part.shape for part in seen[1:]] == [(6, 1), (4, 1)]
    np.testing.assert_array_equal(np.concatenate(seen[1:]), result)


def test_stopping_before_the_first_step_records_nothing() -> None:
    made = model()
    stop = LambdaCallback(on_train_begin=lambda logs: setattr(made, "stop_training", True))
    history = made.fit(X, Y, epochs=3, verbose=0, callbacks=[stop])
    assert (history.epoch, history.history) == ([], {}) and int(made.optimizer.iterations.numpy()) == 0


def test_old_names_of_batch_hooks_are_called() -> None:
    callback, seen = recording("on_batch_begin", "on_batch_end")
    model().fit(X, Y, batch_size=5, verbose=0, callbacks=[callback])
    assert [number for _, number in seen] == [0, 0, 1, 1]


@pytest.mark.parametrize("hook", [name for name in HOOKS if "predict" not in name])
def test_only_hooks_of_batches_ask_for_every_batch(hook: str) -> None:
    callback, _ = recording(hook)
    assert CallbackList([callback]).wants_batches is ("_batch_" in hook)
    assert CallbackList([LambdaCallback(**{hook: print})]).wants_batches is ("_batch_" in hook)
    assert not CallbackList([History(), EarlyStopping(), ProgbarLogger(), Callback()]).wants_batches


def test_model_and_parameters_are_set_first() -> None:
    seen: list[Any] = []

    class Looking(Callback):
        """Looks at what it was given."""

        def on_train_begin(self, logs: Any = None) -> None:
            seen.append((self.model, self.params["epochs"], self.params["steps"], self.params["verbose"]))

    made = model()
    made.fit(X, Y, batch_size=4, epochs=3, verbose=0, callbacks=[Looking()])
    assert seen == [(made, 3, 3, 0)]


def test_stop_training_ends_after_the_step() -> None:
    def stop(batch: int, logs: Any) -> None:
        made.stop_training = batch == 1

    made = model()
    history = made.fit(X, Y, batch_size=2, epochs=4, verbose=0, callbacks=[LambdaCallback(on_train_batch_end=stop)])
    assert history.epoch == [0] and int(made.optimizer.iterations.numpy()) == 2
    assert made.run.status == "done"
    assert len(made.fit(X, Y, epochs=2, verbose=0).epoch) == 2


def test_logs_may_be_added_to() -> None:
    adding = LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(twice=2.0 * epoch))
    assert model().fit(X, Y, epochs=2, verbose=0, callbacks=[adding]).history["twice"] == [0.0, 2.0]


def test_lambda_callbacks_take_the_hooks_there_are() -> None:
    seen = []
    quick = LambdaCallback(
        on_train_begin=lambda logs: seen.append("begin"), on_train_end=lambda logs: seen.append("end")
    )
    model().fit(X, Y, verbose=0, callbacks=[quick])
    assert seen == ["begin", "end"]
    with pytest.raises(BadType, match="unknown argument 'on_epoch_ends'") as caught:
        LambdaCallback(on_epoch_ends=print)
    assert caught.value.fix == "did you mean on_epoch_end=?"


def test_history_holds_every_epoch() -> None:
    own = History()
    returned = model().fit(X, Y, epochs=3, validation_split=0.2, verbose=0, callbacks=[own])
    assert own.history == returned.history and own.epoch == returned.epoch == [0, 1, 2]
    assert set(own.history) == {"loss", "val_loss"} and own.params == returned.params
    own.on_train_begin()
    assert (own.history, own.epoch) == ({}, [])


@pytest.mark.parametrize("loss", [float("nan"), float("inf"), -float("inf")])
def test_terminate_on_nan(loss: float) -> None:
    made = model()
    stop = TerminateOnNaN()
    stop.set_model(made)
    stop.on_epoch_end(0, {"loss": 1.0})
    assert not made.stop_training
    stop.on_epoch_end(1, {"loss": loss})
    assert made.stop_training
    with pytest.raises(NotFinite, match="in epoch 2"):
        TerminateOnNaN(raise_error=True).on_epoch_end(1, {"loss": loss})


def test_early_stopping_in_a_fit_restores_the_best_weights() -> None:
    made = model()
    best: list[Any] = []

    def remember(epoch: int, logs: Any) -> None:
        if not best or logs["val_loss"] < best[0]:
            best[:] = [logs["val_loss"], made.get_weights()]

    # targets of the validation move away from what is learned, so it soon gets worse
    options: dict[str, Any] = {"validation_data": (X, -Y), "epochs": 50, "verbose": 0}
    stop = EarlyStopping(patience=2, restore_best_weights=True)
    history = made.fit(X, Y, callbacks=[LambdaCallback(on_epoch_end=remember), stop], **options)
    assert len(history.epoch) < 50
    for kept, wanted in zip(made.get_weights(), best[1], strict=True):
        np.testing.assert_array_equal(kept, wanted)


def test_a_line_for_each_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    model().fit(X, Y, epochs=2, verbose=2)
    lines = capsys.readouterr().out.splitlines()
    assert [
        bool(re.fullmatch(rf"Epoch {n}/2 \d+\.\ds loss: \d+\.\d{{4}}", line)) for n, line in enumerate(lines, 1)
    ] == [True, True]


def test_a_moving_line(capsys: pytest.CaptureFixture[str]) -> None:
    model().fit(X, Y, epochs=1, verbose=1)
    text = capsys.readouterr().out
    assert text.startswith("\rEpoch 1/1 ━") and "1/1 loss: " in text and text.endswith("\n") and text.count("\n") == 1


def test_silence(capsys: pytest.CaptureFixture[str]) -> None:
    model().fit(X, Y, verbose=0)
    assert capsys.readouterr().out == ""


def test_small_values_keep_their_digits(capsys: pytest.CaptureFixture[str]) -> None:
    logger = ProgbarLogger(verbose=2)
    logger.set_params({"epochs": 1})
    logger.on_train_begin()
    logger.on_epoch_begin(0)
    logger.on_epoch_end(0, {"loss": 0.00001234, "mae": 1.5})
    assert "loss: 1.23e-05 - mae: 1.5000" in capsys.readouterr().out


def test_a_history_shows_its_last_values() -> None:
    history = History()
    history.record(0, {"loss": 1.0})
    history.record(1, {"loss": 0.25, "parts": [1.0, 2.0]})
    assert repr(history) == "<History of 2 epochs: loss 0.25>"
    assert repr(History()) == "<History of 0 epochs>"
