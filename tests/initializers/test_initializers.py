"""Initializers: spread and limits against the formulas, and what a seed means."""

import math

import numpy as np
import pytest

from kmagic import initializers
from kmagic.random import SeedGenerator
from kmagic.utils import set_random_seed

SHAPE = (300, 200)
# the variance that a formula gives, and the largest size there can be
SPREADS = {
    "glorot_uniform": (2 / 500, math.sqrt(6 / 500)),
    "glorot_normal": (2 / 500, 2 * math.sqrt(2 / 500) / 0.8796),
    "he_uniform": (2 / 300, math.sqrt(6 / 300)),
    "he_normal": (2 / 300, 2 * math.sqrt(2 / 300) / 0.8796),
    "lecun_uniform": (1 / 300, math.sqrt(3 / 300)),
    "lecun_normal": (1 / 300, 2 * math.sqrt(1 / 300) / 0.8796),
    "random_normal": (0.05**2, 0.5),
    "random_uniform": (0.1**2 / 12, 0.05),
    "truncated_normal": (0.05**2 * 0.8796**2, 0.1),
}


@pytest.mark.parametrize("name", SPREADS)
def test_spread(name: str) -> None:
    values = initializers.registry.find(name).target(seed=1)(SHAPE, dtype="float64")
    variance, limit = SPREADS[name]
    # 60000 numbers: the variance is off by less than 3 %, the mean by less than five standard errors
    assert values.var() == pytest.approx(variance, rel=0.03)
    assert abs(values.mean()) < 5 * math.sqrt(variance / values.size)
    assert abs(values).max() <= limit * 1.0001


def test_windows_count_for_both_fans() -> None:
    values = initializers.get("glorot_uniform")((3, 3, 8, 16), dtype="float64")
    limit = math.sqrt(6 / (9 * 8 + 9 * 16))
    assert 0.95 * limit < abs(values).max() <= limit


def test_seeds() -> None:
    make = initializers.registry.find("glorot_uniform").target
    repeated = make(seed=1)
    np.testing.assert_array_equal(repeated((3, 4)), repeated((3, 4)))
    assert not np.array_equal(make(seed=1)((3, 4)), make(seed=2)((3, 4)))
    assert not np.array_equal(make()((3, 4)), make()((3, 4)))
    generator = make(seed=SeedGenerator(1))
    assert not np.array_equal(generator((3, 4)), generator((3, 4)))
    drawn = []
    for _ in range(2):
        set_random_seed(5)
        drawn.append(make()((3, 4)))
    np.testing.assert_array_equal(*drawn)


def test_constants() -> None:
    assert initializers.get("zeros")((2,)).tolist() == [0, 0] and initializers.get("one")((2,)).tolist() == [1, 1]
    assert initializers.registry.find("constant").target(2.5)((1, 2)).tolist() == [[2.5, 2.5]]
