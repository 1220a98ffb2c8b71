"""Snapshots: whatever a program was traced from is noticed when it changes, between epochs and between batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kmagic
from kmagic import Sequential, layers, ops
from kmagic.models.snapshots import is_same, snapshot

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
