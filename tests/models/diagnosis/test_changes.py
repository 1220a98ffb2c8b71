"""Compiling again: what is said to be kept is kept, what is said to be lost is lost."""

import numpy as np
import pytest

from kmagic.layers import Dense
from kmagic.models import Sequential
from kmagic.models.diagnosis.changes import as_text, changes, loses_state
from kmagic.models.recipe import Recipe, make_recipe
from kmagic.optimizers import SGD, Adam, MultiOptimizer, OptimizerMap, RMSprop
from kmagic.optimizers.schedules import ExponentialDecay

GENERATOR = np.random.default_rng(8)
X = GENERATOR.normal(size=(64, 3)).astype("float32")
Y = X.sum(1, keepdims=True)


def trained(optimizer="adam", seed=3, epochs=1, **recipe):
    model = Sequential([Dense(2, input_dim=3), Dense(1)])
    stream = np.random.default_rng(seed)
    model.set_weights([stream.normal(size=weight.shape) for weight in model.weights])
    model.compile(optimizer, "mse", **recipe)
    if epochs:
        model.fit(X, Y, batch_size=16, epochs=epochs, shuffle=False, verbose=0)
    return model


def outcomes(model, recipe, **options):
    return {change.what: change.outcome for change in changes(model, recipe, **options)}


def test_by_name_moments_and_iterations_are_lost():
    model = trained()
    found = changes(model, make_recipe("adam", "mse"))
    text = as_text(found)
    assert outcomes(model, make_recipe("adam", "mse")) == {
        "weights": "kept",
        "optimizer moments": "lost",
        "iterations": "lost",
        "measured values": "reset",
    }
    assert "11 parameters stay" in text  # 3·2 + 2 and 2·1 + 1
    assert "8 arrays of Adam (22 values)" in text and "4 steps" in text
    model.compile("adam", "mse")
    assert int(model.optimizer.iterations.numpy()) == 0


def test_with_the_state_kept_training_goes_on_as_if_it_had_not_been_compiled():
    through, again = trained(Adam(0.01)), trained(Adam(0.01))
    assert outcomes(again, make_recipe(Adam(0.01), "mse"), keep_optimizer_state=True)["optimizer moments"] == "kept"
    again.compile(Adam(0.01), "mse", keep_optimizer_state=True)
    for model in (through, again):
        model.fit(X, Y, batch_size=16, epochs=2, shuffle=False, verbose=0)
    for one, other in zip(through.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_without_it_training_goes_another_way():
    through, again = trained(Adam(0.01)), trained(Adam(0.01))
    again.compile(Adam(0.01), "mse")
    for model in (through, again):
        model.fit(X, Y, batch_size=16, shuffle=False, verbose=0)
    assert any((one != other).any() for one, other in zip(through.get_weights(), again.get_weights(), strict=True))


def test_the_same_object_keeps_everything():
    model = trained(Adam(0.01))
    recipe = make_recipe(model.optimizer, "mae", ["mse"])
    assert outcomes(model, recipe)["optimizer state"] == "kept" and not loses_state(model, recipe)
    assert "'mse' → 'mae'" in as_text(changes(model, recipe)) and "[] → ['mse']" in as_text(changes(model, recipe))


def test_another_class_keeps_the_number_of_updates():
    model = trained(SGD(0.01, momentum=0.9))
    found = outcomes(model, make_recipe(RMSprop(0.001), "mse"), keep_optimizer_state=True)
    assert (found["optimizer moments"], found["iterations"], found["optimizer"]) == ("lost", "kept", "changed")
    model.compile(RMSprop(0.001), "mse", keep_optimizer_state=True)
    assert int(model.optimizer.iterations.numpy()) == 4


def test_a_new_rate_is_named():
    model = trained(Adam(0.01))
    assert "0.01 → 0.0005" in as_text(changes(model, make_recipe(Adam(5e-4), "mse"), keep_optimizer_state=True))
    model.compile(Adam(5e-4), "mse", keep_optimizer_state=True)
    assert float(model.optimizer.learning_rate) == pytest.approx(5e-4)


def test_a_schedule_goes_on_where_it_was():
    model = trained(SGD(ExponentialDecay(0.1, 4, 0.5)))
    model.compile(SGD(ExponentialDecay(0.1, 4, 0.5)), "mse", keep_optimizer_state=True)
    assert float(np.asarray(model.optimizer.learning_rate)) == pytest.approx(0.05)


def test_nothing_is_lost_before_training():
    model = trained(epochs=0)
    assert outcomes(model, make_recipe("sgd", "mse")) == {
        "weights": "kept",
        "optimizer": "changed",
        "learning rate": "changed",
        "measured values": "reset",
    }
    assert not loses_state(model, make_recipe("sgd", "mse"))


def test_a_model_that_was_not_compiled_has_nothing_to_lose():
    model = Sequential([Dense(1, input_dim=3)])
    assert changes(model, make_recipe("adam", "mse")) == []
    assert as_text([]) == "nothing was compiled before"
    model.compile("adam", "mse", keep_optimizer_state=True)
    model.fit(X, Y, verbose=0)


def test_a_choice_that_cannot_be_made_says_nothing_of_the_optimizer():
    found = outcomes(trained(), Recipe("adamm", "mse"))
    assert found == {"weights": "kept", "measured values": "reset"}


def test_several_optimizers_are_counted_together():
    model = trained(MultiOptimizer(OptimizerMap(Adam(0.01), {"dense/": SGD(0.1, momentum=0.9)})))
    recipe = make_recipe("adam", "mse")
    assert outcomes(model, recipe)["optimizer moments"] == "lost"
    assert "MultiOptimizer → Adam" in as_text(changes(model, recipe))
