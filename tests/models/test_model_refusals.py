"""Bad input: each mistake is named with its fix, nothing has changed after it, and the model still trains."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kmagic.base.errors import (
    BadData,
    BadType,
    BadValue,
    KmagicError,
    NotCompiled,
    NotFinite,
    UnknownName,
)
from kmagic.callbacks import LambdaCallback
from kmagic.layers import Dense
from kmagic.losses import SparseCategoricalCrossentropy
from kmagic.models import Sequential
from kmagic.optimizers import SGD

GENERATOR = np.random.default_rng(21)
X = GENERATOR.normal(size=(40, 5)).astype("float32")
Y = GENERATOR.integers(0, 2, 40)
CLASSES = GENERATOR.integers(0, 3, 40)


def binary() -> Sequential:
    model = Sequential([Dense(4, "relu", input_dim=5), Dense(1, "sigmoid")], name="m")
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model


def classes(loss: Any = "sparse_categorical_crossentropy") -> Sequential:
    model = Sequential([Dense(3, "softmax", input_dim=5)], name="m")
    model.compile("adam", loss)
    return model


def spoiled(array: np.ndarray, place: Any, value: float) -> np.ndarray:
    result = array.astype("float32")
    result[place] = value
    return result


def state(model: Sequential) -> list[np.ndarray]:
    """Everything that training changes."""
    trackers = [variable for metric in model.metrics for variable in metric.variables]
    return [*model.get_weights(), *(v.numpy() for v in [*model.optimizer.variables, *trackers])]


def check_unchanged(model: Sequential, before: list[np.ndarray], recipe: Any) -> None:
    after = state(model)
    assert len(after) == len(before) and model.recipe is recipe
    for ours, theirs in zip(before, after, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def check_refused(
    model: Sequential, kind: type[Exception], words: str, fix: str | None, call: Callable[[], Any], y: Any
) -> None:
    """The error says what is wrong; nothing has changed; the model still trains."""
    model.fit(X, y, verbose=0)
    before, recipe, history = state(model), model.recipe, model.history
    with pytest.raises(kind) as caught:
        call()
    assert isinstance(caught.value, KmagicError) and len(str(caught.value).splitlines()) <= 4
    assert words in str(caught.value)
    assert fix is None or fix in str(caught.value.fix)
    check_unchanged(model, before, recipe)
    assert model.history is history
    assert np.isfinite(model.fit(X, y, verbose=0).history["loss"]).all()


FRAME = pd.DataFrame({"a": [1.0] * 40, "b": ["Thor"] * 40, "c": 0.0, "d": 0.0, "e": 0.0})

BINARY: dict[str, tuple[type[Exception], str, str | None, Callable[[Sequential], Any]]] = {
    "too few features": (
        BadData,
        "(40, 4), the model wants rows of 5 features",
        "set_input(model, (4,))",
        lambda m: m.fit(X[:, :4], Y),
    ),
    "one sample": (BadData, "[5]", "x[None]", lambda m: m.predict(X[0])),
    "too many axes": (BadData, "(40, 1, 5)", "x.reshape(len(x), 5)", lambda m: m.fit(X[:, None], Y)),
    "lengths": (BadData, "x has 40 rows, y has 39", "x, y = x[:39], y[:39]", lambda m: m.fit(X, Y[:39])),
    "weights' length": (BadData, "sample_weight has 3", None, lambda m: m.fit(X, Y, sample_weight=np.ones(3))),
    "no rows": (BadData, "x has 0 rows", None, lambda m: m.fit(X[:0], Y[:0])),
    "no targets": (BadData, "y is missing", "model.fit(x, y)", lambda m: m.fit(X)),
    "text targets": (
        BadData,
        "y holds text: 'no', 'yes'",
        "MapLabels(labels=['no', 'yes'])",
        lambda m: m.fit(X, np.where(Y, "yes", "no")),
    ),
    "text column": (BadData, "column 'b' of x holds text: 'Thor'", "OneHotColumns", lambda m: m.fit(FRAME, Y)),
    "objects": (BadData, "x holds object", None, lambda m: m.fit(np.full((40, 5), None), Y)),
    "NaN features": (
        BadData,
        "x holds 1 NaN: row 7, column 2",
        "isfinite(x)",
        lambda m: m.fit(spoiled(X, (7, 2), np.nan), Y),
    ),
    "infinite features": (
        BadData,
        "x holds 1 infinite value: row 0",
        None,
        lambda m: m.fit(spoiled(X, (0, 0), np.inf), Y),
    ),
    "NaN targets": (BadData, "y holds 1 NaN: row 3", "isfinite(y)", lambda m: m.fit(X, spoiled(Y, 3, np.nan))),
    "signs": (BadData, "targets are -1 and 1", "y = (y + 1) / 2", lambda m: m.fit(X, Y * 2 - 1)),
    "classes for one output": (
        BadData,
        "targets are 0 … 2",
        "Dense(3, activation='softmax')",
        lambda m: m.fit(X, np.arange(40) % 3),
    ),
    "one-hot for one output": (
        BadData,
        "targets are one-hot rows of 2 (shape (40, 2)), the output has 1 unit",
        "y = numpy.argmax(y, -1)",
        lambda m: m.fit(X, np.eye(2)[Y]),
    ),
    "batch size 0": (BadValue, "batch_size is 0", None, lambda m: m.fit(X, Y, batch_size=0)),
    "batch size of text": (BadValue, "batch_size is '32'", None, lambda m: m.fit(X, Y, batch_size="32")),
    "half a batch": (BadValue, "batch_size is 1.5", None, lambda m: m.fit(X, Y, batch_size=1.5)),
    "epochs -1": (BadValue, "epochs is -1", None, lambda m: m.fit(X, Y, epochs=-1)),
    "epochs of text": (BadValue, "epochs is '3'", None, lambda m: m.fit(X, Y, epochs="3")),
    "initial epoch": (BadValue, "initial_epoch is -2", None, lambda m: m.fit(X, Y, initial_epoch=-2)),
    "all held out": (BadValue, "validation_split is 1.0", None, lambda m: m.fit(X, Y, validation_split=1.0)),
    "negative split": (BadValue, "validation_split is -0.1", None, lambda m: m.fit(X, Y, validation_split=-0.1)),
    "nothing left": (BadData, "leaves none to train on", None, lambda m: m.fit(X[:1], Y[:1], validation_split=0.5)),
    "validation x alone": (BadType, "validation_data", "", lambda m: m.fit(X, Y, validation_data=X)),
    "validation shape": (
        BadData,
        "data: x has shape (40, 2)",
        None,
        lambda m: m.fit(X, Y, validation_data=(X[:, :2], Y)),
    ),
    "validation length": (BadData, "y has 2", None, lambda m: m.fit(X, Y, validation_data=(-X, Y[:2]))),
    "validation frequency": (
        BadValue,
        "validation_freq is 0",
        None,
        lambda m: m.fit(X, Y, validation_data=(-X, Y), validation_freq=0),
    ),
    "verbose": (BadValue, "verbose is 7", None, lambda m: m.fit(X, Y, verbose=7)),
    "verbose of evaluate": (BadValue, "verbose is 'loud'", None, lambda m: m.evaluate(X, Y, verbose="loud")),
    "verbose of predict": (BadValue, "verbose is 'loud'", None, lambda m: m.predict(X, verbose="loud")),
    "callbacks": (BadType, "is no callback", None, lambda m: m.fit(X, Y, callbacks=["stop"])),
    "class weights by name": (BadType, "the key 'a'", "{0: 1.0", lambda m: m.fit(X, Y, class_weight={"a": 1.0})),
    "class weights of sequences": (
        BadData,
        "class_weight, and y has 3 axes",
        None,
        lambda m: m.fit(X, np.zeros((len(X), 2, 3)), class_weight={0: 1.0}, validate=False),
    ),
    "two weights": (
        BadValue,
        "both given",
        None,
        lambda m: m.fit(X, Y, class_weight={0: 1.0}, sample_weight=np.ones(40)),
    ),
    "several inputs": (BadType, "one input", None, lambda m: m.fit([X, X], Y)),
    "evaluate": (BadData, "[n 4]", None, lambda m: m.evaluate(X[:, :4], Y)),
    "train_on_batch": (BadData, "x holds 1 NaN", None, lambda m: m.train_on_batch(spoiled(X, (0, 0), np.nan), Y)),
    "optimizer": (UnknownName, "unknown optimizer 'adamm'", "'adam'", lambda m: m.compile("adamm", "mse")),
    "loss": (
        UnknownName,
        "unknown loss 'binary_crosentropy'",
        "binary_crossentropy",
        lambda m: m.compile("adam", "binary_crosentropy"),
    ),
    "metric": (
        UnknownName,
        "unknown metric 'acuracy'",
        "accuracy",
        lambda m: m.compile("adam", "mse", metrics=["acuracy"]),
    ),
    "weighted metric": (
        UnknownName,
        "unknown metric 'maee'",
        "mae",
        lambda m: m.compile("adam", "mse", weighted_metrics=["maee"]),
    ),
    "several losses": (BadValue, "loss has 2 entries", None, lambda m: m.compile("adam", ["mse", "mae"])),
    "no optimizer": (BadValue, "no optimizer", "rmsprop", lambda m: m.compile(None, "mse")),
    "optimizer of another kind": (BadType, "5 is no optimizer", None, lambda m: m.compile(5, "mse")),
    "loss of an output that is not there": (
        BadValue,
        "loss has the key 'a'",
        None,
        lambda m: m.compile("adam", {"a": "mse"}),
    ),
    "weights that are no numbers": (
        BadType,
        "loss_weights is ['much']",
        "[1.0, 0.5]",
        lambda m: m.compile("adam", "mse", loss_weights=["much"]),
    ),
    "no number of steps": (
        BadValue,
        "steps_per_execution is 0",
        None,
        lambda m: m.compile("adam", "mse", steps_per_execution=0),
    ),
}


@pytest.mark.parametrize("mistake", BINARY)
def test_mistakes_with_two_classes(mistake: str) -> None:
    kind, words, fix, call = BINARY[mistake]
    model = binary()
    check_refused(model, kind, words, fix, lambda: call(model), Y)


ONE_HOT = np.eye(3)[CLASSES]
SEVERAL: dict[str, tuple[Any, Any, Any, str, str]] = {
    "one-hot for numbers": (
        None,
        CLASSES,
        ONE_HOT,
        "targets are one-hot rows (shape (40, 3))",
        "categorical_crossentropy",
    ),
    "label too large": (None, CLASSES, CLASSES + 1, "targets are 1 … 3", "y = y - 1"),
    "label far too large": (None, CLASSES, CLASSES * 4, "targets are 0 … 8", "[0, 4, 8].index"),
    "label below 0": (None, CLASSES, CLASSES - 1, "label -1 in 17 of 40 targets", "ignore_class=-1"),
    "fractions": (None, CLASSES, CLASSES / 2 + 0.25, "targets have fractions (such as 0.25)", "index"),
    "numbers for one-hot": (
        "categorical_crossentropy",
        ONE_HOT,
        CLASSES,
        "targets are class numbers",
        "sparse_categorical_crossentropy",
    ),
    "one column for many": (
        "mse",
        ONE_HOT,
        CLASSES[:, None],
        "targets are one number each (shape (40, 1)), the output has 3 units",
        "loss='sparse_categorical_crossentropy'",
    ),
}


@pytest.mark.parametrize("mistake", SEVERAL)
def test_mistakes_with_several_classes(mistake: str) -> None:
    loss, good, bad, words, fix = SEVERAL[mistake]
    model = classes(loss or SparseCategoricalCrossentropy())
    check_refused(model, BadData, words, fix, lambda: model.fit(X, bad, verbose=0), good)


def test_one_hot_of_the_wrong_width_names_both_shapes() -> None:
    model = classes("categorical_crossentropy")
    with pytest.raises(ValueError, match=r"one-hot rows of 4 \(shape \(40, 4\)\), the output has 3 units"):
        model.fit(X, np.eye(4)[CLASSES], verbose=0)


@pytest.mark.parametrize("what", ["fit", "evaluate", "train_on_batch", "test_on_batch"])
def test_compile_comes_first(what: str) -> None:
    model = Sequential([Dense(1, input_dim=5)], name="m")
    with pytest.raises(NotCompiled, match=rf"m: You must call `compile\(\)` before `{what}\(\)`") as caught:
        getattr(model, what)(X, Y)
    assert caught.value.fix == "model.compile(optimizer='rmsprop', loss='mse')"
    assert model.predict(X, verbose=0).shape == (40, 1)


def test_fit_wants_a_loss() -> None:
    model = Sequential([Dense(1, input_dim=5)])
    model.compile("adam")
    with pytest.raises(ValueError, match="no loss to compute") as caught:
        model.fit(X, Y, verbose=0)
    assert "fix: model.compile(optimizer='adam', loss='mse')" in str(caught.value)


@pytest.mark.parametrize("option", ["epoch", "batchsize", "validation_splt"])
def test_unknown_options_of_fit_are_refused(option: str) -> None:
    with pytest.raises(TypeError, match=option):
        binary().fit(X, Y, **{option: 1})


@pytest.mark.filterwarnings("ignore::kmagic.models.diagnosis.DiagnosisWarning")
@pytest.mark.parametrize("validate", ["warn", False])
def test_too_high_a_learning_rate_keeps_the_last_good_weights(validate: Any) -> None:
    """Those of the last good step; where the training is watched, those from before the loss began to explode."""
    model = Sequential([Dense(8, input_dim=5, name="first"), Dense(1, name="last")], name="m")
    model.compile(SGD(1e3), "mse", validate=False)
    seen: list[list[np.ndarray]] = []

    def remember(event: Any) -> None:
        if type(event).__name__ == "StepsBegin":
            seen.append([variable.numpy() for variable in model.weights])

    each_batch = LambdaCallback(on_train_batch_end=lambda batch, logs: None)
    run = model.fit_async(
        X, Y, epochs=50, batch_size=10, verbose=0, callbacks=[each_batch], validate=validate, listeners=[remember]
    ).wait()
    assert run.status == "failed" and isinstance(run.error, NotFinite)
    text = str(run.error)
    assert "epoch " in text and "step " in text and ("layer 'm" in text or "the loss" in text)
    assert "a tenth of the learning rate" in str(run.error.fix)
    assert ("last good weights (of step 0) restored" if validate else "weights of the last good step") in text
    for variable, before in zip(model.weights, seen[0 if validate else -1], strict=True):
        np.testing.assert_array_equal(variable.numpy(), before)
        assert np.isfinite(variable.numpy()).all()
    with pytest.raises(NotFinite):
        _ = run.history
    model.set_weights([np.zeros_like(w) for w in model.get_weights()])
    model.optimizer.learning_rate = 1e-3
    assert np.isfinite(model.fit(X, Y, verbose=0).history["loss"]).all()
