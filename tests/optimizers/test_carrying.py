"""What one optimizer has learned goes on in another: the same steps as if it had never been replaced."""

import numpy as np
import pytest

from kmagic.graph.variable import Variable
from kmagic.optimizers import SGD, Adam, AdamW, LossScaleOptimizer, MultiOptimizer, Nadam, OptimizerMap, RMSprop
from kmagic.optimizers.carrying import carry_over, is_same_kind, slots

GRADIENTS = np.random.default_rng(5).normal(size=(6, 2, 3))
MAKERS = {
    "Adam": lambda rate: Adam(rate, amsgrad=True),
    "SGD": lambda rate: SGD(rate, momentum=0.9, nesterov=True),
    "Nadam": lambda rate: Nadam(rate),
    "averages": lambda rate: AdamW(rate, use_ema=True),
    "accumulation": lambda rate: RMSprop(rate, gradient_accumulation_steps=2),
    "scaled": lambda rate: LossScaleOptimizer(Adam(rate)),
    "several": lambda rate: MultiOptimizer(OptimizerMap(Adam(rate), {"b": SGD(rate, momentum=0.5)})),
}


def weights() -> list[Variable]:
    return [Variable(np.array([1.0, 2.0, 3.0]), name=name, path=f"model/{name}") for name in "ab"]


def step(optimizer, variables, number):
    optimizer.apply(list(GRADIENTS[number]), variables)


@pytest.mark.parametrize("kind", MAKERS)
def test_steps_after_a_change_are_those_without(kind):
    through, changed = weights(), weights()
    only, first, second = (MAKERS[kind](0.1) for _ in range(3))
    for number in range(3):
        step(only, through, number)
        step(first, changed, number)
    carry_over(first, second, changed)
    for number in range(3, 6):
        step(only, through, number)
        step(second, changed, number)
    for one, other in zip(through, changed, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())
    assert int(np.asarray(second.iterations)) == int(np.asarray(only.iterations))


def test_the_rate_is_that_of_the_new_one():
    variables, old, new = weights(), Adam(0.1), Adam(0.001)
    step(old, variables, 0)
    carry_over(old, new, variables)
    assert float(new.learning_rate) == pytest.approx(0.001)


def test_another_kind_keeps_the_counter_alone():
    variables, old, new = weights(), Adam(0.1), RMSprop(0.01)
    step(old, variables, 0)
    step(old, variables, 1)
    carry_over(old, new, variables)
    assert int(new.iterations.numpy()) == 2
    assert all(not slot.numpy().any() for slot in slots(new))  # also `velocity`, which both have


def test_a_wrapped_optimizer_of_another_kind_is_another_kind():
    assert is_same_kind(LossScaleOptimizer(Adam()), LossScaleOptimizer(Adam()))
    assert not is_same_kind(LossScaleOptimizer(Adam()), LossScaleOptimizer(RMSprop()))
    assert not is_same_kind(AdamW(), Adam())


def test_weights_that_are_new_start_afresh():
    a, b = weights()
    old, new = SGD(0.1, momentum=0.9), SGD(0.1, momentum=0.9)
    old.apply([GRADIENTS[0, 0]], [a])
    carry_over(old, new, [b, a])
    momentum_of_b, momentum_of_a = slots(new)
    np.testing.assert_array_equal(momentum_of_a.numpy(), slots(old)[0].numpy())
    assert not momentum_of_b.numpy().any() and momentum_of_a.numpy().any()


def test_nothing_is_made_of_an_optimizer_that_never_stepped():
    old, new = Adam(), Adam()
    carry_over(old, new, weights())
    assert not new.built
