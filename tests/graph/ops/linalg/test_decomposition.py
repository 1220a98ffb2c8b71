"""Decompositions: what they are made of, what makes them unique, and their gradients."""

import numpy as np
import pytest

import kmagic
from kmagic import ops
from kmagic.base.errors import BadValue, Unsupported
from kmagic.graph.ops.source import input_symbol
from kmagic.graph.table import TABLE
from tests.compiler.programs import run, traced
from tests.graph.ops.every_way import check_slopes, check_values

GENERATOR = np.random.default_rng(0)
A = GENERATOR.normal(size=(4, 3, 3))
DEFINITE = A @ A.swapaxes(1, 2) + np.diag([1.0, 2.0, 3.0])
TALL, WIDE = GENERATOR.normal(size=(4, 5, 3)), GENERATOR.normal(size=(4, 3, 5))


def turned(x):
    return np.swapaxes(x, -1, -2)


def check_orthonormal(x) -> None:
    np.testing.assert_allclose(
        turned(x) @ x, np.broadcast_to(np.eye(x.shape[-1]), (*x.shape[:-2], *x.shape[-1:] * 2)), atol=1e-12
    )


def test_cholesky() -> None:
    check_values(ops.cholesky, [DEFINITE], np.linalg.cholesky(DEFINITE))
    check_values(lambda x: ops.cholesky(x, upper=True), [DEFINITE], turned(np.linalg.cholesky(DEFINITE)))
    check_slopes(ops.cholesky, [DEFINITE])
    check_slopes(lambda x: ops.cholesky(x, upper=True), [DEFINITE])


def test_cholesky_of_what_is_not_definite() -> None:
    stack = np.stack([DEFINITE[0], -DEFINITE[1]])
    with pytest.raises(BadValue, match="positive definite"):
        ops.cholesky(stack)
    compiled = run(traced(ops.cholesky, [stack]), [stack]).outputs["y0"]
    np.testing.assert_allclose(compiled[0], np.linalg.cholesky(DEFINITE[0]))
    assert np.isnan(compiled[1]).all()


def test_eigh() -> None:
    check_values(lambda x: ops.eigh(x)[0], [DEFINITE], np.linalg.eigvalsh(DEFINITE))
    values, vectors = ops.eigh(DEFINITE)
    check_orthonormal(vectors)
    np.testing.assert_allclose(vectors * values[:, None] @ turned(vectors), DEFINITE, atol=1e-12)
    check_slopes(ops.eigh, [DEFINITE], tolerance=1e-6)
    # equal eigenvalues: the gradient by values is still that of their sum, the trace
    np.testing.assert_allclose(kmagic.grad(lambda x: ops.sum(ops.eigh(x)[0]))(np.eye(3)), np.eye(3))


def test_eig_of_a_turn_is_complex() -> None:
    values, vectors = ops.eig([[0.0, -1.0], [1.0, 0.0]])
    assert values.dtype == vectors.dtype == np.complex64
    np.testing.assert_allclose(sorted(values.imag), [-1, 1])
    wide, columns = ops.eig(A)
    assert wide.dtype == np.complex128
    np.testing.assert_allclose(A @ columns, columns * wide[:, None], atol=1e-12)
    with pytest.raises(Unsupported, match="eig"):
        ops.eig(input_symbol((2, 2), "float32", "x"))


@pytest.mark.parametrize("x", [A, TALL, WIDE], ids=["square", "tall", "wide"])
def test_svd(x) -> None:
    u, s, vt = ops.svd(x, full_matrices=False)
    np.testing.assert_allclose(u * s[:, None] @ vt, x, atol=1e-12)
    check_orthonormal(u)
    check_orthonormal(turned(vt))
    check_values(lambda x: ops.svd(x, compute_uv=False), [x], np.linalg.svd(x, compute_uv=False))
    check_slopes(lambda x: ops.svd(x, full_matrices=False), [x], tolerance=1e-6)
    full = ops.svd(x)
    check_orthonormal(full[0])
    check_orthonormal(turned(full[2]))
    assert full[0].shape[-1] == x.shape[-2] and full[2].shape[-1] == x.shape[-1]
    k = min(x.shape[-2:])
    np.testing.assert_allclose(full[0][..., :k] * full[1][:, None] @ full[2][:, :k], x, atol=1e-12)


def test_svd_of_equal_and_zero_values_has_finite_gradients() -> None:
    for x in (np.eye(3), np.diag([2.0, 1.0, 0.0])):
        found = kmagic.grad(lambda x: ops.sum(ops.svd(x, full_matrices=False)[1]))(x)
        assert np.isfinite(found).all()


def test_matrix_rank() -> None:
    singular = np.array([[1.0, 2.0], [2.0, 4.0]])
    found = ops.matrix_rank(np.stack([np.eye(2), singular, np.zeros((2, 2))]))
    assert found.tolist() == [2, 1, 0] and found.dtype == np.int32
    assert ops.matrix_rank(np.diag([1.0, 0.2, 0.01]), tol=0.1) == 2
    assert ops.matrix_rank(singular.astype("float32") / 3) == 1


@pytest.mark.parametrize("x", [A, TALL, WIDE], ids=["square", "tall", "wide"])
@pytest.mark.parametrize("mode", ["reduced", "complete"])
def test_qr(x, mode) -> None:
    q, r = np.linalg.qr(x, mode=mode)
    check_values(lambda x: ops.qr(x, mode=mode), [x], (q, r))
    if mode == "reduced" or x is not TALL:
        check_slopes(lambda x: ops.qr(x, mode), [x], tolerance=1e-6)


def test_qr_has_two_modes() -> None:
    with pytest.raises(BadValue, match="mode"):
        ops.qr(A, mode="raw")


@pytest.mark.parametrize("x", [A, TALL, WIDE, A[0], np.zeros((2, 2))])
def test_lu_factor(x) -> None:
    lu, pivots = ops.lu_factor(x)
    m, n = x.shape[-2:]
    k = min(m, n)
    assert pivots.dtype == np.int32 and pivots.shape == (*x.shape[:-2], k)
    lower = np.tril(lu[..., :k], -1) + np.eye(m, k)
    product = lower @ np.triu(lu[..., :k, :])
    assert (abs(lower) <= 1).all()
    for place in np.ndindex(x.shape[:-2]):
        rows = x[place].copy()
        for i, j in enumerate(pivots[place]):
            rows[[i, j]] = rows[[j, i]]
        np.testing.assert_allclose(product[place], rows, atol=1e-12)


def test_what_has_no_gradient_says_so() -> None:
    for function in (lambda x: ops.lu_factor(x)[0], lambda x: ops.svd(x)[0], lambda x: ops.qr(x, "complete")[0]):
        with pytest.raises(Unsupported, match="gradient"):
            kmagic.grad(lambda x: ops.sum(function(x)))(TALL)  # noqa: B023 - called at once


def test_decompositions_are_marked_host_only() -> None:
    assert all(row.host_only for row in TABLE.values() if row.kind == "decomposition")
