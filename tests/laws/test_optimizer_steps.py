"""Laws of every optimizer: the same updates by hand, in a compiled fit, and from a subclass with a rule of its own."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from kmagic import config
from kmagic.base.parameters import parameters_of
from kmagic.base.registry import Entry
from kmagic.graph.variable import Variable
from kmagic.layers import Dense
from kmagic.models import Sequential
from kmagic.optimizers import Optimizer
from tests.laws.part_examples import entries, required, smallest

ENTRIES = [pytest.param(entry, id=entry.name) for _, entry in entries("optimizer")]
GENERATOR = np.random.default_rng(4)
X, W, B = GENERATOR.normal(size=(8, 3)), GENERATOR.normal(size=(3, 1)), np.zeros(1)
Y = GENERATOR.normal(size=(8, 1))
STEPS = 5


@pytest.fixture(autouse=True)
def exact() -> Iterator[None]:
    """Losses and optimizers compute in float64 too."""
    config.set_floatx("float64")
    yield
    config.set_floatx("float32")


def by_hand(optimizer: Optimizer) -> list[np.ndarray]:
    """Weights after some steps, with the gradients of a linear model and the mean squared error from their formula."""
    w, b = Variable(W, name="kernel"), Variable(B, name="bias")
    for _ in range(STEPS):
        error = X @ w.numpy() + b.numpy() - Y
        optimizer.apply([2 * X.T @ error / len(X), 2 * error.mean(0)], [w, b])
    return [w.numpy(), b.numpy()]


def compiled(optimizer: Optimizer) -> list[np.ndarray]:
    """The same, trained."""
    model = Sequential([Dense(1, input_dim=3)])
    model.set_weights([W, B])
    model.compile(optimizer=optimizer, loss="mse")
    model.fit(X, Y, batch_size=8, epochs=STEPS, shuffle=False, verbose=0)
    return model.get_weights()


def own_class(entry: Entry) -> type[Optimizer]:
    """A user's subclass with an `update_step` of its own."""

    class Own(entry.target):  # type: ignore[misc, name-defined]
        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            entry.target.update_step(self, gradient, variable, learning_rate)

    return Own


def variants(entry: Entry) -> list[dict[str, Any]]:
    """Options to try: none, every switch of the rule itself, and what surrounds all rules."""
    around = {parameter.name for parameter in parameters_of(Optimizer)}
    own = [p for p in entry.parameters if p.name not in around]
    switched = [{p.name: True} for p in own if p.default is False]
    bounded = [{p.name: smallest(p)} for p in own if p.bound]
    shared = [{"weight_decay": 0.1}, {"clipnorm": 0.1}, {"global_clipnorm": 0.1}, {"clipvalue": 0.05}]
    return [{}, *switched, *bounded, *shared, {"use_ema": True}, {"gradient_accumulation_steps": 2}]


@pytest.mark.parametrize("entry", ENTRIES)
def test_updates_are_the_same_however_they_are_made(entry: Entry) -> None:
    for options in variants(entry):
        arguments = {**required(entry), "learning_rate": 0.1, **options}
        eager = entry.target(**arguments)
        expected = by_hand(eager)
        if eager.use_ema:
            expected = [average.numpy() for average in eager._averages]
        assert not np.allclose(expected[0], W)
        for optimizer in (entry.target(**arguments), own_class(entry)(**arguments)):
            for found, wanted in zip(compiled(optimizer), expected, strict=True):
                np.testing.assert_allclose(found, wanted, rtol=1e-11, atol=1e-13, err_msg=str(options))
            assert int(optimizer._iterations.numpy()) == STEPS


@pytest.mark.parametrize("entry", ENTRIES)
def test_making_loss_small(entry: Entry) -> None:
    model = Sequential([Dense(1, input_dim=3)])
    model.compile(optimizer=entry.target(**required(entry), learning_rate=0.05), loss="mse")
    losses = model.fit(X, X @ W, batch_size=4, epochs=30, verbose=0).history["loss"]
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("entry", ENTRIES)
def test_learning_rate_is_checked_and_changed(entry: Entry) -> None:
    for wrong in ("fast", True, -1.0, float("nan"), float("inf"), None):
        with pytest.raises((TypeError, ValueError), match="learning_rate is"):
            entry.target(**{**required(entry), "learning_rate": wrong})
    optimizer = entry.target(**required(entry), learning_rate=0.25)
    optimizer.learning_rate = 0.5
    assert float(optimizer.learning_rate.numpy()) == 0.5 and optimizer.get_config()["learning_rate"] == 0.5


@pytest.mark.parametrize("entry", ENTRIES)
def test_state_carries_over(entry: Entry) -> None:
    """Stopping after some steps and going on with the same state gives the same as going on at once."""
    gradients = [np.random.default_rng(i).normal(size=(2, 2)) for i in range(6)]
    at_once, first = (entry.target(**required(entry), learning_rate=0.1) for _ in range(2))
    whole, halves = Variable(np.ones((2, 2))), Variable(np.ones((2, 2)))
    for gradient in gradients:
        at_once.apply([gradient], [whole])
    for gradient in gradients[:3]:
        first.apply([gradient], [halves])
    second = entry.target.from_config(first.get_config())
    second.build([halves])
    for ours, theirs in zip(second.variables, first.variables, strict=True):
        ours.assign(theirs.numpy())
    for gradient in gradients[3:]:
        second.apply([gradient], [halves])
    np.testing.assert_array_equal(halves.numpy(), whole.numpy())
