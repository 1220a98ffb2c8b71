"""Learning rates that are not numbers."""

from typing import Any

import numpy as np
import pytest

from kmagic import ops, optimizers
from kmagic.graph.variable import Variable
from kmagic.layers import Dense
from kmagic.models import Sequential
from kmagic.optimizers import SGD, schedules

X, Y = np.ones((4, 1), "float32"), np.zeros((4, 1), "float32")


def bias_moves(optimizer: Any, epochs: int = 3) -> np.ndarray:
    """How far each step moves a bias whose gradient is 1."""
    model = Sequential([Dense(1, input_dim=1, kernel_initializer="zeros")])
    model.layers[0].trainable_variables[1].assign([0.0])
    model.compile(optimizer, loss=lambda y, p: p)
    values = [0.0]
    for _ in range(epochs):
        model.fit(X, Y, batch_size=4, verbose=0)
        values.append(float(model.get_weights()[1][0]))
    return -np.diff(values)


def test_a_schedule_is_computed_in_the_program() -> None:
    moves = bias_moves(SGD(schedules.PiecewiseConstantDecay([0, 1], [0.5, 0.25, 0.125])))
    np.testing.assert_allclose(moves, [0.5, 0.25, 0.125])


def test_a_users_schedule() -> None:
    class Harmonic(schedules.LearningRateSchedule):
        """The first rate divided by the number of the step."""

        def __init__(self, first: float) -> None:
            self.first = first

        def __call__(self, step: Any) -> Any:
            return self.first / (ops.cast(step, "float32") + 1)

    np.testing.assert_allclose(bias_moves(SGD(Harmonic(0.5))), [0.5, 0.25, 0.5 / 3], rtol=1e-6)
    written = optimizers.serialize(SGD(Harmonic(0.5)))
    assert written["config"]["learning_rate"]["config"] == {"first": 0.5}
    again = optimizers.deserialize(written, custom_objects={"Harmonic": Harmonic})
    np.testing.assert_allclose(bias_moves(again), [0.5, 0.25, 0.5 / 3], rtol=1e-6)


def test_a_function_of_variables_is_followed() -> None:
    pace = Variable(0.5)
    optimizer = SGD(lambda: pace * 0.5)
    np.testing.assert_allclose(bias_moves(optimizer), [0.25, 0.25, 0.25])
    pace.assign(1.0)
    assert float(optimizer.learning_rate) == 0.5
    np.testing.assert_allclose(bias_moves(SGD(optimizer._learning_rate)), [0.5, 0.5, 0.5])
    assert type(optimizer).from_config(optimizer.get_config()).get_config() == optimizer.get_config()


def test_what_may_be_set() -> None:
    optimizer = SGD(0.5)
    optimizer.learning_rate = np.float32(0.25)
    optimizer.learning_rate = optimizer.learning_rate * 0.5
    assert float(optimizer.learning_rate) == 0.125 and len(optimizer.variables) == 2
    optimizer.learning_rate = schedules.ExponentialDecay(0.5, 1, 0.5)
    assert [variable.name for variable in optimizer.variables] == ["iteration"]
    np.testing.assert_allclose(bias_moves(optimizer), [0.5, 0.25, 0.125])
    with pytest.raises(TypeError, match="not settable") as caught:
        optimizer.learning_rate = 0.5
    assert caught.value.fix == "SGD(learning_rate=0.5)"  # type: ignore[attr-defined]


def test_schedules_count_calls_and_iterations_count_updates() -> None:
    weight = Variable(np.zeros(1))
    optimizer = SGD(schedules.PiecewiseConstantDecay([0, 2], [0.5, 0.25, 0.125]), gradient_accumulation_steps=2)
    for _ in range(4):
        optimizer.apply([np.ones(1)], [weight])
    # updates happen in the calls number 1 and 3, counted from 0
    assert weight.numpy()[0] == pytest.approx(-0.25 - 0.125) and int(optimizer.iterations) == 2


def test_a_schedule_changed_between_batches_counts() -> None:
    schedule = schedules.ExponentialDecay(0.5, 1, 1.0)
    model = Sequential([Dense(1, input_dim=1, kernel_initializer="zeros")])
    model.compile(SGD(schedule), loss=lambda y, p: p)
    model.train_on_batch(X, Y)
    schedule.initial_learning_rate = 0.25
    model.train_on_batch(X, Y)
    assert model.get_weights()[1][0] == pytest.approx(-0.75)
