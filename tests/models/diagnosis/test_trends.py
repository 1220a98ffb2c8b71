"""Trends of losses, worked out by hand: what grows, what is flat, what rises, what is learned by heart."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from kmagic.models.diagnosis.policy import Policy
from kmagic.models.diagnosis.trends import Epochs, Growth

POLICY = Policy()


def verdicts(losses: Sequence[float], steps_of_epoch: int = 1000, group: int = 1) -> list[tuple[int, str, float]]:
    """Where windows end, with the verdict and the ratio, when the loss of each step is as given."""
    growth, found = Growth(POLICY), []
    for start in range(0, len(losses), steps_of_epoch):
        growth.begin_epoch()
        epoch = losses[start : start + steps_of_epoch]
        for step in [1, *range(group, len(epoch) + 1, group)] if group > 1 else range(1, len(epoch) + 1):
            if growth.add(step, float(np.mean(epoch[:step]))):
                found.append((growth.steps, growth.close(), growth.ratio))
    return found


def test_windows_have_means_of_their_own() -> None:
    losses = [2.0] * 16 + [1.0] * 16 + [4.0] * 32
    for steps_of_epoch in (1000, 16, 10):
        found = verdicts(losses, steps_of_epoch)
        assert [(steps, word) for steps, word, _ in found] == [(16, "calm"), (32, "calm"), (64, "calm")]
        assert [ratio for *_, ratio in found] == pytest.approx([1.0, 0.5, 2.0])
    assert [steps for steps, *_ in verdicts([1.0] * 300)] == [16, 32, 64, 128, 192, 256]


def test_geometric_growth_is_an_explosion() -> None:
    found = verdicts([1.5**step for step in range(64)])
    assert [word for _, word, _ in found] == ["growing", "exploding", "exploding"]
    ratio = sum(1.5**step for step in range(16, 32)) / 16
    assert found[1][2] == pytest.approx(ratio) and ratio > POLICY.explosion


@pytest.mark.parametrize(
    "losses",
    [
        [1.0] + [1e9 * 0.7**step for step in range(63)],  # an optimizer that overshoots at once, and comes back
        [1.0] + [1e6] * 63,  # far off, but going nowhere
        [1.0 + step**2 for step in range(64)],  # growth that slows down
        [1e-9] * 8 + [1.0] * 56,  # from next to nothing
        [-1.0 - step for step in range(64)],  # a loss without a lower bound
        [1e-6] * 500 + [0.1] * 100,  # a spike after all was learned
        [1.0 + 0.9 * math.sin(step) for step in range(64)],
    ],
)
def test_other_losses_do_not_explode(losses: list[float]) -> None:
    assert all(word != "exploding" for _, word, _ in verdicts(losses))


def test_a_group_of_steps_may_end_anywhere() -> None:
    found = verdicts([3.0**step for step in range(70)], group=21)
    assert found[0][0] == 21 and found[-1][1] == "exploding"


def test_growth_before_a_step_that_is_not_finite() -> None:
    growth = Growth(POLICY)
    assert not growth.has_grown(1e30, 1)  # nothing to compare with
    growth.begin_epoch()
    growth.add(1, 2.0)
    assert not growth.has_grown(math.nan, 2) and not growth.has_grown(100.0, 2)
    assert growth.has_grown(2e8, 5) and growth.ratio == pytest.approx(1e8) and growth.by_step == pytest.approx(100)
    assert growth.has_grown(math.inf, 6) and growth.by_step == math.inf


def epochs(losses: Sequence[float], validation: Sequence[float] = (), steps: int = 20) -> Epochs:
    made = Epochs(POLICY)
    for number, loss in enumerate(losses):
        made.add(loss, validation[number] if number < len(validation) else None, steps * (number + 1))
    return made


def test_flat_from_the_start() -> None:
    assert not epochs([0.7, 0.7, 0.7]).is_flat  # two epochs say little
    found = epochs([0.7, 0.6999, 0.7001, 0.7])
    assert found.is_stuck and found.flat_since == 0 and found.flat_steps == 60
    assert not epochs([0.7, 0.699, 0.697, 0.696]).is_stuck  # slowly, but it falls
    assert not epochs([0.7, 0.7, 0.7, 0.7], steps=2).is_flat  # nor do a few steps
    assert not epochs([0.7, 0.65, 0.7, 0.7]).is_stuck  # it can fall
    assert epochs([0.7, 0.8, 0.9, 0.7]).is_stuck
    assert not epochs([0.0] * 5).is_flat  # nothing left to learn
    assert epochs([-1.0] * 5).is_stuck and not epochs([-1.0, -1.1, -1.2, -1.3]).is_flat


def test_flat_after_a_while() -> None:
    found = epochs([1.0, 0.8, 0.7, 0.7, 0.699, 0.7])
    assert found.is_flat and not found.is_stuck and found.flat_since == 2 and found.flat_steps == 60
    assert not epochs([1.0 / (n + 1) for n in range(20)]).is_flat
    # a short rest in a long training is none
    assert not epochs([1.0 - 0.05 * n for n in range(15)] + [0.29] * 4).is_flat


def test_rising_and_worse_than_the_beginning() -> None:
    assert epochs([1.0, 3.5, 3.6]).is_rising(1.0)
    assert not epochs([1.0, 3.5, 2.9]).is_rising(1.0)
    assert not epochs([1.0, 3.5, 3.6]).is_rising(1.5)
    assert not epochs([1.0, 3.5, 3.6], steps=3).is_rising(1.0)
    assert epochs([1e6, 1e5, 1e4]).is_worse(2.0) and not epochs([1e6, 1e5, 19.0]).is_worse(2.0)
    assert not epochs([1e6, 1e5]).is_worse(2.0)


FALLING = [1.0, 0.8, 0.6, 0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 0.1]


def test_overfitting_is_a_validation_loss_that_rises_while_the_training_loss_falls() -> None:
    rising = [1.0, 0.9, 0.8, 0.85, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4]
    assert epochs(FALLING, rising).is_overfitting and epochs(FALLING, rising).best == 2
    assert not epochs(FALLING[:7], rising[:7]).is_overfitting  # too early to say
    assert not epochs(FALLING, [1.0, 0.9, 0.8, 0.79, 0.8, 0.81, 0.8, 0.82, 0.81, 0.8]).is_overfitting
    assert not epochs([1.0, 0.8, *[0.6] * 8], rising).is_overfitting  # training has stopped: something else
    assert not epochs(FALLING, []).is_overfitting and not epochs(FALLING, rising[:5]).is_overfitting
    noisy = [1.0, 0.9, 0.5, 0.9, 0.6, 0.95, 0.55, 0.9, 0.6, 0.9]
    assert not epochs(FALLING, noisy).is_overfitting  # up and down, not up


def test_overfitting_of_losses_below_zero() -> None:
    falling = [-1.0, -2.0, -3.0, -4.0, -5.0, -6.0, -7.0, -8.0]
    assert epochs(falling, [-1.0, -1.5, -1.4, -1.2, -1.0, -0.8, -0.6, -0.4]).is_overfitting
    assert not epochs(falling, falling).is_overfitting
