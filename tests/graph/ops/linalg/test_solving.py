"""Systems, inverses and determinants against NumPy; what is singular."""

import numpy as np
import pytest

import kmagic
from kmagic import ops
from kmagic.base.errors import ShapeMismatch
from tests.graph.ops.every_way import check_slopes, check_values

GENERATOR = np.random.default_rng(0)
A = GENERATOR.normal(size=(4, 3, 3)) + 4 * np.eye(3)
B = GENERATOR.normal(size=(4, 3, 2))
TALL, WIDE = GENERATOR.normal(size=(4, 5, 3)), GENERATOR.normal(size=(4, 3, 5))
SINGULAR = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [1.0, 0.0, 1.0]])


def test_solve() -> None:
    check_values(ops.solve, [A, B], np.linalg.solve(A, B))
    check_values(lambda a, b: ops.solve(a, b[..., 0]), [A, B], np.linalg.solve(A, B)[..., 0])
    check_slopes(lambda a, b: ops.solve(a, b[..., 0]), [A, B])
    assert ops.solve([[2.0, 0.0], [0.0, 4.0]], [2.0, 2.0]).tolist() == [1, 0.5]


@pytest.mark.parametrize("lower", [False, True])
def test_solve_triangular_reads_one_triangle(lower: bool) -> None:
    half = np.tril(A) if lower else np.triu(A)
    expected = np.linalg.solve(half, B)
    check_values(lambda a, b: ops.solve_triangular(a, b, lower=lower), [A, B], expected)
    check_values(lambda a, b: ops.solve_triangular(a, b[..., 0], lower), [A, B], expected[..., 0])
    check_slopes(lambda a, b: ops.solve_triangular(a, b, lower), [A, B])


def test_inverses() -> None:
    check_values(ops.inv, [A], np.linalg.inv(A))
    check_slopes(ops.inv, [A])
    lower, upper = np.tril(A), np.triu(A)
    check_values(ops.cholesky_inverse, [lower], np.linalg.inv(lower @ lower.swapaxes(1, 2)))
    check_values(lambda u: ops.cholesky_inverse(u, upper=True), [upper], np.linalg.inv(upper.swapaxes(1, 2) @ upper))
    check_slopes(ops.cholesky_inverse, [lower])


def test_determinants() -> None:
    check_values(ops.det, [A], np.linalg.det(A))
    check_slopes(ops.det, [A])
    check_values(ops.slogdet, [-A], tuple(np.linalg.slogdet(-A)))
    check_slopes(lambda x: ops.slogdet(x)[1], [-A])
    definite = A @ A.swapaxes(1, 2)
    check_values(ops.logdet, [definite], np.log(np.linalg.det(definite)))
    tiny = np.eye(400) * 1e-5
    assert ops.slogdet(tiny)[1] == pytest.approx(400 * np.log(1e-5))


def test_determinant_of_a_singular_matrix_has_a_gradient() -> None:
    # derivatives by the cofactors: (−1)^(i+j) times the minor
    minors = [[np.linalg.det(np.delete(np.delete(SINGULAR, i, 0), j, 1)) for j in range(3)] for i in range(3)]
    expected = np.array(minors) * np.array([[1, -1, 1], [-1, 1, -1], [1, -1, 1]])
    np.testing.assert_allclose(kmagic.grad(ops.det)(SINGULAR), expected, atol=1e-12)


def test_only_the_singular_matrix_of_a_stack_becomes_nan() -> None:
    stack = np.stack([A[0], np.zeros((3, 3)), A[1]])
    found = ops.inv(stack)
    assert np.isnan(found[1]).all()
    np.testing.assert_allclose(found[[0, 2]], np.linalg.inv(A[:2]))
    solved = ops.solve(stack, B[:1])
    assert np.isnan(solved[1]).all()
    np.testing.assert_allclose(solved[2], np.linalg.solve(A[1], B[0]))


def test_pinv() -> None:
    for x in (A, TALL, WIDE):
        check_values(ops.pinv, [x], np.linalg.pinv(x))
        check_slopes(ops.pinv, [x])
    np.testing.assert_allclose(ops.pinv(SINGULAR), np.linalg.pinv(SINGULAR, rcond=1e-10), atol=1e-12)
    diagonal = np.diag([1.0, 0.2, 0.01])
    np.testing.assert_allclose(ops.pinv(diagonal, rcond=0.1), np.diag([1.0, 5.0, 0.0]), atol=1e-12)


def test_lstsq() -> None:
    for a, b in ((TALL[0], B[0, [0, 1, 2, 0, 1]]), (WIDE[0], B[0]), (A[0], B[0, :, 0]), (SINGULAR, B[0])):
        expected = np.linalg.lstsq(a, b, rcond=1e-10)[0]
        check_values(ops.lstsq, [a, b], expected, batch=False)
    check_slopes(ops.lstsq, [TALL[0], TALL[1, :, 0]])
    with pytest.raises(ShapeMismatch, match="lstsq"):
        ops.lstsq(TALL[0], B[0])


def test_what_does_not_fit_is_told() -> None:
    for function in (ops.inv, ops.det, ops.logdet, ops.cholesky, ops.eigh, ops.eig):
        with pytest.raises(ShapeMismatch, match="square"):
            function(TALL)
        with pytest.raises(ShapeMismatch, match="rank"):
            function(np.ones(3))
    for function in (ops.solve, ops.solve_triangular):
        with pytest.raises(ShapeMismatch, match="batch n n"):
            function(A[0], np.ones((4, 2)))
        with pytest.raises(ShapeMismatch, match="batch n n"):
            function(A, np.ones(3))


def test_dtypes() -> None:
    assert ops.inv(np.eye(2, dtype="int32")).dtype == np.float32
    assert ops.inv(np.eye(2, dtype="float16")).dtype == np.float32
    assert ops.solve(np.eye(2, dtype="float32"), np.ones(2)).dtype == np.float64
