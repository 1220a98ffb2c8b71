"""When callbacks are called and with what, and what each of Keras's own does."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from . import inputs
from .area import written
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


# ---- what watches val_loss: the model overfits a few noisy rows, so that it falls, then rises ----

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


def overfitted(library: Library, callbacks: list[Any], **options: Any) -> tuple[Any, Any]:
    """The model and its history after up to 30 epochs with these callbacks; `options` are those of SGD."""
    noisy = np.where(inputs.normal("flips", shape=(ROWS, 1)) > 0.5, 1.0 - Y, Y)
    model = layered(library, (COLUMNS, 3, 1), head="sigmoid")
    optimizer = library.optimizers.SGD(0.2, **options)
    model.compile(optimizer=optimizer, loss="binary_crossentropy", metrics=["accuracy"])
    return model, model.fit(X, noisy, epochs=30, validation_data=held_out(), callbacks=callbacks, **FIT)


def held_out() -> tuple[np.ndarray, np.ndarray]:
    """Rows without noise, to validate on."""
    rows = inputs.normal("held out", shape=(40, COLUMNS))
    return rows, (rows.sum(-1, keepdims=True) > 0.0).astype(float)


def stopped_early(library: Library, arguments: Mapping[str, Any]) -> Results:
    """What EarlyStopping saw and what it left behind."""
    stopping = library.callbacks.EarlyStopping(**arguments)
    model, history = overfitted(library, [stopping])
    seen = {"stopped epoch": stopping.stopped_epoch, "best epoch": stopping.best_epoch, "best": numpy_of(stopping.best)}
    return told(history) | seen | weights_of(model)


def reduced(library: Library, arguments: Mapping[str, Any]) -> Results:
    """What ReduceLROnPlateau did to the learning rate."""
    model, history = overfitted(library, [library.callbacks.ReduceLROnPlateau(**arguments)])
    return told(history) | {"rate at the end": numpy_of(model.optimizer.learning_rate)} | weights_of(model)


def swapped(library: Library, arguments: Mapping[str, Any]) -> Results:
    """What is measured and what remains with the averages of the weights in place."""
    options = {"use_ema": True, "ema_momentum": 0.8, "ema_overwrite_frequency": arguments.pop("overwrite", None)}
    swap = library.callbacks.SwapEMAWeights(**arguments)
    model, history = overfitted(library, [swap], **options)
    # evaluate and predict with this callback are beyond Keras on JAX: the arrays that it swaps are deleted by then
    return told(history) | weights_of(model)


def with_arguments(play: Callable[..., Results], name: str, arguments: Mapping[str, Any]) -> Scenario:
    """The scenario of a callback with one set of arguments."""
    return Scenario(written(name, arguments), lambda library: play(library, dict(arguments)))


REDUCTIONS: tuple[Mapping[str, Any], ...] = (
    {"patience": 2},
    {"patience": 1, "factor": 0.5, "cooldown": 2},
    {"patience": 2, "factor": 0.3, "min_lr": 0.05},
    {"patience": 1, "factor": 0.5, "min_delta": 0.02},
    {"patience": 3, "factor": 0.5, "monitor": "val_accuracy"},
    {"patience": 1, "factor": 0.8, "monitor": "loss", "mode": "max"},
)
SWAPS: tuple[Mapping[str, Any], ...] = (
    {},
    {"swap_on_epoch": True},
    {"overwrite": 7},
    {"swap_on_epoch": True, "overwrite": 7},
)
SCENARIOS.extend(with_arguments(stopped_early, "EarlyStopping", arguments) for arguments in EARLY_STOPPINGS)
SCENARIOS.extend(with_arguments(reduced, "ReduceLROnPlateau", arguments) for arguments in REDUCTIONS)
SCENARIOS.extend(with_arguments(swapped, "SwapEMAWeights", arguments) for arguments in SWAPS)


# ---- learning rates, files, servers ----


@scenario
def a_scheduler_sets_the_rate_of_each_epoch(library: Library) -> Results:
    scheduler = library.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.7 if epoch else rate)
    model = compiled(library)
    history = model.fit(X, Y, epochs=4, callbacks=[scheduler], **FIT)
    return told(history) | {"rate at the end": numpy_of(model.optimizer.learning_rate)} | weights_of(model)


@scenario
def a_scheduler_may_know_only_the_epoch(library: Library) -> Results:
    scheduler = library.callbacks.LearningRateScheduler(lambda epoch: 0.5 / (epoch + 1))
    return told(compiled(library).fit(X, Y, epochs=3, callbacks=[scheduler], **FIT))


@scenario
def scheduler_and_plateau_work_together(library: Library) -> Results:
    rates = [
        library.callbacks.LearningRateScheduler(lambda epoch, rate: rate if epoch % 2 else 0.5),
        library.callbacks.ReduceLROnPlateau(monitor="loss", mode="max", patience=1, factor=0.5),
    ]
    return told(compiled(library).fit(X, Y, epochs=5, callbacks=rates, **FIT))


def lines_of(path: Path) -> Results:
    """A file of comma-separated values: its header, what is not a number, and the numbers."""
    header, *rows = [line.split(";") for line in path.read_text().splitlines()]
    words = [[cell if cell == "NA" else "" for cell in row] for row in rows]
    numbers = [[np.nan if cell == "NA" else float(cell) for cell in row] for row in rows]
    return {"header": header, "words": words, "numbers": np.array(numbers)}


@scenario
def epochs_are_written_into_a_file(library: Library) -> Results:
    results: Results = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.csv"
        for label, append, options in (
            ("new", False, {"validation_split": 0.3}),
            ("not validated", False, {}),
            ("continued", True, {}),
            ("sometimes validated", False, {"validation_split": 0.3, "validation_freq": 2}),
        ):
            logger = library.callbacks.CSVLogger(str(path), separator=";", append=append)
            compiled(library).fit(X, Y, epochs=3, callbacks=[logger], **options, **FIT)
            results |= {f"{label}/{name}": value for name, value in lines_of(path).items()}
    return results


@scenario
def a_list_of_callbacks_calls_each_of_them(library: Library) -> Results:
    events: list[list[Any]] = []
    callback = witness(library, events, {})
    hooks = library.callbacks.CallbackList([callback], add_history=True, model=compiled(library), epochs=2, steps=3)
    hooks.on_train_begin()
    for epoch in range(2):
        hooks.on_epoch_begin(epoch)
        hooks.on_train_batch_begin(0)
        hooks.on_train_batch_end(0, {"loss": 2.0})
        hooks.on_epoch_end(epoch, {"loss": 1.0})
    hooks.on_train_end({"loss": 1.0})
    kinds = [type(callback).__name__ for callback in hooks.callbacks]
    return {"events": events, "kinds": kinds, "parameters": dict(callback.params)} | told(hooks.callbacks[-1])
