"""Decompositions. A row holds all results for a matrix in one vector; public functions cut it."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from kmagic.base.errors import BadValue, Unsupported
from kmagic.base.shapes import Shape
from kmagic.graph import eager
from kmagic.graph.ops.linalg.matrices import (
    flat,
    host_row,
    identity,
    matrix,
    parts_of,
    solid,
    square,
    square_alone,
    transposed,
    triangle,
)
from kmagic.graph.ops.linalg.solving import _solve_triangular
from kmagic.graph.ops.movement import dtype_of, shape_of
from kmagic.graph.table import ops, public


def _symmetric(x: Any) -> Any:
    return (x + transposed(x)) / 2


# ---- Cholesky ----


def _cholesky_gradient(g: Any, y: Any, x: Any) -> tuple[Any]:
    """I. Murray, Differentiation of the Cholesky decomposition, arXiv 1602.07527, equation 10."""
    turned = transposed(y)
    inner = triangle(ops.matmul(turned, g), lower=True)
    inner = inner - inner * identity(x.shape[-1], x) / 2
    half = _solve_triangular(turned, inner, False)
    return (_symmetric(_solve_triangular(turned, transposed(half), False)),)


@host_row(lambda x: np.linalg.cholesky((x + np.swapaxes(x, -1, -2)) / 2), square_alone, _cholesky_gradient)
def _cholesky(x: Any, /) -> Any:
    """Lower L with L·Lᵀ = (x + xᵀ) / 2; NaN where that is not positive definite."""


@public
def cholesky(x: Any, upper: bool = False) -> Any:
    """Lower L with L·Lᵀ = x, or upper U with Uᵀ·U = x, of symmetric positive definite matrices."""
    factor = _cholesky(x)
    if eager.as_node(factor) is None and np.isnan(factor).any():
        raise BadValue("Cholesky decomposition failed", where="cholesky", expected="a positive definite matrix")
    return transposed(factor) if upper else factor


# ---- eigenvalues ----


def _reciprocals(differences: Any) -> Any:
    """1 / x, and 0 where x is 0: equal values have no direction of their own."""
    apart = ops.not_equal(differences, 0)
    return ops.where(apart, 1 / ops.where(apart, differences, 1), 0)


def _eigen(x: Any) -> Any:
    values, vectors = np.linalg.eigh((x + np.swapaxes(x, -1, -2)) / 2)
    return flat(values[..., None], vectors)


def _eigen_shape(x: Shape) -> Shape:
    n = square(x)
    return (*x[:-2], n + n * n)


def _eigen_gradient(g: Any, y: Any, x: Any) -> tuple[Any]:
    """M. Giles, Collected Matrix Derivative Results, 2008, section 3.1."""
    n = x.shape[-1]
    (values, vectors), (g_values, g_vectors) = parts_of(y, (n,), (n, n)), parts_of(g, (n,), (n, n))
    differences = ops.expand_dims(values, -2) - ops.expand_dims(values, -1)
    inner = _reciprocals(differences) * ops.matmul(transposed(vectors), g_vectors)
    inner = inner + identity(n, x) * ops.expand_dims(g_values, -1)
    return (_symmetric(ops.matmul(ops.matmul(vectors, inner), transposed(vectors))),)


@host_row(_eigen, _eigen_shape, _eigen_gradient)
def _eigen_of(x: Any, /) -> Any:
    """Eigenvalues and eigenvectors of (x + xᵀ) / 2."""


@public
def eigh(x: Any) -> tuple[Any, Any]:
    """Eigenvalues in ascending order, and eigenvectors as columns, of symmetric matrices.

    The gradient by vectors needs distinct eigenvalues.
    """
    x = ops.convert_to_tensor(x)
    n = square(shape_of(x))
    values, vectors = parts_of(_eigen_of(x), (n,), (n, n))
    return values, vectors


@public
def eig(x: Any) -> tuple[Any, Any]:
    """Eigenvalues and eigenvectors of any square matrices as complex numbers; on arrays only."""
    if eager.as_node(x) is not None:
        raise Unsupported("eig inside a program", expected="real values", fix="kmagic.ops.eigh of a symmetric matrix")
    x = np.asarray(ops.convert_to_tensor(x))
    square(x.shape)
    values, vectors = np.linalg.eig(x.astype(solid(dtype_of(x))))
    kind = np.result_type(values, np.complex64)
    return values.astype(kind), vectors.astype(kind)


# ---- singular values ----


def _singular(x: Any) -> Any:
    u, s, vt = np.linalg.svd(x, full_matrices=False)
    return flat(u, s[..., None], vt)


def _singular_sizes(x: Shape) -> tuple[tuple[int, ...], ...]:
    m, n = matrix(x)
    k = min(m, n)
    return (m, k), (k,), (k, n)


def _total(*sizes: tuple[int, ...]) -> int:
    return sum(int(np.prod(size)) for size in sizes)


def _singular_gradient(g: Any, y: Any, x: Any) -> tuple[Any]:
    """J. Townsend, Differentiating the Singular Value Decomposition, 2016."""
    sizes = _singular_sizes(x.shape)
    (u, s, vt), (g_u, g_s, g_vt) = parts_of(y, *sizes), parts_of(g, *sizes)
    v, g_v = transposed(vt), transposed(g_vt)
    down, across = ops.expand_dims(s, -1), ops.expand_dims(s, -2)
    # s_j² − s_i² as a product, which keeps the digits of close values
    factor = _reciprocals((across - down) * (across + down))
    over = _reciprocals(s)

    def turning(vectors: Any, slopes: Any) -> Any:
        along = ops.matmul(transposed(vectors), slopes)
        return factor * (along - transposed(along))

    def beyond(vectors: Any, slopes: Any) -> Any:
        return slopes - ops.matmul(vectors, ops.matmul(transposed(vectors), slopes))

    inner = turning(u, g_u) * across + down * turning(v, g_v) + identity(s.shape[-1], x) * ops.expand_dims(g_s, -1)
    result = ops.matmul(ops.matmul(u, inner), vt)
    result = result + ops.matmul(beyond(u, g_u) * ops.expand_dims(over, -2), vt)
    return (result + ops.matmul(u, transposed(beyond(v, g_v) * ops.expand_dims(over, -2))),)


@host_row(_singular, lambda x: (*x[:-2], _total(*_singular_sizes(x))), _singular_gradient)
def _singular_of(x: Any, /) -> Any:
    """U, singular values and Vᵀ, as many as the smaller axis has."""


def _full_sizes(x: Shape) -> tuple[tuple[int, ...], ...]:
    m, n = matrix(x)
    return (m, m), (min(m, n),), (n, n)


def _full_singular(x: Any) -> Any:
    u, s, vt = np.linalg.svd(x, full_matrices=True)
    return flat(u, s[..., None], vt)


@host_row(_full_singular, lambda x: (*x[:-2], _total(*_full_sizes(x))), smooth=False)
def _full_singular_of(x: Any, /) -> Any:
    """Square U, singular values and square Vᵀ; without a gradient, as the further columns are any."""


@public
def svd(x: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """U, s and Vᵀ with U·diag(s)·Vᵀ = x, s in descending order; only s without `compute_uv`.

    U and Vᵀ are square with `full_matrices`, which has no gradient where x is not. The gradient by vectors needs
    distinct singular values.
    """
    x = ops.convert_to_tensor(x)
    m, n = matrix(shape_of(x))
    if compute_uv and full_matrices and m != n:
        return tuple(parts_of(_full_singular_of(x), *_full_sizes(shape_of(x))))
    u, s, vt = parts_of(_singular_of(x), *_singular_sizes(shape_of(x)))
    return (u, s, vt) if compute_uv else s


@public
def matrix_rank(x: Any, tol: float | None = None) -> Any:
    """How many singular values are above `tol` (by default max(m, n)·ε times the largest)."""
    s = svd(x, compute_uv=False)
    rounding = float(np.finfo(dtype_of(s)).eps) * max(matrix(shape_of(ops.convert_to_tensor(x))))
    limit = ops.max(s, -1, keepdims=True) * rounding if tol is None else tol
    return ops.sum(ops.cast(s > limit, "int32"), -1)


# ---- QR ----


def _qr_sizes(x: Shape) -> tuple[tuple[int, ...], ...]:
    m, n = matrix(x)
    k = min(m, n)
    return (m, k), (k, n)


def _qr_gradient(g: Any, y: Any, x: Any) -> tuple[Any]:
    """S. Walter and L. Lehmann, Algorithmic Differentiation of Linear Algebra Functions, 2010, section 5."""
    sizes = _qr_sizes(x.shape)
    (q, r), (g_q, g_r) = parts_of(y, *sizes), parts_of(g, *sizes)
    inner = ops.matmul(r, transposed(g_r)) - ops.matmul(transposed(g_q), q)
    mirrored = triangle(inner, lower=True) + transposed(triangle(inner, lower=True, offset=-1))
    return (transposed(_solve_triangular(r, transposed(g_q + ops.matmul(q, mirrored)), False)),)


@host_row(lambda x: flat(*np.linalg.qr(x)), lambda x: (*x[:-2], _total(*_qr_sizes(x))), _qr_gradient)
def _qr_of(x: Any, /) -> Any:
    """Q with orthonormal columns and upper R with Q·R = x, of matrices with no more columns than rows."""


def _complete_sizes(x: Shape) -> tuple[tuple[int, ...], ...]:
    m, n = matrix(x)
    return (m, m), (m, n)


@host_row(
    lambda x: flat(*np.linalg.qr(x, mode="complete")), lambda x: (*x[:-2], _total(*_complete_sizes(x))), smooth=False
)
def _complete_qr_of(x: Any, /) -> Any:
    """Square Q and R with Q·R = x; without a gradient, as the further columns of Q are any."""


@public
def qr(x: Any, mode: Literal["reduced", "complete"] = "reduced") -> tuple[Any, Any]:
    """Q with orthonormal columns and upper R with Q·R = x; Q is square if `mode` is "complete"."""
    if mode not in ("reduced", "complete"):
        raise BadValue(f"mode is {mode!r}", where="qr", expected="'reduced' or 'complete'")
    x = ops.convert_to_tensor(x)
    m, n = matrix(shape_of(x))
    if m < n:
        q, r = qr(x[..., :m])
        return q, ops.concatenate([r, ops.matmul(transposed(q), x[..., m:])], -1)
    if mode == "complete" and m > n:
        q, r = parts_of(_complete_qr_of(x), *_complete_sizes(shape_of(x)))
    else:
        q, r = parts_of(_qr_of(x), *_qr_sizes(shape_of(x)))
    return q, r


# ---- LU ----


def _lu(x: Any) -> Any:
    """By columns with the largest pivot of each (G. Golub and C. Van Loan, Matrix Computations, algorithm 3.4.1)."""
    lu = np.array(x)
    *lead, m, n = lu.shape
    pivots = np.zeros((*lead, min(m, n), 1), lu.dtype)
    for k in range(min(m, n)):
        best = k + np.argmax(np.abs(lu[..., k:, k]), -1)
        pivots[..., k, 0] = best
        chosen = np.take_along_axis(lu, best[..., None, None], -2)
        np.put_along_axis(lu, best[..., None, None], lu[..., k : k + 1, :].copy(), -2)
        lu[..., k, :] = chosen[..., 0, :]
        pivot = lu[..., k, k][..., None]
        lu[..., k + 1 :, k] /= np.where(pivot == 0, 1, pivot)
        lu[..., k + 1 :, k + 1 :] -= lu[..., k + 1 :, k, None] * lu[..., None, k, k + 1 :]
    return flat(lu, pivots)


def _lu_sizes(x: Shape) -> tuple[tuple[int, ...], ...]:
    m, n = matrix(x)
    return (m, n), (min(m, n),)


@host_row(_lu, lambda x: (*x[:-2], _total(*_lu_sizes(x))), smooth=False)
def _lu_of(x: Any, /) -> Any:
    """L below the diagonal, U on and above it, and which row was exchanged for each."""


@public
def lu_factor(x: Any) -> tuple[Any, Any]:
    """L (below its diagonal of ones) and U in one matrix, and the row that each row was exchanged with; no gradient."""
    x = ops.convert_to_tensor(x)
    lu, pivots = parts_of(_lu_of(x), *_lu_sizes(shape_of(x)))
    return lu, ops.cast(pivots, "int32")
