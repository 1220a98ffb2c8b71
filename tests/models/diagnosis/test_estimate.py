"""Estimates: sizes and operations by hand calculation, times by a machine of given speed and by the clock."""

import time

import numpy as np
import pytest

from kmagic.layers import Dense, Dropout, Input
from kmagic.models import Model, Sequential
from kmagic.models.diagnosis.estimate import estimate, step_seconds
from kmagic.models.diagnosis.machine import Machine, machine, memory_limit
from kmagic.models.recipe import make_recipe
from kmagic.optimizers import SGD, Adam

GENERATOR = np.random.default_rng(4)
RECIPE = make_recipe("adam", "mse")


def stack(columns, *units, activation="relu"):
    hidden = [Dense(count, activation=activation) for count in units[:-1]]
    return Sequential([Input((columns,)), *hidden, Dense(units[-1])])


def test_parameters_and_bytes_of_a_small_model():
    found = estimate(stack(3, 2, 1), RECIPE, rows=100, batch_size=20)
    assert (found.parameters, found.trainable, found.weight_bytes) == (11, 11, 44)
    # two moments of 11 weights, counter and rate, and sum and count of the loss; float32 or int32 all of them
    assert found.state_bytes == 2 * 44 + 2 * 4 + 2 * 4
    assert (found.batch_size, found.steps_per_epoch) == (20, 5)
    assert found.total_bytes == found.weight_bytes + found.state_bytes + found.workspace_bytes


def test_frozen_layers_have_no_moments():
    model = stack(3, 2, 1)
    model.layers[0].trainable = False
    found = estimate(model, RECIPE, rows=100)
    assert (found.parameters, found.trainable) == (11, 3)
    assert found.state_bytes == 2 * 3 * 4 + 16


def test_operations_are_those_of_the_products():
    rows, sizes = 64, (100, 200, 300, 10)
    found = estimate(stack(*sizes), make_recipe(SGD(), "mse"), rows=1000, batch_size=rows)
    products = [2 * rows * a * b for a, b in zip(sizes, sizes[1:], strict=False)]
    # forward, gradients of weights, and gradients of inputs but for the first layer
    by_hand = 3 * sum(products) - products[0]
    assert by_hand < found.flops_per_step < 1.05 * by_hand
    assert found.flops_per_epoch == 16 * found.flops_per_step


def test_the_workspace_holds_the_activations_of_a_batch():
    small, large = (estimate(stack(10, 1000, 1), RECIPE, rows=4096, batch_size=size) for size in (256, 4096))
    activations = 4096 * 1000 * 4
    assert activations < large.workspace_bytes < 5 * activations
    assert 10 * small.workspace_bytes < large.workspace_bytes


def test_the_last_batch_counts_and_batches_are_no_larger_than_the_data():
    assert estimate(stack(3, 1), RECIPE, rows=33).steps_per_epoch == 2
    assert estimate(stack(3, 1), RECIPE, rows=10).batch_size == 10


def test_nothing_is_known_before_the_input_shape_is():
    assert estimate(Sequential([Dense(1)]), RECIPE, rows=10) is None


def test_several_outputs_and_dropout():
    x = Input((4,))
    hidden = Dropout(0.5)(Dense(8, activation="relu")(x))
    model = Model(x, [Dense(1, name="a")(hidden), Dense(3, activation="softmax", name="b")(hidden)])
    recipe = make_recipe("sgd", {"a": "mse", "b": "sparse_categorical_crossentropy"})
    found = estimate(model, recipe, rows=100)
    assert found.parameters == 4 * 8 + 8 + 8 + 1 + 24 + 3 and found.seconds_per_epoch > 0


def test_looking_changes_nothing():
    model, optimizer = stack(3, 2, 1), Adam()
    estimate(model, make_recipe(optimizer, "mse"), rows=10)
    assert not optimizer.built and not model.compiled


def test_time_is_work_divided_by_speed():
    model = stack(512, 512, 512)
    model.compile("sgd", "mse")
    program = model.plan(batch_size=64).program
    # only products take time here: 5 of 2·64·512² operations
    slow = Machine(call=0.0, product=1e9, plain=1e30, curved=1e30, stream=1e30)
    assert step_seconds(program, 64, slow) == pytest.approx(5 * 2 * 64 * 512**2 / 1e9, rel=1e-3)
    twice = step_seconds(program, 128, slow)
    assert twice == pytest.approx(2 * step_seconds(program, 64, slow), rel=1e-3)
    # only calls do: a step has at least so many
    calls = Machine(call=1.0, product=1e30, plain=1e30, curved=1e30, stream=1e30)
    assert 15 < step_seconds(program, 64, calls) < 100


def test_the_clock_takes_the_place_of_the_expectation():
    x = GENERATOR.normal(size=(96, 3)).astype("float32")
    model = stack(3, 2, 1)
    model.compile("adam", "mse")
    assert not estimate(model, model.recipe, rows=96).is_measured
    start = time.perf_counter()
    model.fit(x, x.sum(1), epochs=2, verbose=0)
    elapsed = time.perf_counter() - start
    found = estimate(model, model.recipe, rows=96)
    assert found.is_measured and 0 < found.seconds_per_epoch < elapsed
    assert estimate(model, model.recipe, rows=192).seconds_per_epoch == pytest.approx(2 * found.seconds_per_epoch)
    assert not estimate(model, model.recipe, rows=96, batch_size=16).is_measured
    assert not estimate(model, make_recipe("sgd", "mse"), rows=96).is_measured


def test_text_and_plain_data():
    found = estimate(stack(3, 2, 1), RECIPE, rows=100, batch_size=20).measured(0.25)
    assert "11 parameters (11 trainable)" in str(found) and "weights 44 B" in str(found)
    assert "5 steps of 20 an epoch" in str(found) and "2.5e+02 ms" not in str(found) and "250 ms" in str(found)
    assert found.as_dict()["total_bytes"] == found.total_bytes


def test_the_machine_is_measured_once():
    first = machine()
    assert machine() is first
    assert 1e-8 < first.call < 1e-3 and first.product > 1e8 and first.stream > 1e7
    assert first.plain > 1e7 and first.curved > 1e6


def test_the_limit_is_that_of_the_machine_or_of_the_group():
    limit = memory_limit()
    assert limit is None or 1 << 26 < limit < 1 << 50


@pytest.mark.full
@pytest.mark.parametrize("units", [(32, 1), (8, 1), (128, 64, 1)])
def test_expected_and_measured_times_agree(units):
    x = GENERATOR.normal(size=(10_000, 100)).astype("float32")
    y = x[:, :1]
    ratios = []
    for _ in range(3):
        machine.cache_clear()
        model = stack(100, *units)
        model.compile("rmsprop", "mse", metrics=["mae"])
        expected = estimate(model, model.recipe, rows=len(x)).seconds_per_epoch
        model.fit(x, y, epochs=2, verbose=0)
        ratios.append(expected / estimate(model, model.recipe, rows=len(x)).seconds_per_epoch)
    assert 0.5 < np.median(ratios) < 2, ratios
