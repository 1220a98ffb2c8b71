"""Sums of products over chosen axes."""

import numpy as np

from kmagic import ops
from tests.laws.function_examples.call import Call

_EQUATIONS = [
    ("ij,kj->ik", ((4,), (4,))),
    ("ij,kj", ((4,), (4,))),
    ("bij,bjk->bik", ((2, 3), (3, 4))),
    ("bhqd,bhkd->bhqk", ((2, 3, 4), (2, 5, 4))),
    ("abcde,aecdf->abf", ((2, 3, 2, 4), (4, 3, 2, 2))),
    ("ij,ij->", ((4,), (4,))),
    ("ij,ij->ij", ((4,), (4,))),
    ("ij,ik->jk", ((4,), (3,))),
    ("ij->j", ((4,),)),
    ("ij->ji", ((4,),)),
    ("ji", ((4,),)),
    ("bii->bi", ((3, 3),)),
    ("bii", ((3, 3),)),
    ("...ij,...jk->...ik", ((2, 3), (3, 4))),
    ("...j,...j", ((3, 4), (3, 4))),
    ("b...,b...->...", ((3, 4), (3, 4))),
    ("ij,ik,il->jkl", ((2,), (3,), (4,))),
    ("ab,ac,ad->bd", ((2,), (3,), (4,))),
    ("ij , ik -> i", ((4,), (3,))),
    ("ijk,ij,ik->", ((2, 3), (2,), (3,))),
]
_VECTORS = {"shapes": ((), ())}
EXAMPLES = {
    "einsum": [
        Call(lambda *x, e=equation: ops.einsum(e, *x), lambda *x, e=equation: np.einsum(e, *x), shapes=shapes)
        for equation, shapes in _EQUATIONS
    ]
    + [
        Call(
            lambda x, y: ops.einsum("ij,kj->ik", x, y),
            lambda x, y: np.einsum("ij,kj->ik", x.astype("int32"), y.astype("int32")).astype("uint8"),
            shapes=((4,), (4,)),
            dtypes=("uint8",),
            low=0,
            high=30,
        ),
        Call(
            lambda x: ops.einsum("ij,kj->ik", x, np.ones((2, 1))), lambda x: np.einsum("ij,kj->ik", x, np.ones((2, 4)))
        ),
        Call(lambda x: ops.einsum("...i,...i->...", x, np.arange(4.0)), lambda x: x @ np.arange(4.0)),
    ],
    "tensordot": [
        Call(lambda x: ops.tensordot(x, np.ones((4, 2)), axes=1), lambda x: np.tensordot(x, np.ones((4, 2)), 1)),
        Call(lambda x, y: ops.tensordot(x, y), lambda x, y: np.tensordot(x, y), shapes=((4,), (4,))),
        Call(
            lambda x, y: ops.tensordot(x, y, axes=[[0, -1], [0, 1]]),
            lambda x, y: np.tensordot(x, y, axes=[[0, -1], [0, 1]]),
            shapes=((3, 4), (4, 2)),
        ),
        Call(lambda x: ops.tensordot(x, [1.0, 2.0], 0), lambda x: np.tensordot(x, [1.0, 2.0], 0)),
    ],
    "outer": [Call(ops.outer, np.outer, shapes=((4,), (3,)))],
    "inner": [
        Call(ops.inner, np.inner, shapes=((4,), (4,))),
        Call(lambda x: ops.inner(x, 2.0), lambda x: np.inner(x, 2.0)),
        Call(ops.inner, np.inner, **_VECTORS),
    ],
    "vdot": [Call(ops.vdot, np.vdot, shapes=((4,), (4,)))],
    "kron": [
        Call(lambda x: ops.kron(x, np.arange(6.0).reshape(2, 3)), lambda x: np.kron(x, np.arange(6.0).reshape(2, 3))),
        Call(lambda x: ops.kron([1.0, 2.0], x), lambda x: np.kron([1.0, 2.0], x)),
    ],
    "cross": [
        Call(ops.cross, np.cross, shapes=((3,), (3,))),
        Call(
            lambda x, y: ops.cross(x, y),
            lambda x, y: x[:, 0] * y[:, 1] - x[:, 1] * y[:, 0],
            shapes=((2,), (2,)),
        ),
        Call(
            lambda x, y: ops.cross(x, y),
            lambda x, y: np.cross(x, np.pad(y, ((0, 0), (0, 1)))),
            shapes=((3,), (2,)),
        ),
        Call(lambda x, y: ops.cross(x, y, axis=1), lambda x, y: np.cross(x, y, axis=1), shapes=((3, 2), (3, 2))),
        Call(
            lambda x, y: ops.cross(x, y, axisa=1, axisb=2, axisc=1),
            lambda x, y: np.cross(x, y, 1, 2, 1),
            shapes=((3, 2), (2, 3)),
        ),
    ],
    "correlate": [
        Call(
            lambda x, y, mode=mode: ops.correlate(x, y, mode),
            lambda x, y, mode=mode: np.correlate(x, y, mode),
            shapes=shapes,
            batch=False,
        )
        for mode in ("valid", "same", "full")
        for shapes in (((5,), (3,)), ((2,), (5,)), ((4,), (4,)), ((6,), (4,)), ((4,), (7,)), ((3,), (8,)))
    ],
}
