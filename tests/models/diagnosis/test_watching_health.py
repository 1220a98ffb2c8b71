"""Trainings that go well stay without a word, however they look in between."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kmagic
from kmagic.layers import (
    LSTM,
    Add,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Input,
    Layer,
    MaxPooling2D,
)
from kmagic.models import Model, Sequential
from kmagic.models.diagnosis import Case, Finding
from kmagic.models.diagnosis.policy import Policy
from kmagic.models.diagnosis.watching import Watch
from kmagic.models.rows import rows_of
from kmagic.optimizers import SGD, Adam, RMSprop
from kmagic.regularizers import L1
from kmagic.training.events import EpochEnd, Event
from tests.models.diagnosis.trainings import Training, classes, regression, sequential, watched


@pytest.fixture(autouse=True)
def same_weights() -> None:
    kmagic.utils.set_random_seed(1)


HEALTHY: list[Training] = []


def healthy(make: Training) -> Training:
    """A training that nothing is to be said of."""
    HEALTHY.append(make)
    return make


@healthy
def small() -> Any:
    return sequential(6, Dense(16, "relu"), Dense(1)), regression(64), {"epochs": 10, "batch_size": 8}


@healthy
def noisy_regression() -> Any:
    options = {"epochs": 60, "validation_split": 0.2}
    return sequential(6, Dense(4, "relu"), Dense(1)), regression(noise=4.0), options


@healthy
def noisy_classes() -> Any:
    model = sequential(8, Dense(8, "relu"), Dense(1, "sigmoid"), loss="binary_crossentropy")
    return model, classes(noise=5.0), {"epochs": 40}


@healthy
def high_rate_of_adam() -> Any:
    layers = (Dense(32, "relu"), Dense(32, "relu"), Dense(1))
    return sequential(6, *layers, optimizer=Adam(0.1)), regression(), {"epochs": 30}


@healthy
def overshooting_rmsprop_that_comes_back() -> Any:
    layers = (Dense(64, "relu"), Dense(64, "relu"), Dense(1))
    return sequential(6, *layers, optimizer=RMSprop(0.1)), regression(), {"epochs": 30}


@healthy
def plain_descent_at_a_rate_of_one() -> Any:
    model = sequential(8, Dense(16, "tanh"), Dense(1, "sigmoid"), optimizer=SGD(1.0), loss="binary_crossentropy")
    return model, classes(), {"epochs": 30}


@healthy
def clipped_descent() -> Any:
    layers = (Dense(16, "relu"), Dense(1))
    return sequential(6, *layers, optimizer=SGD(0.1, clipnorm=1.0)), regression(), {"epochs": 30}


@healthy
def dropout_and_weight_decay() -> Any:
    layers = (Dense(32, "relu", kernel_regularizer="l2"), Dropout(0.5), Dense(1))
    return sequential(6, *layers), regression(), {"epochs": 30, "validation_split": 0.2}


@healthy
def many_units_held_at_zero() -> Any:
    layers = (Dense(64, "relu", kernel_regularizer=L1(0.05), activity_regularizer=L1(0.01)), Dense(1))
    return sequential(6, *layers), regression(), {"epochs": 60}


@healthy
def large_features_and_adam() -> Any:
    return sequential(6, Dense(32, "relu"), Dense(1)), regression(scale=100.0), {"epochs": 30}


@healthy
def margins_that_are_all_kept() -> Any:
    x, y = classes(noise=0.0)
    model = sequential(8, Dense(16, "relu"), Dense(1), loss="hinge", optimizer=Adam(0.01))
    return model, (x, 2 * y - 1), {"epochs": 40}


@healthy
def labels_without_sense() -> Any:
    generator = np.random.default_rng(0)
    model = sequential(20, Dense(32, "relu"), Dense(10, "softmax"), loss="sparse_categorical_crossentropy")
    return model, (generator.random((600, 20)).astype("float32"), generator.integers(0, 10, 600)), {"epochs": 10}


@healthy
def three_layers_of_sigmoids() -> Any:
    layers = (Dense(16, "sigmoid"), Dense(16, "sigmoid"), Dense(1))
    return sequential(6, *layers, optimizer=Adam(0.01)), regression(), {"epochs": 30}


@healthy
def two_outputs() -> Any:
    x = Input((6,))
    hidden = Dense(16, "relu")(x)
    model = Model(x, [Dense(1, name="a")(hidden), Dense(1, "sigmoid", name="b")(hidden)])
    model.compile("adam", ["mse", "binary_crossentropy"], validate=False)
    data, y = regression()
    return model, (data, [y, (y > 0).astype("float32")]), {"epochs": 20, "validation_split": 0.2}


@healthy
def recurrent_model_that_begins_slowly() -> Any:
    generator = np.random.default_rng(0)
    words = generator.integers(0, 50, (300, 12))
    model = sequential(12, Embedding(50, 8), LSTM(8), Dense(1, "sigmoid"), loss="binary_crossentropy")
    return model, (words, (words[:, 0] > 25).astype("float32")), {"epochs": 12}


@healthy
def residual_blocks_that_begin_as_nothing() -> Any:
    x = Input((6,))
    value = Dense(16, "relu")(x)
    for _ in range(4):
        value = Add()([value, Dense(16, kernel_initializer="zeros")(Dense(16, "relu")(value))])
    model = Model(x, Dense(1)(value))
    model.compile("adam", "mse", validate=False)
    return model, regression(), {"epochs": 15}


@healthy
def convolutions_with_normalization() -> Any:
    generator = np.random.default_rng(0)
    x = generator.normal(size=(200, 8, 8, 3)).astype("float32")
    layers = (Conv2D(4, 3, activation="relu"), BatchNormalization(), MaxPooling2D(), Flatten(), Dense(1, "sigmoid"))
    model = Sequential([Input((8, 8, 3)), *layers])
    model.compile("adam", "binary_crossentropy", validate=False)
    return model, (x, (x.mean((1, 2, 3)) > 0).astype("float32")), {"epochs": 10}


@healthy
def rare_positives() -> Any:
    generator = np.random.default_rng(0)
    x = generator.normal(size=(1000, 6)).astype("float32")
    model = sequential(6, Dense(16, "relu"), Dense(1, "sigmoid"), loss="binary_crossentropy")
    return model, (x, (generator.random(1000) < 0.02).astype("float32")), {"epochs": 30}


class Adversaries(Layer):
    """Two players: one learns to tell two kinds of rows apart, the other to make its rows look like the true ones."""

    def build(self, input_shape: Any) -> None:
        self.maker, self.judge = Dense(2, name="maker"), Dense(1, name="judge")
        super().build(input_shape)

    def call(self, inputs: Any) -> Any:
        ops = kmagic.ops
        true, noise = inputs[:, :2], inputs[:, 2:]
        made = self.maker(noise)
        seen = ops.concatenate([self.judge(true), self.judge(ops.stop_gradient(made))], axis=-1)
        self.add_loss(ops.mean(ops.softplus(-seen[:, 0]) + ops.softplus(seen[:, 1])))
        self.add_loss(0.5 * ops.mean(ops.softplus(-self.judge(made))))
        return seen


@healthy
def adversaries() -> Any:
    generator = np.random.default_rng(0)
    x = generator.normal(size=(400, 4)).astype("float32")
    x[:, :2] = 2 + 0.5 * x[:, :2]
    model = sequential(4, Adversaries(), optimizer=Adam(0.02), loss=None)
    return model, (x, None), {"epochs": 40}


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("make", HEALTHY, ids=[make.__name__ for make in HEALTHY])
def test_health_needs_no_words(make: Training, seed: int) -> None:
    kmagic.utils.set_random_seed(seed)
    model, data, options = make()
    run = watched(model, data, **options)
    assert run.status == "done" and not run.findings, [str(finding) for finding in run.findings]


@pytest.mark.parametrize("make", HEALTHY, ids=[make.__name__ for make in HEALTHY])
def test_health_needs_no_words_however_often_it_is_looked_at(make: Training) -> None:
    """With a probe after every epoch, as a long training has them."""
    model, data, options = make()
    always = Policy(share=1e9)
    seen: list[Any] = []
    run = watched(model, data, listeners=[Observing(model, data, always, seen)], **options)
    assert run.status == "done" and len(seen) == options["epochs"] and not run.findings
    assert not [finding for finding in seen if finding], seen


class Observing:
    """A watch of its own beside the one that every run has; keeps what each epoch's look found."""

    def __init__(self, model: Model, data: Any, policy: Policy, seen: list[Any]) -> None:
        self.watch = Watch(Case(model, model.recipe), rows_of(model, *data), policy)
        self.watch.run, self.found, self.seen = self, [], seen
        self.findings: list[Finding] = []
        self.should_stop = ""

    def notice(self, finding: Finding) -> None:
        self.found.append(finding)

    def __call__(self, event: Event) -> None:
        self.watch(event)
        if isinstance(event, EpochEnd):
            assert self.watch._looking.probe is not None and not self.watch._looking.is_broken
            self.seen.append(list(self.found))


def test_training_again_what_is_as_good_as_it_gets_needs_no_words() -> None:
    model, data, _ = small()
    assert not watched(model, data, epochs=200).findings
    assert not watched(model, data, epochs=30).findings
    for _ in range(5):  # as in the loop of a user
        assert not watched(model, data, epochs=1).findings
