"""Three epochs of training without shuffling, in float64 and in float32."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .. import inputs
from ..area import Area, Arguments, Library, Results
from ..scenarios import weights_of
from ..small_models import layered


@dataclass(frozen=True)
class TrainingCase:
    """A model, its data and how it is fitted, three epochs without shuffling."""

    name: str
    optimizer: str
    optimizer_arguments: Arguments
    columns: int
    units: tuple[int, int]
    head: str
    targets: str
    loss: str
    samples: int
    fit: Arguments
    class_weight: Mapping[int, float] | None = None
    weighted: bool = False


AVENGERS: Arguments = {
    "columns": 100,
    "units": (32, 1),
    "head": "sigmoid",
    "targets": "column of zeros and ones",
    "loss": "binary_crossentropy",
    "samples": 500,
}
# Recordings stay small: only the defaults train the whole size.
FEWER_COLUMNS: Arguments = {**AVENGERS, "columns": 20}
SOFTMAX: Arguments = {
    "columns": 20,
    "units": (16, 10),
    "head": "softmax",
    "targets": "classes",
    "loss": "sparse_categorical_crossentropy",
    "samples": 333,
}
# Learning rates at which three epochs move the weights well away from where they began.
LEARNING_RATES = {"SGD": 0.1, "RMSprop": 0.003, "Adam": 0.003, "Adamax": 0.003, "Adagrad": 0.03}
# Those that train one of the models only.
FURTHER_LEARNING_RATES = {
    "AdamW": 0.003,
    "Nadam": 0.003,
    "Adadelta": 1.0,
    "Ftrl": 0.1,
    "Lion": 0.001,
    "Lamb": 0.01,
    "Adafactor": 0.03,
    "Muon": 0.01,
    "ScheduleFreeAdamW": 0.01,
}
EPOCHS = 3
SPLIT: Arguments = {"batch_size": 32, "validation_split": 0.2}

TRAININGS = tuple(
    TrainingCase(f"{model}, {optimizer}", optimizer, {"learning_rate": rate}, fit=SPLIT, **arguments)
    for model, arguments in (("avengers", FEWER_COLUMNS), ("softmax", SOFTMAX))
    for optimizer, rate in (LEARNING_RATES | (FURTHER_LEARNING_RATES if model == "softmax" else {})).items()
) + (
    TrainingCase("avengers, defaults", "RMSprop", {}, fit={"validation_split": 0.2}, **AVENGERS),
    TrainingCase(
        "avengers, class weights",
        "RMSprop",
        {"learning_rate": 0.003},
        fit=SPLIT,
        class_weight={0: 0.5, 1: 2.0},
        **FEWER_COLUMNS,
    ),
    TrainingCase(
        "avengers, sample weights", "Adam", {"learning_rate": 0.003}, fit=SPLIT, weighted=True, **FEWER_COLUMNS
    ),
    TrainingCase(
        "softmax, class weights", "Adam", {"learning_rate": 0.003}, fit=SPLIT, class_weight={0: 3.0, 7: 0.25}, **SOFTMAX
    ),
    TrainingCase("softmax, sample weights", "SGD", {"learning_rate": 0.1}, fit=SPLIT, weighted=True, **SOFTMAX),
    TrainingCase(
        "softmax, averaged weights",
        "SGD",
        {"learning_rate": 0.1, "use_ema": True, "ema_momentum": 0.9},
        fit=SPLIT,
        **SOFTMAX,
    ),
    TrainingCase("softmax, one batch", "SGD", {"learning_rate": 0.1}, fit={"batch_size": 1000}, **SOFTMAX),
)


def training_data(case: TrainingCase) -> tuple[np.ndarray, np.ndarray]:
    """Normal features; labels that follow a random direction of them, with noise."""
    x = inputs.normal("training", case.columns, shape=(case.samples, case.columns))
    outputs = case.units[-1]
    scores = x @ inputs.normal("direction", case.columns, shape=(case.columns, outputs))
    scores += inputs.normal("noise", case.columns, shape=scores.shape, scale=2.0)
    labels = (scores > 0.0).astype(float) if outputs == 1 else scores.argmax(-1)
    return x.astype(np.float32), labels


def training(library: Library, case: TrainingCase) -> Results:
    """Weights and history after three epochs from given weights, batches in order."""
    model = layered(library, (case.columns, *case.units), hidden="relu", head=case.head)
    optimizer = getattr(library.optimizers, case.optimizer)(**case.optimizer_arguments)
    model.compile(optimizer=optimizer, loss=case.loss, metrics=["accuracy"])
    x, y = training_data(case)
    history = model.fit(
        x,
        y,
        epochs=EPOCHS,
        shuffle=False,
        verbose=0,
        **case.fit,
        class_weight=None if case.class_weight is None else dict(case.class_weight),
        sample_weight=inputs.sample_weights(case.samples) if case.weighted else None,
    )
    curves = {f"history/{name}": np.array(values) for name, values in history.history.items()}
    return weights_of(model, "weights") | curves


AREAS = (
    Area("training in float64", TRAININGS, training),
    Area("training in float32", TRAININGS, training, floatx="float32"),
)
