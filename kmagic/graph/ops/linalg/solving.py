"""Systems of equations, inverses and determinants."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmagic.base import shapes
from kmagic.base.errors import ShapeMismatch
from kmagic.base.shapes import Shape
from kmagic.graph.ops.linalg.matrices import (
    host_row,
    identity,
    matrix,
    solid,
    square,
    square_alone,
    transposed,
    triangle,
)
from kmagic.graph.ops.movement import shape_of
from kmagic.graph.table import ops, public


def _solution(a: Shape, b: Shape, **attributes: Any) -> Shape:
    n, (m, k) = square(a), matrix(b)
    if m != n:
        raise ShapeMismatch(
            f"{shapes.written(a)} with {shapes.written(b)}", expected="[*batch n n] with [*batch n k] or [*batch n]"
        )
    return (*shapes.broadcast(a[:-2], b[:-2]), n, k)


def _solve_gradient(g: Any, x: Any, a: Any, b: Any) -> tuple[Any, Any]:
    pulled = _solve(transposed(a), g)
    return -ops.matmul(pulled, transposed(x)), pulled


@host_row(np.linalg.solve, _solution, _solve_gradient)
def _solve(a: Any, b: Any, /) -> Any:
    """The X with A·X = B."""


def _triangular_solution(a: Any, b: Any, lower: bool) -> Any:
    return np.linalg.solve(np.tril(a) if lower else np.triu(a), b)


def _triangular_gradient(g: Any, x: Any, a: Any, b: Any, lower: bool) -> tuple[Any, Any]:
    pulled = _solve_triangular(transposed(a), g, not lower)
    return -triangle(ops.matmul(pulled, transposed(x)), lower), pulled


@host_row(_triangular_solution, _solution, _triangular_gradient)
def _solve_triangular(a: Any, b: Any, /, lower: bool) -> Any:
    """The X with A·X = B, A one triangle of what is given."""


def _with_columns(row: Any, where: str, a: Any, b: Any, *attributes: Any) -> Any:
    """A system whose right side is matrices, or vectors with one axis less than A."""
    a, b = ops.convert_to_tensor(a), ops.convert_to_tensor(b)
    rank = len(shape_of(a))
    if len(shape_of(b)) not in (rank, rank - 1):
        raise ShapeMismatch(
            f"{shapes.written(shape_of(a))} with {shapes.written(shape_of(b))}",
            where=where,
            expected="[*batch n n] with [*batch n k] or [*batch n]",
        )
    if len(shape_of(b)) == rank:
        return row(a, b, *attributes)
    return ops.squeeze(row(a, ops.expand_dims(b, -1), *attributes), -1)


@public
def solve(a: Any, b: Any) -> Any:
    """The x with a·x = b, for matrices or vectors b."""
    return _with_columns(_solve, "solve", a, b)


@public
def solve_triangular(a: Any, b: Any, lower: bool = False) -> Any:
    """The x with a·x = b, where a is triangular; its other triangle is not read."""
    return _with_columns(_solve_triangular, "solve_triangular", a, b, bool(lower))


def _inverse_gradient(g: Any, y: Any, x: Any) -> tuple[Any]:
    turned = transposed(y)
    return (-ops.matmul(turned, ops.matmul(g, turned)),)


@host_row(np.linalg.inv, square_alone, _inverse_gradient)
def inv(x: Any, /) -> Any:
    """Inverse of square matrices."""


@public
def cholesky_inverse(x: Any, upper: bool = False) -> Any:
    """The inverse of the matrix whose Cholesky factor is x: (x·xᵀ)⁻¹, or (xᵀ·x)⁻¹ of an upper factor."""
    x = ops.convert_to_tensor(x)
    factor = _solve_triangular(x, identity(square(shape_of(x)), x), not upper)
    return ops.matmul(factor, transposed(factor)) if upper else ops.matmul(transposed(factor), factor)


def _each(x: Shape) -> Shape:
    square(x)
    return x[:-2]


def _cofactors(x: Any) -> Any:
    """By the singular value decomposition, so that singular matrices have them too."""
    u, s, vt = np.linalg.svd(x)
    others = [np.prod(np.delete(s, i, -1), -1) for i in range(s.shape[-1])]
    sign = np.linalg.det(u) * np.linalg.det(vt)
    return (np.round(sign)[..., None, None] * (u * np.stack(others, -1)[..., None, :]) @ vt).astype(x.dtype)


def _cofactor_gradient(g: Any, y: Any, x: Any) -> tuple[Any]:
    turned = transposed(inv(x))
    along = ops.sum(g * turned, (-2, -1), keepdims=True)
    return (along * y - ops.matmul(turned, ops.matmul(transposed(g), y)),)


@host_row(_cofactors, square_alone, _cofactor_gradient)
def _cofactors_of(x: Any, /) -> Any:
    """The derivative of the determinant by each element."""


def _along(g: Any) -> Any:
    return ops.reshape(g, (*g.shape, 1, 1))


@host_row(np.linalg.det, _each, lambda g, y, x: (_along(g) * _cofactors_of(x),))
def det(x: Any, /) -> Any:
    """Determinant of square matrices."""


@host_row(lambda x: np.linalg.slogdet(x)[0], _each, lambda g, y, x: (None,), smooth=False)
def _sign_of_det(x: Any, /) -> Any:
    """Sign of the determinant: 1, −1, or 0 of a singular matrix."""


@host_row(lambda x: np.linalg.slogdet(x)[1], _each, lambda g, y, x: (_along(g) * transposed(inv(x)),))
def _log_of_det(x: Any, /) -> Any:
    """Logarithm of the determinant's size, −∞ of a singular matrix."""


@public
def slogdet(x: Any) -> tuple[Any, Any]:
    """Sign of the determinant, and logarithm of its size, which neither overflows nor underflows."""
    return _sign_of_det(x), _log_of_det(x)


@public
def logdet(x: Any) -> Any:
    """Logarithm of the determinant of positive definite matrices."""
    return _log_of_det(x)


def _pseudo(x: Shape, rcond: float) -> Shape:
    m, n = matrix(x)
    return (*x[:-2], n, m)


def _pseudo_gradient(g: Any, y: Any, x: Any, rcond: float) -> tuple[Any]:
    """G. Golub and V. Pereyra, SIAM Journal on Numerical Analysis 10 (1973), equation 4.12, transposed."""
    turned, back = transposed(y), transposed(g)
    left = identity(x.shape[-2], x) - ops.matmul(x, y)
    right = identity(x.shape[-1], x) - ops.matmul(y, x)
    inside = ops.matmul(turned, ops.matmul(g, turned))
    outside = ops.matmul(ops.matmul(left, back), ops.matmul(y, turned))
    return (outside - inside + ops.matmul(ops.matmul(turned, y), ops.matmul(back, right)),)


@host_row(lambda x, rcond: np.linalg.pinv(x, rcond=rcond), _pseudo, _pseudo_gradient)
def _pseudo_inverse(x: Any, /, rcond: float) -> Any:
    """Moore–Penrose inverse; singular values up to rcond times the largest count as 0."""


def _last_place(x: Any) -> tuple[float, int]:
    """The rounding of the dtype that matrices are computed in, and their larger size."""
    shape = matrix(shape_of(x))
    return float(np.finfo(solid(str(x.dtype))).eps), max(shape)


@public
def pinv(x: Any, rcond: float | None = None) -> Any:
    """Moore–Penrose inverse; singular values up to rcond times the largest count as 0 (10·max(m, n)·ε by default)."""
    x = ops.convert_to_tensor(x)
    rounding, size = _last_place(x)
    return _pseudo_inverse(x, 10 * size * rounding if rcond is None else float(rcond))


@public
def lstsq(a: Any, b: Any, rcond: float | None = None) -> Any:
    """The shortest x for which ‖a·x − b‖ is least; singular values up to rcond times the largest count as 0."""
    a, b = ops.convert_to_tensor(a), ops.convert_to_tensor(b)
    if len(shape_of(a)) != 2 or len(shape_of(b)) not in (1, 2) or shape_of(a)[0] != shape_of(b)[0]:
        raise ShapeMismatch(
            f"{shapes.written(shape_of(a))} with {shapes.written(shape_of(b))}",
            where="lstsq",
            expected="[m n] of rank 2 with [m] or [m k]",
        )
    rounding, size = _last_place(a)
    limit = rounding * size if rcond is None else rounding if rcond < 0 else float(rcond)
    return ops.matmul(_pseudo_inverse(a, limit), b)
