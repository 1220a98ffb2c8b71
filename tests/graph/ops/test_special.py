"""The error function against the C library's."""

import math

import numpy as np
import pytest

from kmagic.graph.ops.special import error_function


def test_it_is_exact_to_double_precision() -> None:
    x = np.concatenate([np.linspace(-7, 7, 20001), [0.5, -0.5, np.nextafter(0.5, 0), 1e-300, 1e-8]])
    exact = np.array([math.erf(value) for value in x])
    np.testing.assert_allclose(error_function(x), exact, rtol=1e-15, atol=1e-15)


def test_small_numbers_keep_all_their_digits() -> None:
    x = np.geomspace(1e-12, 0.5, 500)
    np.testing.assert_allclose(error_function(x), [math.erf(value) for value in x], rtol=1e-15)


def test_ends_and_signs() -> None:
    assert error_function(np.array([np.inf, -np.inf])).tolist() == [1, -1]
    assert math.isnan(error_function(np.array(np.nan)))
    assert np.signbit(error_function(np.array([-0.0]))).all()


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_it_keeps_the_dtype_and_writes_where_asked(dtype: str) -> None:
    x = np.array([0.25, 3.0], dtype)
    out = np.empty(2, dtype)
    assert error_function(x, out) is out and error_function(x).dtype == dtype
    np.testing.assert_array_equal(out, error_function(x))
