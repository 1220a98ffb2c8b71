"""Arrays made from a few numbers."""

import numpy as np

from kmagic import ops
from tests.laws.function_examples.call import Call

_EVEN = {"shapes": (), "batch": False}


def _made(function, formula, **options):
    """A call without inputs."""
    return Call(function, formula, **_EVEN, **options)


def _float(values):
    return np.asarray(values, "float32")


EXAMPLES = {
    "full": [
        _made(lambda: ops.full((2, 3), 7), lambda: np.full((2, 3), 7, "float32")),
        _made(lambda: ops.full(3, True, dtype="bool"), lambda: np.full(3, True)),
        Call(lambda x: x + ops.full(x.shape, 2.5), lambda x: x + np.full(x.shape, 2.5)),
        _made(lambda: ops.full((2, 3), [1, 2, 3], "int32"), lambda: np.full((2, 3), [1, 2, 3], "int32")),
    ],
    "full_like": [
        Call(lambda x: ops.full_like(x, 2), lambda x: np.full_like(x, 2)),
        Call(lambda x: ops.full_like(x, 2.9, dtype="int32"), lambda x: np.full_like(x, 2.9, dtype="int32")),
    ],
    "empty": [_made(lambda: ops.empty((2, 3)), lambda: np.zeros((2, 3), "float32"))],
    "empty_like": [Call(ops.empty_like, np.zeros_like)],
    "array": [
        _made(lambda: ops.array([1.5, 2]), lambda: _float([1.5, 2])),
        _made(lambda: ops.array([[1, 2]]), lambda: np.array([[1, 2]], "int32")),
        Call(lambda x: ops.array(x, dtype="float32"), lambda x: np.array(x, dtype="float32"), smooth=False),
    ],
    "copy": [Call(ops.copy, np.copy)],
    "arange": [
        _made(lambda: ops.arange(3), lambda: np.arange(3, dtype="int32")),
        _made(lambda: ops.arange(2, 9, 3), lambda: np.arange(2, 9, 3, "int32")),
        _made(lambda: ops.arange(5, 1, -2), lambda: np.arange(5, 1, -2, "int32")),
        _made(lambda: ops.arange(0.5, 2, 0.25), lambda: np.arange(0.5, 2, 0.25, "float32")),
        _made(lambda: ops.arange(3, dtype="float64"), lambda: np.arange(3, dtype="float64")),
        Call(lambda x: ops.arange(x.shape[0]) + 0, lambda x: np.arange(len(x), dtype="int32")),
        Call(lambda x: ops.arange(1, x.shape[0] + 1), lambda x: np.arange(1, len(x) + 1, dtype="int32")),
        Call(lambda x: ops.arange(0, x.shape[0] * 3, 3), lambda x: np.arange(0, len(x) * 3, 3, dtype="int32")),
        Call(lambda x: ops.arange(x.shape[0], dtype="float64") * 2, lambda x: np.arange(len(x)) * 2.0),
    ],
    "linspace": [
        _made(lambda: ops.linspace(0, 1, 5), lambda: np.linspace(0, 1, 5, dtype="float32")),
        _made(lambda: ops.linspace(0, 10, 4, dtype="int32"), lambda: np.linspace(0, 10, 4, dtype="int32")),
        _made(lambda: ops.linspace(0, 1, 1), lambda: np.linspace(0, 1, 1, dtype="float32")),
        Call(lambda x: ops.linspace(x, 3.0, 4), lambda x: np.linspace(x, 3.0, 4)),
        Call(lambda x: ops.linspace(x, 3.0, 4, False, axis=-1), lambda x: np.linspace(x, 3.0, 4, False, axis=-1)),
        Call(lambda x: ops.linspace(x, 3.0, 4, retstep=True), lambda x: np.linspace(x, 3.0, 4, retstep=True)),
    ],
    "logspace": [
        _made(lambda: ops.logspace(0, 2, 5, dtype="float64"), lambda: np.logspace(0, 2, 5)),
        Call(lambda x: ops.logspace(x, 1.0, 4, base=2), lambda x: np.logspace(x, 1.0, 4, base=2)),
    ],
    "geomspace": [
        _made(lambda: ops.geomspace(1, 32, 6, dtype="float64"), lambda: np.geomspace(1, 32, 6)),
        _made(lambda: ops.geomspace(-1, -32, 6, dtype="float64"), lambda: np.geomspace(-1, -32, 6)),
        Call(lambda x: ops.geomspace(x, 9.0, 4), lambda x: np.geomspace(x, 9.0, 4), low=0.5),
    ],
    "meshgrid": [
        Call(lambda x, y: ops.meshgrid(x, y), lambda x, y: np.meshgrid(x, y), shapes=((), ())),
        Call(
            lambda x, y: ops.meshgrid(x, y, [1.0, 2.0], indexing="ij"),
            lambda x, y: [v.astype(v.dtype) for v in np.meshgrid(x, y, _float([1.0, 2.0]), indexing="ij")],
            shapes=((), ()),
        ),
        Call(lambda x: ops.meshgrid(x), lambda x: np.meshgrid(x), shapes=((),)),
    ],
    "tri": [
        _made(lambda: ops.tri(3, 4, 1, "int32"), lambda: np.tri(3, 4, 1, "int32")),
        Call(lambda x: ops.tri(x.shape[0]) + 0, lambda x: np.tri(len(x), dtype="float32")),
    ],
    "tril": [
        Call(lambda x: ops.tril(x, -1), lambda x: np.tril(x, -1)),
        Call(ops.tril, np.tril, shapes=((3, 3),)),
    ],
    "triu": [
        Call(lambda x: ops.triu(x, 1), lambda x: np.triu(x, 1)),
        Call(ops.triu, np.triu, shapes=((3, 3),)),
    ],
    "eye": [
        _made(lambda: ops.eye(3), lambda: np.eye(3, dtype="float32")),
        _made(lambda: ops.eye(3, 4, -1, "int32"), lambda: np.eye(3, 4, -1, "int32")),
        Call(lambda x: x @ ops.transpose(x) + ops.eye(x.shape[0]), lambda x: x @ x.T + np.eye(len(x))),
    ],
    "identity": [
        _made(lambda: ops.identity(3), lambda: np.identity(3, "float32")),
        _made(lambda: ops.identity(2, "bool"), lambda: np.identity(2, "bool")),
    ],
    "diagonal": [
        Call(
            lambda x, k=k: ops.diagonal(x, k, 1, 2),
            lambda x, k=k: np.diagonal(x, k, 1, 2),
            shapes=((3, 4),),
        )
        for k in (-3, -1, 0, 2, 4)
    ]
    + [Call(ops.diagonal, np.diagonal, shapes=((3, 3, 2),), batch=False)],
    "diag": [
        Call(lambda x: ops.diag(x, -1), lambda x: np.diag(x, -1), shapes=((3, 4),), batch=False),
        Call(lambda x: ops.diag(x, 2), lambda x: np.diag(x, 2), batch=False),
        Call(lambda x: ops.diag(x, -1), lambda x: np.diag(x, -1), shapes=((),)),
        Call(lambda x: ops.diag(x / 0), lambda x: np.diag(x / 0), batch=False, smooth=False),
    ],
    "diagflat": [Call(lambda x: ops.diagflat(x, 1), lambda x: np.diagflat(x, 1))],
    "trace": [
        Call(lambda x: ops.trace(x, 0, 1, 2), lambda x: np.trace(x, 0, 1, 2), shapes=((3, 4),)),
        Call(lambda x: ops.trace(x, 1), lambda x: np.trace(x, 1), shapes=((3, 4),), batch=False),
    ],
    "vander": [
        Call(lambda x: ops.vander(x, 3), lambda x: np.vander(x, 3), shapes=((),)),
        Call(lambda x: ops.vander(x, increasing=True), lambda x: np.vander(x, increasing=True), batch=False),
    ],
    **{
        name: [
            _made(lambda n=n, f=name: getattr(ops, f)(n), lambda n=n, f=name: _float(getattr(np, f)(n))) for n in (1, 6)
        ]
        for name in ("bartlett", "hanning", "hamming", "blackman")
    },
    "kaiser": [_made(lambda n=n: ops.kaiser(n, 5.0), lambda n=n: _float(np.kaiser(n, 5.0))) for n in (1, 6)],
    "broadcast_shapes": [
        _made(lambda: np.array(ops.broadcast_shapes((3, 1), (4,))), lambda: np.array(np.broadcast_shapes((3, 1), (4,))))
    ],
}
