"""Laws of every optimizer: the same updates by hand, in a compiled fit, and from a subclass with a rule of its own."""

import json
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
from kmagic.optimizers import Optimizer, registry
from kmagic.optimizers.schedules import ExponentialDecay
from tests.compiler.programs import run, traced
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
        scale = float(optimizer.scale_loss(np.float64(1.0)))
        optimizer.apply([scale * 2 * X.T @ error / len(X), scale * 2 * error.mean(0)], [w, b])
    return [w.numpy(), b.numpy()]


def compiled(optimizer: Optimizer) -> list[np.ndarray]:
    """The same, trained."""
    model = Sequential([Dense(1, input_dim=3)])
    model.set_weights([W, B])
    model.compile(optimizer=optimizer, loss="mse", validate=False)  # rates are those of the law
    model.fit(X, Y, batch_size=8, epochs=STEPS, shuffle=False, verbose=0)
    return model.get_weights()


def own_class(entry: Entry) -> type[Optimizer]:
    """A user's subclass with an `update_step` of its own."""

    class Own(entry.target):  # type: ignore[misc, name-defined]
        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            entry.target.update_step(self, gradient, variable, learning_rate)

    return Own


def takes(entry: Entry, name: str) -> bool:
    """Whether the optimizer has a parameter of this name."""
    return any(parameter.name == name for parameter in entry.parameters)


RATED = [case for case in ENTRIES if takes(case.values[0], "learning_rate")]


def made(entry: Entry, cls: type[Optimizer] | None = None, **options: Any) -> Optimizer:
    """A fresh one; an optimizer around others gets copies of those in its example, with their learning rates."""
    kind = cls or entry.target
    if takes(entry, "learning_rate"):
        return kind(**{**required(entry), "learning_rate": 0.1, **options})
    return kind.from_config(entry.target(**required(entry)).get_config() | options)


def paced() -> float:
    """A learning rate of a user's own."""
    return 0.05


def variants(entry: Entry) -> list[dict[str, Any]]:
    """Options to try: none, every switch of the rule itself, and what surrounds all rules."""
    around = {parameter.name for parameter in parameters_of(Optimizer)}
    own = [p for p in entry.parameters if p.name not in around and not p.required]
    switched = [{p.name: not p.default} for p in own if isinstance(p.default, bool)]
    bounded = [{p.name: smallest(p)} for p in own if p.bound]
    shared = [{"weight_decay": 0.1}, {"clipnorm": 0.1}, {"global_clipnorm": 0.1}, {"clipvalue": 0.05}]
    shared += [{"use_ema": True}, {"use_ema": True, "ema_overwrite_frequency": 2}, {"loss_scale_factor": 8.0}]
    shared += [{"gradient_accumulation_steps": 2}, {"gradient_accumulation_steps": 2, "use_ema": True}]
    shared += [{"learning_rate": ExponentialDecay(0.1, 2, 0.5)}, {"learning_rate": paced}]
    return [{}, *switched, *bounded, *(options for options in shared if all(takes(entry, name) for name in options))]


@pytest.mark.parametrize("entry", ENTRIES)
def test_updates_are_the_same_however_they_are_made(entry: Entry) -> None:
    for options in variants(entry):
        eager = made(entry, **options)
        expected = by_hand(eager)
        if eager.use_ema:
            expected = [average.numpy() for average in eager._model_variables_moving_average]
        assert not np.allclose(expected[0], W)
        for optimizer in (made(entry, **options), made(entry, own_class(entry), **options)):
            for found, wanted in zip(compiled(optimizer), expected, strict=True):
                np.testing.assert_allclose(found, wanted, rtol=1e-11, atol=1e-13, err_msg=str(options))
            assert int(optimizer.iterations) == STEPS // options.get("gradient_accumulation_steps", 1)


@pytest.mark.parametrize("entry", ENTRIES)
def test_making_loss_small(entry: Entry) -> None:
    model = Sequential([Dense(1, input_dim=3)])
    model.compile(optimizer=made(entry), loss="mse", validate=False)
    losses = model.fit(X, X @ W, batch_size=4, epochs=30, verbose=0).history["loss"]
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("entry", RATED)
def test_learning_rate_is_checked_and_changed(entry: Entry) -> None:
    for wrong in ("fast", True, -1.0, float("nan"), float("inf"), None, 1):
        with pytest.raises((TypeError, ValueError), match="learning_rate is"):
            made(entry, learning_rate=wrong)
    optimizer = made(entry, learning_rate=0.25)
    optimizer.learning_rate = 0.5
    assert float(optimizer.learning_rate) == 0.5 and optimizer.get_config()["learning_rate"] == 0.5


@pytest.mark.parametrize("entry", RATED)
def test_a_schedule_is_part_of_an_optimizer(entry: Entry) -> None:
    optimizer = made(entry, learning_rate=ExponentialDecay(0.5, 1, 0.5))
    again = registry.deserialize(json.loads(json.dumps(registry.serialize(optimizer))))
    for one in (optimizer, again):
        by_hand(one)
        assert float(one.learning_rate) == 0.5 ** (STEPS + 1)
        assert "learning_rate" not in [variable.name for variable in one.variables]
        with pytest.raises(TypeError, match="not settable"):
            one.learning_rate = 0.5
    assert again.get_config() == optimizer.get_config()


@pytest.mark.parametrize("entry", ENTRIES)
def test_state_carries_over(entry: Entry) -> None:
    """Stopping after some steps and going on with the same state gives the same as going on at once."""
    gradients = [np.random.default_rng(i).normal(size=(2, 2)) for i in range(6)]
    at_once, first = made(entry), made(entry)
    whole, halves = Variable(np.ones((2, 2))), Variable(np.ones((2, 2)))
    for gradient in gradients:
        at_once.apply([gradient], [whole])
    for gradient in gradients[:3]:
        first.apply([gradient], [halves])
    stored: dict[str, Any] = {}
    first.save_own_variables(stored)
    for taking_over in ("load_own_variables", "set_weights"):
        weight = Variable(halves.numpy())
        second = entry.target.from_config(first.get_config())
        second.build([weight])
        getattr(second, taking_over)(stored if taking_over == "load_own_variables" else list(stored.values()))
        for gradient in gradients[3:]:
            second.apply([gradient], [weight])
        np.testing.assert_array_equal(weight.numpy(), whole.numpy())


@pytest.mark.parametrize("entry", ENTRIES)
def test_the_stateless_form_changes_nothing(entry: Entry) -> None:
    gradient, weight = np.random.default_rng(1).normal(size=(2, 2)), Variable(np.ones((2, 2)))
    optimizer = made(entry)
    optimizer.build([weight])
    before = [variable.numpy() for variable in (weight, *optimizer.variables)]
    weights, state = optimizer.stateless_apply(before[1:], [gradient], before[:1])
    for variable, value in zip((weight, *optimizer.variables), before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)
    graph = traced(lambda g, *given: sum(optimizer.stateless_apply(given[1:], [g], given[:1]), []), [gradient, *before])
    assert not graph.writes
    in_a_program = run(graph, [gradient, *before]).outputs
    optimizer.apply([gradient], [weight])
    for place, variable in enumerate((weight, *optimizer.variables)):
        np.testing.assert_array_equal(variable.numpy(), [*weights, *state][place])
        np.testing.assert_allclose(in_a_program[f"y{place}"], variable.numpy(), rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("entry", ENTRIES)
def test_building_twice_is_building_once(entry: Entry) -> None:
    optimizer, weight = made(entry), Variable(np.ones((2, 2)))
    optimizer.build([weight])
    count = len(optimizer.variables)
    optimizer.build([weight])
    assert len(optimizer.variables) == count
