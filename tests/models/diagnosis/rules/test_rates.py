"""Sizes of steps: what is usual for every optimizer passes, what is far away is told."""

import pytest

import kmagic
from kmagic.base.parameters import parameters_of
from kmagic.layers import Dense, Input
from kmagic.models import Sequential
from kmagic.optimizers import SGD, Adam, LossScaleOptimizer, Optimizer, registry
from kmagic.optimizers.schedules import CosineDecay, ExponentialDecay

RATED = [entry for entry in registry.entries() if entry.target.usual_rates]


def codes(optimizer, **recipe):
    model = Sequential([Input((4,)), Dense(1)])
    return {finding.code for finding in kmagic.diagnose(model, optimizer=optimizer, **{"loss": "mse", **recipe})}


@pytest.mark.parametrize("entry", RATED, ids=lambda entry: entry.name)
def test_the_default_is_usual_and_far_away_is_not(entry):
    low, high = entry.target.usual_rates
    default = next(item.default for item in parameters_of(entry.target) if item.name == "learning_rate")
    assert 10 * low < default < high
    rates = {low / 2: "K176", low: "", default: "", high: "", 2 * high: "K176", 20 * high: "K123"}
    for rate, code in rates.items():
        assert codes(entry.target(learning_rate=float(rate))) & {"K123", "K176"} == ({code} if code else set())


def test_every_optimizer_with_a_rate_of_its_own_says_what_is_usual():
    others = {entry.target.__name__ for entry in registry.entries()} - {entry.target.__name__ for entry in RATED}
    assert others == {"LossScaleOptimizer", "MultiOptimizer"}


class Own(Optimizer):
    """An optimizer of which nothing is known."""

    def update_step(self, gradient, variable, learning_rate):
        variable.assign_sub(learning_rate * gradient)


@pytest.mark.parametrize(
    "optimizer",
    [Own(50.0), LossScaleOptimizer(Adam(0.001)), SGD(CosineDecay(0.0, 10, warmup_target=0.1, warmup_steps=5))],
)
def test_where_nothing_is_known_nothing_is_said(optimizer):
    assert not codes(optimizer)


def test_a_schedule_counts_by_its_largest_rate():
    assert codes(SGD(ExponentialDecay(50.0, 10, 0.5))) == {"K123"}


def test_momentum_counts_with_the_rate():
    assert codes(SGD(0.1, momentum=0.9)) == set() and codes(SGD(0.1, momentum=0.99)) == {"K211"}
    assert codes(SGD(0.01, momentum=0.99)) == set() and codes(SGD(0.5, momentum=1.0)) == {"K211"}
