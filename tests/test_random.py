"""Random numbers: the right distributions, the same numbers again, and none that depend on the batch."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from kmagic import random
from kmagic.base.errors import BadValue
from kmagic.graph import draw as draw_module
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


def check_shares(x: Array, shares: dict[float, float]) -> None:
    """How many numbers are at most a point, within five standard errors of the share expected there."""
    for point, share in shares.items():
        assert abs(np.mean(x <= point) - share) < 5 * math.sqrt(share * (1 - share) / x.size), point


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_shares_of_normal_numbers(dtype: str) -> None:
    x = random.normal((COUNT,), dtype=dtype, seed=21)
    check_shares(x, {point: 0.5 * math.erfc(-point / math.sqrt(2)) for point in (-3, -2, -1, -0.2, 0, 0.5, 1.5, 2.5)})


def test_half_precision() -> None:
    x = random.uniform((COUNT,), dtype="float16", seed=22)
    assert x.dtype == np.float16 and x.max() < 1
    check_shares(x.astype("float64"), {0.25 - 2**-12: 0.25, 0.5 - 2**-12: 0.5})
    y = random.normal((COUNT,), dtype="float16", seed=22)
    assert y.dtype == np.float16 and np.isfinite(y).all()
    check_moments(y.astype("float64"), 0, 1, 3)


@pytest.mark.parametrize(
    ("low", "high", "dtype"), [(0, 2, "int32"), (-3, 4, "int8"), (0, 1000, "uint16"), (-(2**40), 3 * 2**40, "int64")]
)
def test_randint(low: int, high: int, dtype: str) -> None:
    x = random.randint((COUNT,), low, high, dtype=dtype, seed=23)
    assert str(x.dtype) == dtype and x.min() >= low and x.max() < high
    span = high - low
    check_moments(x.astype("float64"), (low + high - 1) / 2, (span**2 - 1) / 12, span**4 / 80)
    if span < 10:
        check_shares(x, {low + i: (i + 1) / span for i in range(span - 1)})


def test_randint_between_arrays() -> None:
    x = random.randint((COUNT, 2), [0, 10], [3, 12], seed=24)
    assert set(x[:, 0].tolist()) == {0, 1, 2} and set(x[:, 1].tolist()) == {10, 11}


def test_categorical() -> None:
    shares = np.array([[0.1, 0.0, 0.6, 0.3], [0.25, 0.25, 0.5, 0.0]])
    with np.errstate(divide="ignore"):
        logits = np.log(shares) + 5
    x = random.categorical(logits, COUNT, seed=25)
    assert x.shape == (2, COUNT) and x.dtype == np.int32
    for row, expected in zip(x, shares, strict=True):
        found = np.bincount(row, minlength=4) / COUNT
        assert (abs(found - expected) <= 5 * np.sqrt(expected * (1 - expected) / COUNT)).all()


def _erlang(x: float, order: int) -> float:
    return 1 - math.exp(-x) * sum(x**k / math.factorial(k) for k in range(order))


# alpha: share of numbers up to a point
GAMMA: dict[float, Callable[[float], float]] = {
    0.5: lambda x: math.erf(math.sqrt(x)),
    1.0: lambda x: _erlang(x, 1),
    2.0: lambda x: _erlang(x, 2),
    30.0: lambda x: _erlang(x, 30),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("alpha", GAMMA)
def test_gamma(alpha: float, dtype: str) -> None:
    x = random.gamma((COUNT,), alpha, dtype=dtype, seed=26)
    assert str(x.dtype) == dtype
    check_moments(x, alpha, alpha, 3 * alpha**2 + 6 * alpha)
    check_shares(x, {point * alpha: GAMMA[alpha](point * alpha) for point in (0.1, 0.5, 0.8, 1.0, 1.2, 2.0)})


def test_gamma_of_tiny_and_of_several_alphas() -> None:
    x = random.gamma((COUNT,), 0.05, dtype="float64", seed=27)
    # the mean of ln x is the derivative of ln Γ, its variance the second
    step = 1e-5
    ends = [math.lgamma(0.05 + shift) for shift in (-step, 0, step)]
    slope, bend = (ends[2] - ends[0]) / (2 * step), (ends[2] - 2 * ends[1] + ends[0]) / step**2
    assert abs(np.log(x).mean() - slope) < 5 * math.sqrt(bend / COUNT)
    several = random.gamma((COUNT, 2), [0.5, 8.0], seed=28)
    check_moments(several[:, 0], 0.5, 0.5, 3.75)
    check_moments(several[:, 1], 8, 8, 3 * 64 + 48)


def test_a_round_of_gamma_accepts_at_least_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draw_module, "GAMMA_ROUNDS", 1)
    for alpha in (1.0, 1.5, 3.0, 100.0):
        x = random.gamma((COUNT,), alpha, dtype="float64", seed=35)
        # what is left over lies at alpha − 1/3
        assert np.mean(np.isclose(x, alpha - 1 / 3, rtol=1e-12)) < 0.05


@pytest.mark.parametrize(
    ("a", "b", "share"),
    [
        (3.0, 1.0, lambda x: x**3),
        (1.0, 0.5, lambda x: 1 - math.sqrt(1 - x)),
        (0.5, 0.5, lambda x: 2 / math.pi * math.asin(math.sqrt(x))),
        (2.0, 3.0, lambda x: 6 * x**2 - 8 * x**3 + 3 * x**4),
    ],
)
def test_beta(a: float, b: float, share: Callable[[float], float]) -> None:
    x = random.beta((COUNT,), a, b, dtype="float64", seed=29)
    assert x.min() >= 0 and x.max() <= 1
    check_shares(x, {point: share(point) for point in (0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99)})


def test_beta_of_tiny_arguments_is_a_number() -> None:
    x = random.beta((1000,), 1e-4, 1e-4, seed=30)
    assert np.isfinite(x).all() and 0.3 < np.mean(x > 0.5) < 0.7


@pytest.mark.parametrize(
    ("n", "p"), [(1, 0.3), (7, 0.5), (20, 0.9), (40, 0.3), (1000, 0.02), (500, 0.75), (10**6, 0.4)]
)
def test_binomial(n: int, p: float) -> None:
    x = random.binomial((COUNT,), n, p, dtype="float64", seed=31)
    assert x.min() >= 0 and x.max() <= n and (x == np.floor(x)).all()
    variance = n * p * (1 - p)
    check_moments(x, n * p, variance, 3 * variance**2 + variance * (1 - 6 * p * (1 - p)))
    if n <= 1000:
        spread = math.sqrt(variance)
        chances = [math.exp(_log_chance(k, n, p)) for k in range(n + 1)]
        points = {round(n * p + shift * spread) for shift in (-2, -1, -0.5, 0, 0.5, 1, 2)}
        check_shares(x, {k: math.fsum(chances[: k + 1]) for k in points if 0 <= k < n})


def _log_chance(k: int, n: int, p: float) -> float:
    ways = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return ways + k * math.log(p) + (n - k) * math.log1p(-p)


def test_binomial_of_several_and_of_certain_chances() -> None:
    x = random.binomial((50, 4), [5, 5, 0, 300], [0.0, 1.0, 0.5, 1.0], seed=32)
    assert x.dtype == np.float32 and (x == [0, 5, 0, 300]).all()


def test_shuffle() -> None:
    x = np.arange(COUNT)
    y = random.shuffle(x, seed=33)
    assert not np.array_equal(x, y) and np.array_equal(np.sort(y), x)
    assert abs(np.corrcoef(x, y)[0, 1]) < 5 / math.sqrt(COUNT)
    # every order of three is as likely
    orders = random.shuffle(np.tile(np.arange(3), (COUNT, 1)), axis=1, seed=34)
    counts = np.unique(orders @ [9, 3, 1], return_counts=True)[1]
    assert len(counts) == 6 and (abs(counts / COUNT - 1 / 6) < 5 * math.sqrt(5 / 36 / COUNT)).all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: random.uniform((2,), dtype="int32"), "floating point"),
        (lambda: random.normal((2,), dtype="int32"), "floating point"),
        (lambda: random.randint((2,), 0, 2, dtype="float32"), "integer"),
        (lambda: random.randint((2,), 2, 2), "minval"),
        (lambda: random.categorical([0.0, 1.0], 2), "2-D"),
        (lambda: random.dropout(np.ones(3), 1.5), "rate"),
        (lambda: random.uniform((2,), seed=1.5), "seed"),
        (lambda: random.SeedGenerator("1"), "seed"),
        (lambda: random.SeedGenerator(True), "seed"),
    ],
)
def test_what_cannot_be_drawn_is_told(call: Callable[[], Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()


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


def test_dropout_of_nothing_and_of_everything() -> None:
    x = np.array([1.0, 2.0])
    assert random.dropout(x, 0.0).tolist() == [1, 2] and random.dropout(x, 1.0).tolist() == [0, 0]
    assert random.bernoulli((1000,), 1.0).all() and not random.bernoulli((1000,), 0.0).any()


def test_dropout_shares_a_mask_along_axes_of_its_noise_shape() -> None:
    y = random.dropout(np.ones((50, 7, 3)), 0.5, noise_shape=(None, 1, None), seed=6)
    assert (y == y[:, :1]).all() and 0.3 < np.mean(y[:, 0] == 0) < 0.7


DRAWS: dict[str, Callable[[Any], Any]] = {
    "uniform": lambda seed: random.uniform((5,), seed=seed),
    "uniform in float64": lambda seed: random.uniform((5, 2), dtype="float64", seed=seed),
    "normal": lambda seed: random.normal((5,), seed=seed),
    "normal in float64": lambda seed: random.normal((2, 3), dtype="float64", seed=seed),
    "truncated_normal": lambda seed: random.truncated_normal((5,), seed=seed),
    "bernoulli": lambda seed: random.bernoulli((40,), 0.5, seed=seed),
    "dropout": lambda seed: random.dropout(np.ones(40), 0.5, seed=seed),
    "randint": lambda seed: random.randint((9,), 0, 1000, seed=seed),
    "categorical": lambda seed: random.categorical(np.zeros((3, 9)), 7, seed=seed),
    "gamma": lambda seed: random.gamma((6,), [0.3, 1.0, 2.0, 5.0, 9.0, 50.0], seed=seed),
    "beta": lambda seed: random.beta((4,), 0.5, 2.0, dtype="float64", seed=seed),
    "binomial": lambda seed: random.binomial((5,), 300, 0.4, seed=seed),
    "shuffle": lambda seed: random.shuffle(np.arange(40), seed=seed),
}


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
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


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_programs_and_arrays_draw_the_same(draw: Callable[[Any], Any]) -> None:
    inside, outside = random.SeedGenerator(11), random.SeedGenerator(11)
    workspace = uncached(traced(lambda: draw(inside))).workspace(1)
    for _ in range(3):
        found, expected = step(workspace, [], 1).outputs["y0"], draw(outside)
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)


def test_shuffles_of_a_batch_in_a_program() -> None:
    x = np.arange(12.0).reshape(4, 3)
    workspace = uncached(traced(lambda x: random.shuffle(x, axis=1, seed=5), [x], batch=True)).workspace(4)
    np.testing.assert_array_equal(step(workspace, [x], 4).outputs["y0"], random.shuffle(x, axis=1, seed=5))


def test_a_draw_without_a_seed_is_new_in_each_run_of_a_program() -> None:
    random.set_global_seed(3)
    workspace = uncached(traced(lambda: random.normal((3,)))).workspace(1)
    first, second = (step(workspace, [], 1).outputs["y0"] for _ in range(2))
    assert not np.array_equal(first, second)
    random.set_global_seed(3)
    again = uncached(traced(lambda: random.normal((3,)))).workspace(1)
    np.testing.assert_array_equal(step(again, [], 1).outputs["y0"], first)


def test_generators_are_those_of_keras() -> None:
    generator = random.SeedGenerator(1)
    assert [generator.next().tolist() for _ in range(2)] == [[1, 0], [1, 1]]
    # (state + 1)·5387 mod 933199
    assert generator.next(ordered=False).tolist() == [1, 2]
    assert generator.next().tolist() == [2 * 5387, 3 * 5387]
    assert random.SeedGenerator().get_config()["seed"] is None
    assert random.SeedGenerator(-1).next().tolist() == [2**32 - 1, 0]


def test_the_state_of_a_generator_is_a_seed() -> None:
    np.testing.assert_array_equal(
        random.normal((3,), seed=random.SeedGenerator(7).next()), random.normal((3,), seed=random.SeedGenerator(7))
    )


def test_wide_arguments_do_not_widen_the_result() -> None:
    assert random.uniform((3,), np.float64(1), np.float64(2), dtype="float32", seed=1).dtype == np.float32
    assert random.normal((3,), np.float64(1), np.ones(3), dtype="float32", seed=1).dtype == np.float32
