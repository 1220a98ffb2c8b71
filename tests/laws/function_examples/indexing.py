"""Entries by index, order and extremes."""

import numpy as np

from kmagic import ops
from tests.laws.function_examples.call import Call

_WHOLE = {"dtypes": ("int32",), "low": 0.0, "high": 4.0}


def _one_hot(x, classes):
    return np.array([[float(value == k) for k in range(classes)] for value in x])


def _top(x, k):
    order = np.array([sorted(range(row.size), key=lambda i: (-float(row[i]), i))[:k] for row in x])
    return np.array([row[places] for row, places in zip(x, order, strict=True)]), order.astype("int32")


EXAMPLES = {
    "take": [
        Call(lambda x: ops.take(x, [0, -1], axis=0), lambda x: np.stack([x[0], x[len(x) - 1]])),
        Call(
            lambda x, i: ops.take(x, ops.minimum(i, 0), axis=0),
            lambda x, i: np.stack([x[len(x) - 1 if place < 0 else 0] for place in i]),
            shapes=((4,), ()),
            dtypes=("float64", "int8"),
        ),
        Call(lambda x: ops.take(x, [3, 0, -1], axis=1), lambda x: x[:, [3, 0, 3]]),
        Call(lambda x: ops.take(np.eye(4)[:, ::-1], x, axis=0), lambda x: np.eye(4)[3 - x], **_WHOLE, shapes=((2,),)),
        Call(lambda x: ops.take(x, np.array([0, 2])), lambda x: x.ravel()[[0, 2]]),
    ],
    "take_along_axis": [
        Call(
            lambda x: ops.take_along_axis(x, np.array([[-1, 0, -1, 0]]), 0),
            lambda x: np.array([[x[len(x) - 1, 0], x[0, 1], x[len(x) - 1, 2], x[0, 3]]]),
        ),
        Call(lambda x: ops.take_along_axis(x, ops.argsort(x, 1), 1), lambda x: np.array([sorted(row) for row in x])),
    ],
    "one_hot": [
        Call(lambda x: ops.one_hot(x, 3), lambda x: _one_hot(x, 3).astype("float32"), **_WHOLE, shapes=((),)),
    ],
    "argmax": [
        Call(lambda x: ops.argmax(x, axis=1), lambda x: np.array([int(np.argmax(row)) for row in x], "int32")),
        Call(lambda x: ops.argmax(x, 1, True), lambda x: np.argmax(x, 1).astype("int32")[:, None]),
    ],
    "argmin": [
        Call(lambda x: ops.argmin(x * 0, axis=1), lambda x: np.zeros(len(x), "int32")),
    ],
    "argsort": [
        Call(lambda x: ops.argsort(x, 0), lambda x: np.argsort(x, 0, kind="stable").astype("int32"), **_WHOLE),
        Call(ops.argsort, lambda x: np.argsort(x).astype("int32")),
    ],
    "sort": [
        Call(lambda x: ops.sort(x, axis=1), lambda x: np.array([sorted(row) for row in x])),
        Call(lambda x: ops.sort(x, axis=0), lambda x: np.array([sorted(c) for c in x.T]).T),
    ],
    "top_k": [
        Call(lambda x: ops.top_k(x, 2), lambda x: _top(x, 2)),
        Call(lambda x: ops.top_k(x, 3), lambda x: _top(x, 3), dtypes=("uint8",), low=0, high=3),
    ],
}
