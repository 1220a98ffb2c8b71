"""Pools against loops over windows; who of equal largest entries gets the gradient."""

import itertools

import numpy as np
import pytest

from kmagic import ops
from kmagic.base.errors import BadValue, ShapeMismatch
from kmagic.graph.ops.derivatives import grad
from tests.compiler.programs import run, traced
from tests.graph.ops.every_way import check_slopes, check_values

GENERATOR = np.random.default_rng(0)
LINE, IMAGE, BODY = (GENERATOR.normal(size=shape) for shape in ((3, 9, 2), (2, 7, 6, 3), (2, 4, 5, 4, 2)))
CALLS = [
    (LINE, {"pool_size": 2}),
    (LINE, {"pool_size": 3, "strides": 2, "padding": "same"}),
    (IMAGE, {"pool_size": 2}),
    (IMAGE, {"pool_size": (3, 2), "strides": 1}),
    (IMAGE, {"pool_size": 3, "strides": 2, "padding": "SAME"}),
    (IMAGE, {"pool_size": 2, "strides": 3}),
    (BODY, {"pool_size": 2, "strides": (1, 2, 2), "padding": "same"}),
]


def looped(function, x, pool_size, strides=None, padding="valid"):
    """One value of each window, of the entries inside only."""
    rank = x.ndim - 2
    sizes, steps = ((value,) * rank if isinstance(value, int) else value for value in (pool_size, strides or pool_size))
    ways = []
    for n, k, step in zip(x.shape[1:-1], sizes, steps, strict=True):
        count, before = (n - k) // step + 1, 0
        if padding.lower() == "same":
            count = -(-n // step)
            before = max((count - 1) * step + k - n, 0) // 2
        starts = [i * step - before for i in range(count)]
        ways.append([slice(max(start, 0), start + k) for start in starts])
    found = [function(x[(slice(None), *place)], tuple(range(1, rank + 1))) for place in itertools.product(*ways)]
    return np.stack(found, 1).reshape(len(x), *map(len, ways), x.shape[-1])


@pytest.mark.parametrize(("x", "options"), CALLS)
@pytest.mark.parametrize(("pool", "function"), [(ops.max_pool, np.max), (ops.average_pool, np.mean)])
def test_pools(pool, function, x, options) -> None:
    check_values(lambda x: pool(x, **options), [x], looped(function, x, **options))
    check_slopes(lambda x: pool(x, **options), [x])
    first = pool(np.moveaxis(x, -1, 1), data_format="channels_first", **options)
    np.testing.assert_allclose(np.moveaxis(first, 1, -1), pool(x, **options), rtol=1e-12)


def test_the_first_of_equal_entries_gets_the_gradient() -> None:
    x = np.array([1.0, 1.0, 0.0, 2.0, 2.0, 2.0]).reshape(1, 6, 1)

    def slope(x):
        return grad(lambda x: ops.sum(ops.max_pool(x, 3, 1)))(x)

    check_values(slope, [x], np.array([1.0, 0, 0, 3, 0, 0]).reshape(1, 6, 1))


def test_second_derivatives() -> None:
    weights = GENERATOR.normal(size=(2, 3, 3, 3))
    for pool in (ops.max_pool, ops.average_pool):
        check_slopes(lambda x, p=pool: grad(lambda x: ops.sum(p(x**3, 2) * weights))(x), [IMAGE])


def test_largest_of_numbers_below_zero_at_the_edge() -> None:
    x = np.full((1, 3, 1), -5.0)
    check_values(lambda x: ops.max_pool(x, 2, padding="same"), [x], np.full((1, 2, 1), -5.0))
    assert ops.max_pool(x.astype("int32"), 2, padding="same").tolist() == [[[-5], [-5]]]


def test_nan_stays() -> None:
    x = np.array([1.0, np.nan, 3.0, 4.0]).reshape(1, 4, 1)
    found = run(traced(lambda x: ops.max_pool(x, 2), [x]), [x]).outputs["y0"]
    np.testing.assert_array_equal(found.ravel(), [np.nan, 4.0])


@pytest.mark.parametrize(("size", "count"), [(9, 3), (9, 4), (9, 1), (9, 9), (3, 7)])
def test_adaptive_pools_share_out_an_axis(size, count) -> None:
    x = GENERATOR.normal(size=(2, size, 3))
    edges = [(i * size // count, int(np.ceil((i + 1) * size / count))) for i in range(count)]
    for pool, function in ((ops.adaptive_max_pool, np.max), (ops.adaptive_average_pool, np.mean)):
        expected = np.stack([function(x[:, a:b], 1) for a, b in edges], 1)
        check_values(lambda x, p=pool: p(x, count), [x], expected)
        check_slopes(lambda x, p=pool: p(x, count), [x])


def test_adaptive_pools_of_several_axes() -> None:
    for pool in (ops.adaptive_max_pool, ops.adaptive_average_pool):
        assert pool(IMAGE, (3, 2)).shape == (2, 3, 2, 3)
        check_slopes(lambda x, p=pool: p(x, (3, 4)), [IMAGE])


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ShapeMismatch, match="an axis of 6 under a window of 7"):
        ops.max_pool(IMAGE, 7)
    for options in ({"pool_size": 0}, {"pool_size": (2, 2, 2)}, {"pool_size": 2, "padding": "full"}):
        with pytest.raises(BadValue, match=list(options)[-1]):
            ops.average_pool(IMAGE, **options)


def test_windows_of_many_entries() -> None:
    x = GENERATOR.normal(size=(2, 20, 17, 2))
    check_values(lambda x: ops.max_pool(x, 16, 1), [x], looped(np.max, x, 16, 1))
    check_slopes(lambda x: ops.max_pool(x, 16, 1), [x])
    check_slopes(lambda x: ops.max_pool(x, 16), [x])


def test_gradients_of_infinity_go_to_one_place() -> None:
    x = np.array([1.0, 3.0, 2.0, 0.0]).reshape(1, 4, 1)

    def slope(x):
        return grad(lambda x: ops.sum(ops.max_pool(x, 2) * np.inf))(x)

    for found in (slope(x), run(traced(slope, [x]), [x]).outputs["y0"]):
        np.testing.assert_array_equal(found.ravel(), [0, np.inf, np.inf, 0])


def test_a_batch_of_nothing() -> None:
    x = np.zeros((0, 6, 4, 3))
    check_values(lambda x: grad(lambda x: ops.sum(ops.average_pool(ops.max_pool(x, 2, 1), 2)))(x), [x], x)
