"""The small picture of a schedule."""

import io
from typing import Any

import numpy as np
import pytest
from matplotlib.image import imread

from kmagic.notebook.panels.schedule_picture import course, described, draw, horizon
from kmagic.optimizers import schedules


class Single(schedules.LearningRateSchedule):
    """A schedule that knows single steps only."""

    def __call__(self, step: Any) -> float:
        return 0.5 if step < 10 else 0.25


@pytest.mark.parametrize(
    ("schedule", "steps"),
    [
        (schedules.CosineDecay(0.1, 100, warmup_target=0.2, warmup_steps=20), 150),
        (schedules.CosineDecayRestarts(0.1, 100), 300),
        (schedules.ExponentialDecay(0.1, 100, 0.5), 300),
        (schedules.PiecewiseConstantDecay([40, 80], [1.0, 0.5, 0.1]), 100),
        (Single(), 1000),
    ],
)
def test_it_is_drawn_past_its_last_change(schedule: Any, steps: int) -> None:
    assert horizon(schedule) == steps


def test_the_course_is_that_of_the_schedule() -> None:
    steps, rates = course(schedules.ExponentialDecay(0.1, 100, 0.5), 300)
    assert np.allclose(rates, 0.1 * 0.5 ** (steps / 100), rtol=1e-5)
    steps, rates = course(Single(), 20)
    assert rates.tolist() == [0.5 if step < 10 else 0.25 for step in steps]


def test_the_picture_is_transparent_and_holds_a_curve() -> None:
    image = imread(io.BytesIO(draw(schedules.CosineDecay(0.1, 100))), format="png")
    assert image.shape[2] == 4
    assert image[0, 0, 3] == 0
    assert (image[..., 3] > 0.9).any()


def test_it_is_told_in_words() -> None:
    assert described(schedules.ExponentialDecay(0.1, 100, 0.5)) == "from 0.1 to 0.0125 over 300 steps"
    warm = schedules.CosineDecay(0.0, 100, warmup_target=0.2, warmup_steps=20)
    assert described(warm) == "from 0 to 0 over 150 steps, at most 0.2"
