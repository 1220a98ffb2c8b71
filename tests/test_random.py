"""Random numbers: the right distributions, the same numbers again, and none that depend on the batch."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from kmagic import random
from kmagic.base.errors import BadValue
from kmagic.graph import eager
from tests.compiler.programs import Array, step, traced, uncached

COUNT = 200_000
PHI_2 = 0.5 * (1 + math.erf(2 / math.sqrt(2)))
# variance of a standard normal cut at ±2: 1 − 2·2·φ(2) / (Φ(2) − Φ(−2))
CUT_VARIANCE = 1 - 4 * math.exp(-2) / math.sqrt(2 * math.pi) / (2 * PHI_2 - 1)


def check_moments(x: Array, mean: float, variance: float, fourth: float) -> None:
    """Mean and variance within five standard errors; `fourth` is the fourth central moment."""
    n = x.size
    assert abs(x.mean(dtype="float64") - mean) < 5 * math.sqrt(variance / n)
    assert abs(x.var(dtype="float64") - variance) < 5 * math.sqrt((fourth - variance**2) / n)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_uniform(dtype: str) -> None:
    x = random.uniform((COUNT,), -1, 3, dtype=dtype, seed=1)
    assert str(x.dtype) == dtype and -1 <= x.min() < -0.99 and 2.99 < x.max() < 3
    check_moments(x, 1, 16 / 12, 4**4 / 80)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_normal(dtype: str) -> None:
    x = random.normal((COUNT,), 2.0, 0.5, dtype=dtype, seed=2)
    assert str(x.dtype) == dtype and np.isfinite(x).all()
    check_moments(x, 2, 0.25, 3 * 0.25**2)
    assert abs(np.mean(np.abs(x - 2) < 0.5) - math.erf(1 / math.sqrt(2))) < 5 * math.sqrt(0.25 / COUNT)


def test_truncated_normal() -> None:
    x = random.truncated_normal((COUNT,), 1.0, 3.0, seed=3)
    assert str(x.dtype) == "float32" and np.abs(x - 1).max() <= 6
    check_moments(x, 1, 9 * CUT_VARIANCE, 3 * (9 * CUT_VARIANCE) ** 2)
    # a quarter of a normal's mass lies within 0.3186 σ
    within = np.mean(np.abs(x - 1) < 3 * 0.3186393639643752)
    assert abs(within - 0.25 / (2 * PHI_2 - 1)) < 5 * math.sqrt(0.25 / COUNT)


@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 0.999, 1.0])
def test_bernoulli(p: float) -> None:
    hits = random.bernoulli((COUNT,), p, seed=4)
    assert str(hits.dtype) == "bool"
    assert abs(hits.mean() - p) <= 5 * math.sqrt(p * (1 - p) / COUNT)


def test_dropout() -> None:
    x = np.full((COUNT // 10, 10), 3.0, "float32")
    y = random.dropout(x, 0.2, seed=5)
    assert set(np.unique(y)) == {np.float32(0), np.float32(3 * np.float32(1 / 0.8))}
    assert abs(np.mean(y == 0) - 0.2) < 5 * math.sqrt(0.16 / COUNT)
    assert np.corrcoef(y[:, 0], y[:, 1])[0, 1] == pytest.approx(0, abs=5 / math.sqrt(len(y)))
    assert np.corrcoef(y[:-1, 0], y[1:, 0])[0, 1] == pytest.approx(0, abs=5 / math.sqrt(len(y)))


def test_dropout_shares_a_mask_along_axes_of_its_noise_shape() -> None:
    y = random.dropout(np.ones((50, 7, 3)), 0.5, noise_shape=(None, 1, None), seed=6)
    assert (y == y[:, :1]).all() and 0.3 < np.mean(y[:, 0] == 0) < 0.7


@pytest.mark.parametrize(
    "draw",
    [
        lambda seed: random.uniform((5,), seed=seed),
        lambda seed: random.normal((5,), seed=seed),
        lambda seed: random.truncated_normal((5,), seed=seed),
        lambda seed: random.bernoulli((40,), 0.5, seed=seed),
        lambda seed: random.dropout(np.ones(40), 0.5, seed=seed),
    ],
)
def test_a_seed_gives_the_same_numbers_and_a_generator_new_ones(draw: Callable[[Any], Array]) -> None:
    np.testing.assert_array_equal(draw(7), draw(7))
    assert not np.array_equal(draw(7), draw(8))
    first, second = random.SeedGenerator(7), random.SeedGenerator(7)
    numbers = [draw(first), draw(first)]
    assert not np.array_equal(*numbers)
    np.testing.assert_array_equal(numbers, [draw(second), draw(second)])


def test_the_global_seed_starts_one_sequence() -> None:
    def numbers() -> list[list[float]]:
        random.set_global_seed(12)
        return [random.normal((3,)).tolist() for _ in range(3)]

    first = numbers()
    assert first == numbers() and first[0] != first[1] != first[2]
    random.set_global_seed(13)
    assert random.normal((3,)).tolist() != first[0]


@pytest.mark.parametrize("seed", [-1, 1.5, True, "1", None])
def test_the_global_seed_is_a_whole_number(seed: Any) -> None:
    with pytest.raises(BadValue, match=f"seed is {seed!r}"):
        random.set_global_seed(seed)


def test_a_generator_comes_back_from_its_config() -> None:
    generator = random.SeedGenerator(3, name="mine")
    again = random.SeedGenerator.from_config(generator.get_config())
    assert again.name == "mine" and again.next().tolist() == generator.next().tolist() == [3, 0]
    assert generator.next().tolist() == [3, 1]


def drop(layer: str) -> Callable[[Any], Any]:
    generator = random.SeedGenerator(9)

    def function(x: Any) -> Any:
        with eager.origin(layer=layer):
            return random.dropout(x, 0.5, seed=generator), random.dropout(x, 0.5, seed=generator)

    return function


def test_a_program_draws_what_arrays_draw_and_moves_its_generator() -> None:
    x = np.ones((6, 5), "float32")
    program = uncached(traced(drop("a"), [x], batch=True))
    workspace = program.workspace(6)
    expected = drop("a")
    for _ in range(3):
        found = step(workspace, [x], 6).outputs
        for value, right in zip(found.values(), expected(x), strict=True):
            np.testing.assert_array_equal(value, right)
    assert program.variables[0].numpy().tolist() == [9, 6]


def test_a_row_is_dropped_alike_in_any_batch() -> None:
    """Masks depend on the row and not on how many rows there are, so a last smaller batch is no special case."""
    full = drop("a")(np.ones((6, 5), "float32"))
    part = drop("a")(np.ones((2, 5), "float32"))
    for whole, few in zip(full, part, strict=True):
        np.testing.assert_array_equal(whole[:2], few)
    other = drop("b")(np.ones((6, 5), "float32"))
    assert not np.array_equal(other[0], full[0]), "layers have streams of their own"
