"""Operations of linear algebra; what has either sign is seen squared."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import inputs
from ..area import Area
from ..operations import OperationCase, values_and_slopes


def _normal(name: str, *shape: int) -> np.ndarray:
    return inputs.normal("linear algebra", name, shape=shape)


A = _normal("a", 2, 3, 3) + 3 * np.eye(3)
DEFINITE = A @ A.swapaxes(1, 2) + np.diag([1.0, 2.0, 3.0])
FACTOR = np.linalg.cholesky(DEFINITE)
B = _normal("b", 2, 3, 2)
TALL, WIDE = _normal("tall", 2, 4, 3), _normal("wide", 2, 3, 4)
VECTOR_ORDERS = (None, 1, 2, 3, -2, 0, math.inf, -math.inf)
MATRIX_ORDERS = (None, "fro", "nuc", 1, -1, 2, -2, math.inf, -math.inf)


def values_and_squares(results: Any) -> Any:
    """Eigenvalues, and the squares of the vectors' elements."""
    values, vectors = results
    return values, vectors * vectors


def squares_of_sides(results: Any) -> Any:
    """Singular values, and the squares of the vectors' elements."""
    u, s, vt = results
    return u * u, s, vt * vt


CASES = (
    OperationCase("cholesky", (DEFINITE,)),
    OperationCase("cholesky", (DEFINITE,), {"upper": True}),
    OperationCase("cholesky_inverse", (FACTOR[0],)),
    OperationCase("cholesky_inverse", (FACTOR[0].T,), {"upper": True}),
    OperationCase("det", (A,)),
    OperationCase("slogdet", (-A,), slopes=0),
    OperationCase("logdet", (DEFINITE,)),
    OperationCase("inv", (A,)),
    OperationCase("solve", (A, B), slopes=2),
    OperationCase("solve", (A[0], B[0, :, 0]), slopes=2),
    OperationCase("solve_triangular", (A, B), slopes=2),
    OperationCase("solve_triangular", (A, B), {"lower": True}, slopes=2),
    OperationCase("eigh", (DEFINITE,), seen=values_and_squares),
    OperationCase("svd", (TALL,), {"full_matrices": False}, seen=squares_of_sides),
    OperationCase("svd", (WIDE,), {"full_matrices": False}, seen=squares_of_sides),
    OperationCase("svd", (A,), seen=squares_of_sides, slopes=0),
    OperationCase("svd", (WIDE,), {"compute_uv": False}),
    OperationCase("qr", (TALL,)),
    OperationCase("qr", (A,)),
    OperationCase("qr", (WIDE,), slopes=0),
    OperationCase("qr", (TALL,), {"mode": "complete"}, slopes=0),
    OperationCase("lu_factor", (A,), slopes=0),
    OperationCase("lu_factor", (TALL,), slopes=0),
    OperationCase("pinv", (TALL,)),
    OperationCase("pinv", (WIDE,), {"rcond": 0.5}, slopes=0),
    OperationCase("lstsq", (TALL[0], TALL[1, :, 0]), slopes=0),
    OperationCase("lstsq", (WIDE[0], B[0]), slopes=0),
    OperationCase("matrix_rank", (np.stack([np.ones((3, 3)), np.eye(3)]),), slopes=0),
    OperationCase("matrix_rank", (np.diag([1.0, 0.2, 0.01]),), {"tol": 0.1}, slopes=0),
    OperationCase("norm", (TALL,)),
    *(OperationCase("norm", (TALL,), {"ord": ord, "axis": 1}, slopes=int(ord != 0)) for ord in VECTOR_ORDERS),
    *(OperationCase("norm", (TALL,), {"ord": ord, "axis": (1, 2)}) for ord in MATRIX_ORDERS),
    OperationCase("norm", (TALL,), {"ord": "nuc", "axis": (2, 0), "keepdims": True}),
)

AREAS = (Area("operations of linear algebra", CASES, values_and_slopes),)
