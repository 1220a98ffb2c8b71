"""When callbacks are called and with what, and what EarlyStopping does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from . import inputs
from .reading import numpy_of
from .scenarios import (
    BATCH,
    COLUMNS,
    FIT,
    ROWS,
    Library,
    Results,
    Scenario,
    X,
    Y,
    compiled,
    entering,
    logs,
    told,
    weights_of,
)
from .small_models import layered

SCENARIOS: list[Scenario] = []
scenario = entering(SCENARIOS)

HOOKS = tuple(
    f"on_{what}_{edge}"
    for what in ("train", "test", "predict", "epoch", "train_batch", "test_batch", "predict_batch")
    for edge in ("begin", "end")
)


def witness(library: Library, events: list[list[Any]], last: dict[str, Any]) -> Any:
    """A callback that writes down every call: hook, number of epoch or batch, names of the logs."""

    def hook(name: str) -> Any:
        def called(self: Any, *arguments: Any, **named: Any) -> None:
            logs_given = named.get("logs", arguments[-1] if arguments else None) or {}
            numbers = [argument for argument in arguments if isinstance(argument, int)]
            events.append([name, numbers, sorted(logs_given)])
            last[name] = dict(logs_given)

        return called

    return type("Witness", (library.callbacks.Callback,), {name: hook(name) for name in HOOKS})()


@scenario
def callbacks_are_called_in_order_with_epochs_batches_and_logs(library: Library) -> Results:
    events: list[list[Any]] = []
    last: dict[str, Any] = {}
    callback = witness(library, events, last)
    model = compiled(library)
    model.fit(X, Y, epochs=2, validation_split=0.3, callbacks=[callback], **FIT)
    numbers = logs(last["on_train_batch_end"], "last batch") | logs(last["on_epoch_end"], "last epoch")
    return {"events": events, "is the model's": callback.model is model, "parameters": dict(callback.params)} | numbers


@scenario
def evaluate_and_predict_call_their_own_hooks(library: Library) -> Results:
    events: list[list[Any]] = []
    callback = witness(library, events, {})
    model = compiled(library)
    model.evaluate(X, Y, batch_size=BATCH, verbose=0, callbacks=[callback])
    # What a batch of predictions carries in its logs is the predictions themselves: only the order is compared.
    model.predict(X, batch_size=BATCH, verbose=0, callbacks=[callback])
    return {"events": [event[:2] for event in events]}


@scenario
def lambda_callbacks_are_called(library: Library) -> Results:
    called: list[list[Any]] = []
    callback = library.callbacks.LambdaCallback(
        on_train_begin=lambda logs: called.append(["train begins"]),
        on_epoch_begin=lambda epoch, logs: called.append(["epoch begins", epoch]),
        on_train_batch_end=lambda batch, logs: called.append(["batch ends", batch, sorted(logs)]),
        on_epoch_end=lambda epoch, logs: called.append(["epoch ends", epoch, sorted(logs)]),
        on_train_end=lambda logs: called.append(["train ends", sorted(logs)]),
    )
    compiled(library).fit(X, Y, epochs=2, callbacks=[callback], **FIT)
    return {"called": called}


@scenario
def stop_training_at_the_end_of_an_epoch_ends_the_fit(library: Library) -> Results:
    model = compiled(library)

    def stop(epoch: int, logs: Mapping[str, Any]) -> None:
        model.stop_training = epoch == 1

    callback = library.callbacks.LambdaCallback(on_epoch_end=stop)
    results = told(model.fit(X, Y, epochs=5, callbacks=[callback], **FIT))
    again = model.fit(X, Y, epochs=1, **FIT)
    return results | {"a fit afterwards covers": list(again.epoch)}


@scenario
def a_callback_may_add_to_the_logs_of_an_epoch(library: Library) -> Results:
    def add(epoch: int, logs: dict[str, Any]) -> None:
        logs["added"] = 10.0 + epoch

    callback = library.callbacks.LambdaCallback(on_epoch_end=add)
    return told(compiled(library).fit(X, Y, epochs=2, callbacks=[callback], **FIT))


@scenario
def a_callback_may_set_weights_between_epochs(library: Library) -> Results:
    model = compiled(library)
    initial = model.get_weights()
    callback = library.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: model.set_weights(initial))
    return told(model.fit(X, Y, epochs=3, callbacks=[callback], **FIT)) | weights_of(model)


# ---- EarlyStopping: the model overfits a few noisy rows, so that val_loss falls, then rises ----

EARLY_STOPPINGS: tuple[Mapping[str, Any], ...] = (
    {},
    {"patience": 2},
    {"patience": 2, "restore_best_weights": True},
    {"patience": 100, "restore_best_weights": True},
    {"patience": 1, "min_delta": 0.02},
    {"patience": 2, "baseline": 0.2, "restore_best_weights": True},
    {"patience": 3, "baseline": 0.5, "restore_best_weights": True},
    {"patience": 1, "start_from_epoch": 12, "restore_best_weights": True},
    {"monitor": "val_accuracy", "patience": 3, "restore_best_weights": True},
    {"monitor": "loss", "mode": "max", "patience": 2, "restore_best_weights": True},
    {"monitor": "val_loss", "mode": "min", "patience": 0},
)


def overfitted(library: Library, arguments: Mapping[str, Any]) -> Results:
    """Fit for 30 epochs with EarlyStopping; what it saw and what it left behind."""
    noisy = np.where(inputs.normal("flips", shape=(ROWS, 1)) > 0.5, 1.0 - Y, Y)
    held_out = inputs.normal("held out", shape=(40, COLUMNS))
    labels = (held_out.sum(-1, keepdims=True) > 0.0).astype(float)
    model = layered(library, (COLUMNS, 3, 1), head="sigmoid")
    model.compile(optimizer=library.optimizers.SGD(0.2), loss="binary_crossentropy", metrics=["accuracy"])
    stopping = library.callbacks.EarlyStopping(**arguments)
    history = model.fit(X, noisy, epochs=30, validation_data=(held_out, labels), callbacks=[stopping], **FIT)
    seen = {"stopped epoch": stopping.stopped_epoch, "best epoch": stopping.best_epoch, "best": numpy_of(stopping.best)}
    return told(history) | seen | weights_of(model)


def early_stopping(arguments: Mapping[str, Any]) -> Scenario:
    """The scenario of one set of arguments."""
    written = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
    return Scenario(f"EarlyStopping({written})", lambda library: overfitted(library, arguments))


SCENARIOS.extend(map(early_stopping, EARLY_STOPPINGS))
