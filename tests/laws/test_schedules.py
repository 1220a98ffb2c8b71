"""Laws of every schedule: the same at once, on arrays and in a program, never rising where it must fall."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmagic import config
from kmagic.base.registry import Entry
from kmagic.graph.variable import Variable
from kmagic.optimizers import SGD
from kmagic.optimizers.schedules import LearningRateSchedule
from tests.compiler.programs import run, traced
from tests.laws.part_examples import entries, shown

ENTRIES = [pytest.param(entry, id=entry.name) for _, entry in entries("schedule")]
STEPS = np.arange(0, 200, dtype="int32")


def examples(entry: Entry) -> list[LearningRateSchedule]:
    """The one of the docstring, and that with each of its switches thrown."""
    arguments = shown(entry).arguments
    switches = [{p.name: True} for p in entry.parameters if p.default is False]
    return [entry.target(**(arguments | options)) for options in ({}, *switches)]


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize("floatx", ["float32", "float64"])
def test_schedules_mean_the_same_however_they_are_called(entry: Entry, floatx: str) -> None:
    config.set_floatx(floatx)
    try:
        for schedule in examples(entry):
            at_once = np.array([np.asarray(schedule(int(step))) for step in STEPS])
            assert at_once.dtype == floatx and at_once.shape == STEPS.shape
            tolerance = 16 * float(np.finfo(floatx).eps)
            np.testing.assert_array_equal(schedule(STEPS), at_once)
            found = run(traced(schedule, [STEPS]), [STEPS]).outputs["y0"]
            np.testing.assert_allclose(found, at_once, rtol=tolerance, atol=tolerance * at_once.max())
    finally:
        config.set_floatx("float32")


@pytest.mark.parametrize("entry", ENTRIES)
def test_an_optimizer_takes_the_rate_of_its_step(entry: Entry) -> None:
    """The n-th step, counted from 0, is as long as the schedule says."""
    for schedule in examples(entry):
        weight, optimizer = Variable(np.zeros(1)), SGD(schedule)
        for step in range(12):
            before = weight.numpy()
            optimizer.apply([np.ones(1)], [weight])
            assert before - weight.numpy() == pytest.approx(float(schedule(step)), rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("entry", ENTRIES)
@settings(max_examples=20)
@given(data=st.data())
def test_rates_start_at_the_initial_one_and_are_never_negative(entry: Entry, data: Any) -> None:
    for schedule in examples(entry):
        rates = schedule(np.asarray(data.draw(st.lists(st.integers(0, 10**6), min_size=1)), "int32"))
        assert np.isfinite(rates).all() and (rates >= 0).all()
        first = getattr(schedule, "initial_learning_rate", None)
        if first is not None:
            assert float(schedule(0)) == pytest.approx(first)


@pytest.mark.parametrize("entry", [case for case in ENTRIES if "falling" in case.values[0].tags])
def test_decays_never_rise(entry: Entry) -> None:
    for schedule in examples(entry):
        if not getattr(schedule, "cycle", False):
            assert (np.diff(schedule(STEPS)) <= 0).all() and float(schedule(0)) > float(schedule(int(STEPS[-1])))
