"""Searching, choosing, scattering, and windows."""

import numpy as np

from kmagic import ops
from tests.laws.function_examples.call import Call

_INDICES = {"dtypes": ("int32",), "low": 0.0, "high": 4.0}
_EDGES = [-1.0, 0.0, 0.0, 1.0]
_SEGMENTS = np.array([0, 2, 2, 0])


def _segmented(x, function, empty):
    """Segments 0, 2 and an empty one in between, along the second axis."""
    return np.stack([function(x[[0, 3]], 0), np.full(x.shape[1:], empty), function(x[[1, 2]], 0)])


def _row_of(x):
    return np.sort(x, None)


def _scattered(x, indices, shape):
    result = np.zeros(shape)
    np.add.at(result, tuple(np.moveaxis(np.array(indices), -1, 0)), x)
    return result


def _at(x, indices, values, ufunc=None):
    result = x.copy()
    place = tuple(np.moveaxis(np.array(indices), -1, 0))
    if ufunc is None:
        result[place] = values
    else:
        ufunc.at(result, place, values)
    return result


def _replaced(x, start, stop, value):
    result = x.copy()
    result[:, start:stop] = value
    return result


_WHERE = [[0], [2], [2]]
EXAMPLES = {
    "searchsorted": [
        Call(
            lambda x, side=side: ops.searchsorted(_EDGES, x, side),
            lambda x, side=side: np.searchsorted(np.float32(_EDGES), x, side).astype("int32"),
        )
        for side in ("left", "right")
    ]
    + [
        Call(
            lambda x: ops.searchsorted(ops.sort(ops.ravel(x)), [-0.5, 0.5, np.nan, 9.0]),
            lambda x: np.searchsorted(_row_of(x), [-0.5, 0.5, np.nan, 9.0]).astype("int32"),
        ),
        Call(
            lambda x: ops.searchsorted([1, 2, 2, 3], x, "right"),
            lambda x: np.searchsorted([1, 2, 2, 3], x, "right").astype("int32"),
            **_INDICES,
        ),
        Call(
            lambda x: ops.searchsorted(np.array([0.0, 1.0, np.nan]), x * np.nan),
            lambda x: np.full(x.shape, 2, "int32"),
        ),
        Call(lambda x: ops.searchsorted(np.zeros(0), x), lambda x: np.zeros(x.shape, "int32")),
    ],
    "digitize": [
        Call(lambda x: ops.digitize(x, _EDGES), lambda x: np.digitize(x, _EDGES).astype("int32")),
        Call(lambda x: ops.digitize(x, [1.0, 0.0, -1.0]), lambda x: np.digitize(x, [1.0, 0.0, -1.0]).astype("int32")),
    ],
    "isin": [
        Call(lambda x: ops.isin(x, [3, 1]), lambda x: np.isin(x, [3, 1]), **_INDICES),
        Call(lambda x: ops.isin(x, [3, 1], invert=True), lambda x: np.isin(x, [3, 1], invert=True), **_INDICES),
        Call(lambda x: ops.isin(x, []), lambda x: np.isin(x, [])),
        Call(lambda x: ops.isin([0, 1, 2], x), lambda x: np.isin([0, 1, 2], x), **_INDICES),
    ],
    "in_top_k": [
        Call(
            lambda t, p: ops.in_top_k(t, p, 2),
            lambda t, p: np.array([t_ in np.argsort(-p_, kind="stable")[:2] for t_, p_ in zip(t, p, strict=True)]),
            shapes=((), (4,)),
            dtypes=("int32", "float64"),
            low=0,
            high=4,
        ),
        Call(
            lambda p: ops.in_top_k(ops.zeros_like(p[:, 0], "int32"), p * 0, 1),
            lambda p: np.ones(len(p), bool),
        ),
    ],
    "argpartition": [
        Call(
            lambda x: ops.take_along_axis(x, ops.argpartition(x, 1), 1)[:, 1],
            lambda x: np.partition(x, 1, 1)[:, 1],
        ),
        Call(lambda x: ops.argpartition(x, 1, axis=None), lambda x: np.argsort(x, None).astype("int32")),
    ],
    "select": [
        Call(
            lambda x: ops.select([x > 1, x > 0], [x * 2, x * 3], -1.0),
            lambda x: np.select([x > 1, x > 0], [x * 2, x * 3], -1.0),
            smooth=False,
        ),
        Call(lambda x: ops.select([x > 0], [x]), lambda x: np.select([x > 0], [x]), smooth=False),
    ],
    "unravel_index": [
        Call(
            lambda x: ops.unravel_index(x, (2, 3)),
            lambda x: tuple(i.astype("int32") for i in np.unravel_index(x, (2, 3))),
            **_INDICES,
        ),
        Call(
            lambda x: ops.unravel_index(x - 1, (2, 3)),
            lambda x: tuple(i.astype("int32") for i in np.unravel_index((x - 1) % 6, (2, 3))),
            **_INDICES,
        ),
    ],
    "nonzero": [
        Call(
            lambda: ops.nonzero(np.eye(3)),
            lambda: [i.astype("int32") for i in np.nonzero(np.eye(3))],
            shapes=(),
            batch=False,
        )
    ],
    "unique": [
        Call(lambda: ops.unique([3, 1, 3]), lambda: np.array([1, 3], "int32"), shapes=(), batch=False),
        Call(
            lambda: ops.unique([3, 1, 3], return_index=True, return_inverse=True, return_counts=True),
            lambda: tuple(np.array(v, "int32") for v in ([1, 3], [1, 0], [1, 0, 1], [1, 2])),
            shapes=(),
            batch=False,
        ),
        Call(
            lambda: ops.unique([3, 1, 3], return_counts=True, size=4, fill_value=9),
            lambda: tuple(np.array(v, "int32") for v in ([1, 3, 9, 9], [1, 2, 0, 0])),
            shapes=(),
            batch=False,
        ),
        Call(lambda: ops.unique([3, 1, 3], size=1), lambda: np.array([1], "int32"), shapes=(), batch=False),
        Call(lambda: ops.unique([3, 1], size=3), lambda: np.array([1, 3, 1], "int32"), shapes=(), batch=False),
    ],
    "segment_sum": [
        Call(
            lambda x: ops.segment_sum(x, _SEGMENTS, 3),
            lambda x: _segmented(x, np.sum, 0.0),
            shapes=((4, 2),),
            batch=False,
        ),
        Call(
            lambda i, x: ops.segment_sum(x, i, 4),
            lambda i, x: np.bincount(i, x, 4),
            shapes=((), ()),
            dtypes=("int32", "float64"),
            low=0,
            high=4,
        ),
        Call(
            lambda i, x: ops.segment_sum(x, i, 4),
            lambda i, x: np.stack([np.bincount(i.ravel(), x[..., k].ravel(), 4) for k in (0, 1)], 1),
            shapes=((3,), (3, 2)),
            dtypes=("int32", "float64"),
            low=0,
            high=4,
        ),
        Call(lambda: ops.segment_sum([1, 2], [0, 2]), lambda: np.array([1, 0, 2], "int32"), shapes=(), batch=False),
    ],
    **{
        name: [
            Call(
                lambda x, f=name: getattr(ops, f)(x, _SEGMENTS, 3),
                lambda x, f=function, e=empty: _segmented(x, f, e),
                shapes=((4, 2),),
                batch=False,
                smooth=name == "segment_prod",
            )
        ]
        for name, function, empty in (
            ("segment_max", np.max, -np.inf),
            ("segment_min", np.min, np.inf),
            ("segment_prod", np.prod, 1.0),
        )
    },
    "scatter": [
        Call(lambda x: ops.scatter(_WHERE, x, (4,)), lambda x: _scattered(x, _WHERE, 4), shapes=((3,),), batch=False),
        Call(
            lambda x: ops.scatter([[[0, 1]], [[-1, 0]]], x, (3, 2)),
            lambda x: _scattered(x, [[[0, 1]], [[2, 0]]], (3, 2)),
            shapes=((2, 1),),
            batch=False,
        ),
        Call(
            lambda x: ops.scatter(_WHERE, x, (4, 2)),
            lambda x: _scattered(x, _WHERE, (4, 2)),
            shapes=((3, 2),),
            batch=False,
        ),
        Call(
            lambda i, x: ops.scatter(i[:, None], x, (4,)),
            lambda i, x: np.bincount(i, x, 4),
            shapes=((), ()),
            dtypes=("int32", "float64"),
            low=0,
            high=4,
        ),
    ],
    "scatter_update": [
        Call(
            lambda x, u, how=how: ops.scatter_update(x, _WHERE, u, how),
            lambda x, u, f=ufunc: _at(x, _WHERE, u, f),
            shapes=((4,), (3,)),
            batch=False,
        )
        for how, ufunc in (
            (None, None),
            ("add", np.add),
            ("max", np.maximum),
            ("min", np.minimum),
            ("mul", np.multiply),
        )
    ]
    + [
        Call(
            lambda x: ops.scatter_update(x, [[0, 1], [0, 3]], [1.0, 2.0]),
            lambda x: _at(x, [[0, 1], [0, 3]], [1.0, 2.0]),
        ),
        Call(
            lambda x, u: ops.scatter_update(x, [[2], [0]], u),
            lambda x, u: _at(x, [[2], [0]], u),
            shapes=((3, 2), (2, 2)),
            batch=False,
        ),
    ],
    "slice": [
        Call(
            lambda x: ops.slice(x, (0, 1), (-1, 2)),
            lambda x: x[:, 1:3],
        ),
        Call(lambda x: ops.slice(x, np.array([1, 0]), (2, 4)), lambda x: x[1:3], shapes=((3, 4),), batch=False),
        Call(
            lambda i, x: ops.slice(x, (0, i[0]), (x.shape[0], 2)),
            lambda i, x: x[:, i[0] : i[0] + 2],
            shapes=((), (6,)),
            dtypes=("int32", "float64"),
            low=0,
            high=4,
        ),
    ],
    "slice_update": [
        Call(
            lambda x, u: ops.slice_update(x, (0, 1), u),
            lambda x, u: _replaced(x, 1, 3, u),
            shapes=((4,), (2,)),
        ),
        Call(
            lambda i, x: ops.slice_update(x, (0, i[0]), ops.zeros_like(x[:, :2])),
            lambda i, x: _replaced(x, i[0], i[0] + 2, 0.0),
            shapes=((), (6,)),
            dtypes=("int32", "float64"),
            low=0,
            high=4,
        ),
    ],
}
