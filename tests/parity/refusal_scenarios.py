"""What is refused, and with which built-in exception: the one that Keras users catch."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

import numpy as np

from .scenarios import COLUMNS, FIT, WEIGHTS, Library, Scenario, X, Y, compiled
from .small_models import layered


def uncompiled(library: Library) -> Any:
    """The small model, not compiled."""
    return layered(library, (COLUMNS, 3, 1), head="sigmoid")


def two_weights(library: Library) -> Any:
    """A fit with weights of samples and of classes at once."""
    return compiled(library).fit(X, Y, sample_weight=WEIGHTS, class_weight={0: 1.0, 1: 2.0}, **FIT)


def unknown_loss(library: Library) -> Any:
    """A fit with a misspelt loss: Keras only reads the name then."""
    model = uncompiled(library)
    model.compile(optimizer="adam", loss="mean_square_error")
    return model.fit(X, Y, **FIT)


def scheduled_twice(library: Library, callback: Any) -> Any:
    """A fit in which a callback sets the rate that a schedule computes."""
    model = uncompiled(library)
    model.compile(optimizer=library.optimizers.SGD(library.optimizers.schedules.CosineDecay(0.5, 999)), loss="mse")
    return model.fit(X, Y, epochs=4, callbacks=[callback], **FIT)


REFUSED: dict[str, Callable[[Library], Any]] = {
    "fit before compile": lambda library: uncompiled(library).fit(X, Y, **FIT),
    "evaluate before compile": lambda library: uncompiled(library).evaluate(X, Y, verbose=0),
    "x and y of different lengths": lambda library: compiled(library).fit(X, Y[:-1], **FIT),
    "rows of the wrong width": lambda library: compiled(library).fit(X[:, :-1], Y, **FIT),
    "predicting rows of the wrong width": lambda library: compiled(library).predict(X[:, :-1], verbose=0),
    "text as data": lambda library: compiled(library).fit(X.astype(str), Y, **FIT),
    "weights of samples and of classes": two_weights,
    "an unknown optimizer": lambda library: uncompiled(library).compile(optimizer="adamm", loss="mse"),
    "an unknown loss": unknown_loss,
    "an unknown metric": lambda library: compiled(library, metrics=("accuarcy",)).fit(X, Y, **FIT),
    "an unknown activation": lambda library: library.layers.Dense(3, activation="relo"),
    "an unknown argument of a layer": lambda library: library.layers.Dense(3, unit=4),
    "no units": lambda library: library.layers.Dense(0),
    "a negative dropout": lambda library: library.layers.Dropout(-0.1),
    "a dropout above one": lambda library: library.layers.Dropout(1.5),
    "the old name of the learning rate": lambda library: library.optimizers.SGD(lr=0.1),
    "a momentum above one": lambda library: library.optimizers.SGD(momentum=1.5),
    "two ways of clipping": lambda library: library.optimizers.SGD(clipnorm=1.0, clipvalue=1.0),
    "accumulating one gradient": lambda library: library.optimizers.SGD(gradient_accumulation_steps=1),
    "an unknown reduction": lambda library: library.losses.MeanSquaredError(reduction="median"),
    "labels with too few columns": lambda library: library.losses.CategoricalCrossentropy()(np.ones((3, 4)), X[:3, :3]),
    "too few arrays of weights": lambda library: compiled(library).set_weights([np.ones((COLUMNS, 3))]),
    "weights of the wrong shape": lambda library: compiled(library).layers[0].set_weights([np.ones(2), np.ones(3)]),
    "a layer that is not there": lambda library: compiled(library).get_layer("tail"),
    "adding what is no layer": lambda library: library.models.Sequential().add("dense"),
    "a scheduler beside a schedule": lambda library: scheduled_twice(
        library, library.callbacks.LearningRateScheduler(lambda epoch, rate: 0.1)
    ),
    "a plateau beside a schedule": lambda library: scheduled_twice(
        library, library.callbacks.ReduceLROnPlateau(monitor="loss", mode="max", patience=1)
    ),
    "a plateau that reduces nothing": lambda library: library.callbacks.ReduceLROnPlateau(factor=1.0),
    "averages that are not kept": lambda library: compiled(library).fit(
        X, Y, validation_split=0.3, callbacks=[library.callbacks.SwapEMAWeights()], **FIT
    ),
    "a schedule of whole numbers": lambda library: compiled(library).fit(
        X, Y, callbacks=[library.callbacks.LearningRateScheduler(lambda epoch: 1)], **FIT
    ),
    "a monitored value without a direction": lambda library: compiled(library).fit(
        X, Y, callbacks=[library.callbacks.EarlyStopping(monitor="nowhere")], **FIT
    ),
    "a reshape that does not fit": lambda library: library.layers.Reshape((5, 7))(X),
}


def refusal(library: Library, attempt: Callable[[Library], Any]) -> list[str]:
    """The built-in exceptions that an attempt's error can be caught as."""
    try:
        attempt(library)
    except Exception as error:
        return [kind.__name__ for kind in type(error).__mro__ if getattr(builtins, kind.__name__, None) is kind]
    return []


def refused(label: str, attempt: Callable[[Library], Any]) -> Scenario:
    """The scenario of one attempt."""
    return Scenario(f"refused: {label}", lambda library: {"raised": refusal(library, attempt)})


SCENARIOS = [refused(label, attempt) for label, attempt in REFUSED.items()]
