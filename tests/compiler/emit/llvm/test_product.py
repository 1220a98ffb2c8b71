"""Products: tiles and BLAS, turned, stacked, thin."""

import itertools

import numpy as np
import pytest

from kmagic import ops
from kmagic.compiler.emit.llvm import blas

from .native_programs import agree, normal

SIZES = [1, 2, 7, 16, 33, 70]


@pytest.mark.parametrize(("rows", "inner", "columns"), list(itertools.product(SIZES, [1, 5, 32], SIZES)))
def test_any_size(rows: int, inner: int, columns: int) -> None:
    a, b = normal(rows, inner), normal(inner, columns, seed=1)
    turned = ops.transpose
    agree(lambda a: [ops.matmul(a, b), ops.matmul(turned(turned(a) * 1.0), b), ops.matmul(a, turned(turned(b)))], a)
    agree(lambda a: [ops.matmul(turned(a), a), ops.matmul(a, turned(a))], a)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "float16"])
def test_dtypes(dtype: str) -> None:
    a, b = (normal(9, 11) * 3).astype(dtype), (normal(11, 20) * 3).astype(dtype)
    agree(lambda a: ops.matmul(a, b), a, rtol=2e-2 if dtype == "float16" else 1e-5, atol=1e-5)


def test_stacks_and_views() -> None:
    a, b = normal(3, 4, 6, 8), normal(3, 4, 6, 8, seed=1)
    agree(lambda a, b: [ops.matmul(a, ops.swapaxes(b, -1, -2)), ops.matmul(ops.swapaxes(a, -1, -2), b)], a, b)
    agree(lambda a, b: ops.matmul(ops.transpose(a, (0, 2, 1, 3)), ops.transpose(b, (0, 2, 3, 1))), a, b)
    agree(lambda a: ops.matmul(a[:, 0, 1:5, ::2], normal(4, 3)), a)


@pytest.mark.parametrize("has_blas", [True, False])
def test_large_ones_with_and_without_a_library(has_blas: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not has_blas:
        monkeypatch.setattr(blas, "symbol", lambda dtype: None)
    a, b = normal(150, 130, dtype="float32"), normal(130, 140, dtype="float32", seed=1)
    (found,) = agree(lambda a: ops.matmul(a, b), a, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(found, a.astype("float64") @ b.astype("float64"), atol=1e-4)
    agree(lambda a: ops.matmul(a, ops.transpose(ops.transpose(b) * 1.0)), a, rtol=1e-4, atol=1e-4)


def test_nothing_times_something() -> None:
    b = normal(3, 4)
    agree(lambda a: [ops.matmul(a[:, :0, :], b), ops.matmul(a[:, :, :0], b[:0])], normal(2, 5, 3))
