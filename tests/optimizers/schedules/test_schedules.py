"""Schedules at the places where formulas break."""

import numpy as np
import pytest

from kmagic import config
from kmagic.optimizers import schedules
from kmagic.optimizers.schedules import CosineDecay, CosineDecayRestarts, PiecewiseConstantDecay, PolynomialDecay


@pytest.mark.parametrize("floatx", ["float32", "float64"])
@pytest.mark.parametrize(("first", "factor"), [(1, 2.0), (3, 2.0), (10, 3.0), (4, 1.5), (8, 1.25), (5, 1.0), (8, 0.5)])
def test_every_restart_is_at_its_step(floatx: str, first: int, factor: float) -> None:
    """Logarithms that are rounded down miss no restart: periods are added up here, in whole numbers."""
    config.set_floatx(floatx)
    try:
        schedule = CosineDecayRestarts(1.0, first, t_mul=factor)
        start, length = 0.0, float(first)
        for _ in range(8):
            if start.is_integer() and start < 2**20:
                assert float(schedule(int(start))) == pytest.approx(1.0, abs=1e-3)
            if start.is_integer() and length >= 8:
                assert float(schedule(int(start + length) - 1)) < 0.1
            start, length = start + length, length * factor
    finally:
        config.set_floatx("float32")


def test_beyond_the_last_of_ever_shorter_periods() -> None:
    """Periods of 8, 4, 2 … steps end at step 16; Keras gives no number from there on."""
    rates = CosineDecayRestarts(1.0, 8, t_mul=0.5, alpha=0.25)(np.array([16, 17, 20, 10**6]))
    np.testing.assert_allclose(rates, 0.25, rtol=1e-6)


def test_boundaries_belong_to_the_left() -> None:
    schedule = PiecewiseConstantDecay([10, 20.5], [1.0, 0.5, 0.25])
    assert schedule(np.array([0, 10, 11, 20, 21])).tolist() == [1.0, 1.0, 0.5, 0.5, 0.25]
    with pytest.raises(ValueError, match="length of boundaries is 1, that of values 3"):
        PiecewiseConstantDecay([1], [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="boundaries are"):
        PiecewiseConstantDecay([2, 1], [1.0, 2.0, 3.0])


def test_cycles_start_at_their_multiples() -> None:
    schedule = PolynomialDecay(1.0, 10, end_learning_rate=0.0, cycle=True)
    np.testing.assert_allclose(schedule(np.array([0, 5, 10, 11, 20, 30])), [1, 0.5, 0, 1 - 11 / 20, 0, 0], atol=1e-6)


def test_a_warm_up_without_steps_starts_at_its_target() -> None:
    assert float(CosineDecay(0.25, 10, warmup_target=0.5)(0)) == 0.5


def test_found_by_name_and_described() -> None:
    written = schedules.serialize(CosineDecay(1.0, 2))
    assert type(schedules.get(written)) is CosineDecay
    assert written["module"] == "kmagic.optimizers.schedules" and written["class_name"] == "CosineDecay"
    assert schedules.deserialize(written).get_config() == written["config"]
    assert schedules.registry.find("cosine_decay").target is CosineDecay
    with pytest.raises(NotImplementedError):
        schedules.LearningRateSchedule()(0)
