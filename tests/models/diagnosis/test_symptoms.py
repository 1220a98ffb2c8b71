"""What goes wrong in a training is named, and the first fix mends it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kmagic
from kmagic.callbacks import EarlyStopping, LambdaCallback
from kmagic.initializers import Constant
from kmagic.layers import Dense, Input
from kmagic.losses import BinaryCrossentropy, SparseCategoricalCrossentropy
from kmagic.models import Model
from kmagic.optimizers import SGD, Adam
from kmagic.training.run import Run
from tests.models.diagnosis.trainings import Training, classes, codes, finding_of, regression, sequential, watched


@pytest.fixture(autouse=True)
def same_weights() -> None:
    kmagic.utils.set_random_seed(1)


TROUBLED: list[tuple[str, tuple[str, ...], Training]] = []


def troubled(code: str, *says: str) -> Callable[[Training], Training]:
    """A training that goes wrong: the code of its finding, and what the message says."""

    def decorate(make: Training) -> Training:
        TROUBLED.append((code, says, make))
        return make

    return decorate


@troubled("K123", "Loss grew ×", "in the first", "stopped at step", "last good weights (of step 0) restored")
def linear_model_at_a_high_rate() -> Any:
    return sequential(6, Dense(1), optimizer=SGD(1.0)), regression(), {"epochs": 30}


@troubled("K123", "Loss grew ×", "stopped at step", "'price'")
def two_outputs_on_large_features() -> Any:
    x = Input((6,))
    model = Model(x, [Dense(1, name="price")(x), Dense(1, name="size")(x)])
    model.compile(SGD(1.3e-4, momentum=0.3), ["mse", "mse"], loss_weights=[1.0, 0.5], validate=False)
    data, target = regression(scale=100.0)
    return model, (data, [target, -target]), {"epochs": 60}


@troubled("K123", "gave infinity", "had grown ×", "last good weights (of step 0) restored")
def relu_and_plain_descent_at_a_high_rate() -> Any:
    layers = (Dense(32, "relu"), Dense(1))
    return sequential(6, *layers, optimizer=SGD(1.0)), regression(), {"epochs": 30}


@troubled("K220", "'hidden' (relu) gives 0 in all 16 units", "of 128 rows")
def dead_layer() -> Any:
    layers = (Dense(16, "relu", bias_initializer=Constant(-50.0), name="hidden"), Dense(1))
    return sequential(6, *layers), regression(), {"epochs": 30}


@troubled("K220", "'counts' (relu) gives 0 in its only unit")
def dead_output() -> Any:
    layers = (Dense(16, "tanh"), Dense(1, "relu", bias_initializer=Constant(-8.0), name="counts"))
    x, y = classes()
    return sequential(8, *layers, optimizer=Adam(0.01)), (x, 5 * y), {"epochs": 30}


@troubled("K221", "vanishing gradients", "'first'", "has not fallen in the")
def deep_sigmoids() -> Any:
    layers = [Dense(16, "sigmoid", name="first"), *(Dense(16, "sigmoid") for _ in range(7)), Dense(1, "sigmoid")]
    model = sequential(8, *layers, optimizer=SGD(0.1), loss="binary_crossentropy")
    return model, classes(), {"epochs": 30}


@troubled("K221", "vanishing gradients", "'deep_0'")
def functional_model_of_deep_sigmoids() -> Any:
    x = value = Input((8,))
    for number in range(6):
        value = Dense(24, "sigmoid", name=f"deep_{number}")(value)
    model = Model(x, [Dense(1, "sigmoid")(value), Dense(2, "softmax")(value)])
    model.compile(SGD(0.05), ["binary_crossentropy", "sparse_categorical_crossentropy"], validate=False)
    data, y = classes(noise=0.1)
    return model, (data, [y, y.astype("int32")]), {"epochs": 40}


@troubled("K222", "exploding updates", "of their size")
def steps_larger_than_the_weights() -> Any:
    x, y = classes(noise=3.0)
    model = sequential(8, Dense(3), optimizer=SGD(1000.0), loss=SparseCategoricalCrossentropy(from_logits=True))
    return model, (x, y.astype("int32")), {"epochs": 20}


@troubled("K222", "exploding updates", "of their size")
def recurring_large_steps() -> Any:
    model = sequential(8, Dense(1), optimizer=SGD(2000.0), loss=BinaryCrossentropy(from_logits=True))
    x, y = classes(noise=6.0)
    return model, (x, y), {"epochs": 20}


@troubled("K223", "has not fallen in the", "learning rate is 1e-09")
def frozen_by_a_tiny_rate() -> Any:
    return sequential(6, Dense(16, "relu"), Dense(1), optimizer=Adam(1e-9)), regression(), {"epochs": 8}


@troubled("K223", "learning rate is 1e-10")
def frozen_logistic_regression() -> Any:
    model = sequential(8, Dense(1, "sigmoid"), optimizer=SGD(1e-10), loss="binary_crossentropy")
    return model, classes(), {"epochs": 8}


@troubled("K223", "has not fallen in the", "the predictions are the same for every row", "the targets by")
def features_too_small_to_tell_rows_apart() -> Any:
    x, y = regression()
    return sequential(6, Dense(1), optimizer=Adam(0.1)), (x * 1e-5, y + 5), {"epochs": 60}


@troubled("K224", "overfitting", "was lowest in epoch", "EarlyStopping")
def wide_model_on_few_rows() -> Any:
    layers = (Dense(128, "relu"), Dense(128, "relu"), Dense(1, "sigmoid"))
    data = classes(80, noise=3.0, columns=40)
    return sequential(40, *layers, loss="binary_crossentropy"), data, {"epochs": 60, "validation_split": 0.4}


@troubled("K224", "overfitting", "was lowest in epoch")
def functional_model_of_logits() -> Any:
    x = Input((30,))
    model = Model(x, Dense(1)(Dense(64, "tanh")(x)))
    model.compile(Adam(0.01), BinaryCrossentropy(from_logits=True), validate=False)
    return model, classes(60, 2.0, 30), {"epochs": 60, "validation_data": classes(60, 2.0, 30, seed=1)}


@troubled("K225", "makes it worse", "first batch")
def overshooting_for_good() -> Any:
    layers = (Dense(16, "relu"), Dense(16, "relu"), Dense(1))
    return sequential(6, *layers, optimizer=Adam(30.0)), regression(), {"epochs": 30}


@troubled("K225", "makes it worse")
def classes_at_a_rate_of_a_thousand() -> Any:
    return steps_larger_than_the_weights()


@troubled("K226", "'hidden' (tanh) is at its ends in all 16 units", "has not fallen")
def saturated_tanh() -> Any:
    layers = (Dense(16, "tanh", bias_initializer=Constant(40.0), name="hidden"), Dense(1, "sigmoid"))
    return sequential(8, *layers, loss="binary_crossentropy"), classes(), {"epochs": 30}


@troubled("K226", "(sigmoid) is at its ends")
def saturated_sigmoids() -> Any:
    x = Input((6,))
    hidden = Dense(8, "sigmoid", bias_initializer=Constant(-30.0))(x)
    model = Model(x, [Dense(1)(hidden), Dense(1)(hidden)])
    model.compile(Adam(0.01), "mse", validate=False)
    data, y = regression()
    return model, (data, [y, 2 * y]), {"epochs": 30}


@pytest.mark.parametrize(("code", "says", "make"), TROUBLED, ids=[f"{c} {m.__name__}" for c, _, m in TROUBLED])
def test_trouble_is_named(code: str, says: tuple[str, ...], make: Training) -> None:
    model, data, options = make()
    run = watched(model, data, **options)
    assert code in codes(run), [str(finding) for finding in run.findings]
    found = finding_of(run, code)
    assert all(text in str(found) for text in says), str(found)
    assert found.severity == ("error" if code == "K123" else "warning")
    assert len(set(codes(run))) == len(codes(run))
    assert run.findings == run._history.findings


def mended(make: Training, code: str, number: int, by_code: bool) -> tuple[Run, float]:
    """A fresh training of the same kind, mended by a fix after it went wrong; and the loss where it went wrong."""
    model, data, options = make()
    found = finding_of(watched(model, data, **options), code).fixes[number]
    start = model.evaluate(*data, verbose=0, return_dict=True)["loss"]
    if by_code:
        names = {"model": model, "x": data[0], "y": data[1], "kmagic": kmagic, "numpy": np}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(found.code, names | {part.__name__: part for part in (SGD, Adam, BinaryCrossentropy)})
        if not model.compiled:
            model.compile(model.recipe.optimizer, model.loss)
        return watched(model, data, **options), start
    case = found.apply()
    return watched(case.model, data, **{**options, "callbacks": case.options.callbacks}), start


UNMENDED = ("K222", "K224", "K225")  # tested apart, below
WITHOUT_FIX = [features_too_small_to_tell_rows_apart]  # what to do depends on the data
MENDED = [(code, make) for code, _, make in TROUBLED if code not in UNMENDED and make not in WITHOUT_FIX]


@pytest.mark.parametrize("by_code", [False, True], ids=["applied", "executed"])
@pytest.mark.parametrize(("code", "make"), MENDED, ids=[f"{c} {m.__name__}" for c, m in MENDED])
def test_the_first_fix_mends_it(code: str, make: Training, by_code: bool) -> None:
    run, start = mended(make, code, 0, by_code)
    losses = run._history.history["loss"]
    assert run.status == "done" and losses[-1] < start and losses[-1] < losses[0]
    assert code not in codes(run)


def test_clipping_is_offered_too_and_trains_on() -> None:
    run, start = mended(linear_model_at_a_high_rate, "K123", 1, by_code=False)
    assert run.status == "done" and run._history.history["loss"][-1] < start


def test_stopping_early_keeps_the_best_epoch() -> None:
    for make in (wide_model_on_few_rows, functional_model_of_logits):
        model, data, options = make()
        options |= {"callbacks": [LambdaCallback()]}
        first = watched(model, data, **options)
        fix = finding_of(first, "K224").fixes[0]
        assert fix.code.endswith("callbacks=[callbacks[0], " + STOP) and "model.fit(x, y, epochs=60, " in fix.code
        mended_options = fix.apply().options
        assert [type(callback) for callback in mended_options.callbacks] == [LambdaCallback, EarlyStopping]
        again, data, options = make()
        run = watched(again, data, **{**options, "callbacks": mended_options.callbacks})
        best = min(run._history.history["val_loss"])
        assert len(run._history.epoch) < 60 and "K224" not in codes(run)[1:]
        held_out = options.get("validation_data") or (data[0][-32:], data[1][-32:])
        assert again.evaluate(*held_out, verbose=0) == pytest.approx(best, rel=1e-4)


STOP = "kmagic.callbacks.EarlyStopping(patience=5, restore_best_weights=True)])"


def test_a_smaller_rate_mends_jumps_and_rises() -> None:
    for code, make in (("K222", recurring_large_steps), ("K225", overshooting_for_good)):
        model, data, options = make()
        before = watched(model, data, **options)
        case = finding_of(before, code).fixes[0].apply()
        rate = float(model.optimizer.learning_rate)
        assert rate == pytest.approx(float(make()[0].optimizer.learning_rate) / 10)
        case.model.set_weights([0.01 * weight for weight in case.model.get_weights()])
        losses = watched(case.model, data, **options)._history.history["loss"]
        assert losses[-1] < before._history.history["loss"][-1]
