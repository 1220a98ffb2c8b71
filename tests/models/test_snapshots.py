"""Snapshots: whatever a program was traced from is noticed when it changes, between epochs and between batches."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import kmagic
from kmagic import Sequential, layers, ops
from kmagic.constraints import MaxNorm
from kmagic.models.snapshots import is_same, snapshot
from kmagic.regularizers import L2

X = np.ones((8, 2), "float32")


class Scaled(kmagic.Model):
    """Its loss is the square of a factor times a weight; what is logged is the factor that the step used."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = layers.Dense(1)
        self.factor = 1.0
        self.schedule = {"factor": [1.0]}
        self.table = np.array([1.0])
        self.loss_fn = kmagic.losses.Huber(delta=1.0)

    def train_step(self, data: Any) -> dict[str, Any]:
        loss = ops.mean(self.inner(data)) ** 2
        self.optimizer.apply(kmagic.gradients(loss, self.trainable_variables), self.trainable_variables)
        return {
            "factor": ops.ones(()) * self.factor,
            "listed": ops.ones(()) * self.schedule["factor"][0],
            "table": ops.ones(()) * self.table[0],
            "delta": ops.ones(()) * self.loss_fn.delta,
        }


def set_factor(model: Any, value: float) -> None:
    model.factor = value


def set_listed(model: Any, value: float) -> None:
    model.schedule["factor"][0] = value


def set_table(model: Any, value: float) -> None:
    model.table[0] = value


def set_delta(model: Any, value: float) -> None:
    model.loss_fn.delta = value


WAYS = {"factor": set_factor, "listed": set_listed, "table": set_table, "delta": set_delta}


@pytest.mark.parametrize("name", WAYS)
def test_attributes_that_a_callback_changes_count_from_the_next_epoch_on(name: str) -> None:
    model = Scaled()
    model.compile("sgd")
    change = kmagic.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: WAYS[name](model, epoch + 2.0))
    history = model.fit(X, epochs=3, verbose=0, callbacks=[change]).history
    assert history[name] == [2, 3, 4]


def test_attributes_that_a_hook_of_batches_changes_count_from_the_next_batch_on() -> None:
    model, seen = Scaled(), []
    model.compile("sgd")

    class Anneal(kmagic.callbacks.Callback):
        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            model.factor = batch + 1.0

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            seen.append(logs["factor"])

    model.fit(X, batch_size=2, verbose=0, callbacks=[Anneal()])
    assert seen == [1, 2, 3, 4]


def test_a_rate_of_a_layer_of_ours_counts_too() -> None:
    model = Sequential([layers.GaussianNoise(0.0), layers.Dense(1, kernel_initializer="ones", use_bias=False)])
    model.compile(kmagic.optimizers.SGD(0.0), "mse", validate=False)

    def louder(epoch: int, logs: Any) -> None:
        model.layers[0].stddev = 10.0 * epoch

    callback = kmagic.callbacks.LambdaCallback(on_epoch_begin=louder)
    losses = model.fit(X, np.full((8, 1), 2.0), epochs=2, verbose=0, callbacks=[callback]).history["loss"]
    assert losses[0] == 0 and losses[1] > 1


def test_a_program_is_opened_anew_only_when_something_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    from kmagic.models import programs

    traced: list[str] = []
    graph_of: Callable[..., Any] = programs.graph_of
    monkeypatch.setattr(programs, "graph_of", lambda *given: traced.append("") or graph_of(*given))
    model = Scaled()
    model.compile("sgd")
    model.fit(X, epochs=5, verbose=0)
    assert len(traced) == 1


def test_a_variable_is_no_part_of_a_snapshot_but_its_place_is() -> None:
    model = Sequential([layers.Dense(1, input_dim=2)])
    model.compile("sgd", "mse")
    before = snapshot(model, model._compiled)
    model.layers[0].kernel.assign(np.ones((2, 1)))
    assert is_same(before, snapshot(model, model._compiled))
    model.layers[0].kernel.trainable = False
    assert not is_same(before, snapshot(model, model._compiled))


# ---- what layers and weights hold ----


@dataclass
class Settings:
    """Choices of a user's own; some are in choices of choices."""

    factor: float = 1.0
    further: Any = None


class Held(layers.Layer):
    """Multiplies with a number that is read from something that it holds."""

    def __init__(self, held: Any, read: Callable[[Any], Any]) -> None:
        super().__init__()
        self.held, self.read = held, read

    def call(self, inputs: Any) -> Any:
        return inputs * self.read(self.held)


def set_factor_of(held: Any) -> None:
    held.factor = 3.0


HELD: dict[str, tuple[Any, Callable[[Any], Any], Callable[[Any], None]]] = {
    "namespace": (lambda: SimpleNamespace(factor=1.0), lambda held: held.factor, set_factor_of),
    "object": (Settings, lambda held: held.factor, set_factor_of),
    "object in a list of an object": (
        lambda: Settings(further=[Settings()]),
        lambda held: held.further[0].factor,
        lambda held: set_factor_of(held.further[0]),
    ),
    "set": (lambda: {1.0}, sum, lambda held: held.add(2.0)),
    "deque": (lambda: deque([1.0]), lambda held: held[-1], lambda held: held.append(3.0)),
}


@pytest.mark.parametrize("name", HELD)
def test_what_changes_within_something_that_a_layer_holds_counts(name: str) -> None:
    make, read, change = HELD[name]
    model = Sequential([layers.Input((2,)), Held(make(), read)])
    model.compile("sgd", "mae", validate=False)
    before = model.test_on_batch(X, 0 * X)
    change(model.layers[0].held)
    assert (before, model.test_on_batch(X, 0 * X)) == (1, 3)


def penalised(**options: Any) -> Any:
    """A model whose prediction for X is 2, and which does not learn."""
    model = Sequential([layers.Input((2,)), layers.Dense(1, kernel_initializer="ones", use_bias=False, **options)])
    model.compile(kmagic.optimizers.SGD(0.0), "mse", validate=False)
    return model


def test_the_strength_of_a_regularizer_counts_from_the_next_epoch_and_batch_on() -> None:
    model, seen = penalised(kernel_regularizer=L2(0.0)), []
    y = np.full((8, 1), 2.0)

    class Stronger(kmagic.callbacks.Callback):
        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            model.layers[0].kernel_regularizer.l2 = batch + 1.0

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            seen.append(logs["loss"])

    def strengthen(epoch: int, logs: Any) -> None:
        model.layers[0].kernel_regularizer.l2 = float(epoch)

    callback = kmagic.callbacks.LambdaCallback(on_epoch_begin=strengthen)
    assert model.fit(X, y, epochs=3, verbose=0, callbacks=[callback]).history["loss"] == [0, 2, 4]
    model.fit(X, y, batch_size=2, verbose=0, callbacks=[Stronger()])
    assert seen == [2, 3, 4, 5]  # the mean of 2, 4, 6 and 8 so far
    model.layers[0].kernel_regularizer.l2 = 5.0
    assert model.test_on_batch(X, y) == model.evaluate(X, y, verbose=0) == 10


def test_the_bound_of_a_constraint_counts_from_the_next_batch_on() -> None:
    model = penalised(kernel_constraint=MaxNorm(100.0))
    model.train_on_batch(X, X[:, :1])
    model.layers[0].kernel_constraint.max_value = 0.5
    model.train_on_batch(X, X[:, :1])
    np.testing.assert_allclose(np.linalg.norm(model.layers[0].kernel.numpy()), 0.5, rtol=1e-5)


OWN_NAMES = ["arguments", "history", "clock", "run", "stop_training", "line"]


@pytest.mark.parametrize("name", [*OWN_NAMES, "_calls", "_input", "_output", "_text", "_network"])
def test_a_layer_may_have_an_attribute_of_any_name_and_it_counts(name: str) -> None:
    class Named(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            setattr(self, name, 1.0)

        def call(self, inputs: Any) -> Any:
            return inputs * getattr(self, name)

    model = Sequential([layers.Input((2,)), Named()])
    model.compile("sgd", "mae", validate=False)
    before = model.test_on_batch(X, 0 * X)
    setattr(model.layers[0], name, 3.0)
    assert (before, model.test_on_batch(X, 0 * X)) == (1, 3)
    assert model.layers[0].input.shape[1:] == (2,)


def test_what_holds_itself_and_what_holds_data_is_looked_at_once() -> None:
    model = penalised()
    circle, settings = [1.0], Settings()
    circle.append(circle)
    settings.further = [settings, model, circle, np.ones((100, 100)), list(range(10_000))]
    model.settings = settings
    before = snapshot(model, model._compiled)
    assert is_same(before, snapshot(model, model._compiled)) and len(before) < 1000
    circle[0] = 2.0
    assert not is_same(before, snapshot(model, model._compiled))


def test_a_long_chain_of_objects_is_looked_at_only_so_far() -> None:
    model = penalised()
    for _ in range(30_000):
        model.settings = Settings(further=getattr(model, "settings", None))
    assert len(snapshot(model, model._compiled)) < 60_000


def test_training_alone_changes_no_snapshot() -> None:
    model = penalised(kernel_regularizer=L2(0.1), kernel_constraint=MaxNorm(1.0))
    model.train_on_batch(X, X[:, :1])
    model.fit(X, X[:, :1], verbose=0)
    before = snapshot(model, model._compiled)
    model.fit(X, X[:, :1], epochs=2, verbose=0)
    model.evaluate(X, X[:, :1], verbose=0)
    model.predict(X, verbose=0)
    assert is_same(before, snapshot(model, model._compiled))
