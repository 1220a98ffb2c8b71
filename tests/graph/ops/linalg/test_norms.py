"""Norms of every order against NumPy."""

import numpy as np
import pytest

import kmagic
from kmagic import ops
from kmagic.base.errors import BadValue
from tests.graph.ops.every_way import check_slopes, check_values

X = np.random.default_rng(0).normal(size=(4, 3, 5))
VECTOR_ORDERS = [None, 1, 2, 3, 2.5, -1, -2, 0, np.inf, -np.inf]
MATRIX_ORDERS = [None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf]


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("ord", VECTOR_ORDERS)
def test_vectors(ord, keepdims) -> None:
    def function(x):
        return ops.norm(x, ord=ord, axis=1, keepdims=keepdims)

    check_values(function, [X], np.linalg.norm(X, ord=ord, axis=1, keepdims=keepdims))
    check_slopes(function, [X])


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [(1, 2), (2, 0), (-1, 1)])
@pytest.mark.parametrize("ord", MATRIX_ORDERS)
def test_matrices(ord, axis, keepdims) -> None:
    def function(x):
        return ops.norm(x, ord, axis, keepdims)

    check_values(function, [X], np.linalg.norm(X, ord, axis, keepdims), batch=0 not in axis)
    check_slopes(function, [X])


def test_of_all_values() -> None:
    check_values(ops.norm, [X], np.sqrt((X * X).sum()))
    assert ops.norm([3.0, 4.0]) == 5 and ops.norm([[3, 0], [0, 4]], 1) == 4 and ops.norm([3, 4], 1) == 7
    assert ops.norm([3, 4]).dtype == np.float32


def test_slope_at_zero_is_zero() -> None:
    assert kmagic.grad(ops.norm)(np.zeros(3)).tolist() == [0, 0, 0]


def test_orders_that_do_not_exist_are_told() -> None:
    for ord, axis in (("fro", 1), (3, (1, 2)), ("max", (1, 2)), (1, None)):
        with pytest.raises(BadValue, match="ord"):
            ops.norm(X, ord, axis)
