"""Matrices, shapes, constants and branches."""

import numpy as np

from kmagic import ops
from tests.laws.function_examples.call import Call

EXAMPLES = {
    "matmul": [
        Call(
            lambda x, y: ops.matmul(x, ops.transpose(y)), lambda x, y: np.einsum("ak,bk->ab", x, y), shapes=((4,), (4,))
        ),
        Call(lambda x: ops.matmul(x, np.arange(4.0)), lambda x: (x * np.arange(4)).sum(1)),
        Call(lambda x: ops.matmul(np.ones(3), x), lambda x: x.sum(1), shapes=((3, 2),)),
    ],
    "dot": [
        Call(lambda x: ops.dot(x, np.ones((2, 4, 3))), lambda x: np.dot(x, np.ones((2, 4, 3)))),
        Call(lambda x: ops.dot(x, 2.0), lambda x: np.dot(x, 2.0)),
        Call(lambda x: ops.dot(x[:, 0], x[:, 1]), lambda x: np.sum(x[:, 0] * x[:, 1])),
    ],
    "zeros": [Call(lambda x: x + ops.zeros(x.shape), lambda x: x + 0)],
    "ones": [Call(lambda x: x + ops.ones(x.shape, "int32"), lambda x: x + 1)],
    "size": [Call(lambda x: x / ops.size(x), lambda x: x / x.size)],
    "convert_to_tensor": [
        Call(
            lambda x: ops.convert_to_tensor([[ops.sum(x), 1.0], [2.0, x[0, 0]]], "float64"),
            lambda x: np.array([[x.sum(), 1.0], [2.0, x[0, 0]]]),
        ),
        Call(lambda x: ops.convert_to_tensor(x, "float32"), np.float32, smooth=False),
    ],
    "convert_to_numpy": [
        Call(lambda: ops.convert_to_numpy([1.0, 2.0]), lambda: np.array([1.0, 2.0]), shapes=(), batch=False)
    ],
    "zeros_like": [
        Call(ops.zeros_like, lambda x: x - x),
    ],
    "ones_like": [
        Call(lambda x: ops.ones_like(x, dtype="int32"), lambda x: np.ones(x.shape, "int32")),
    ],
    "arange": [
        Call(
            lambda x: ops.arange(x.shape[0]) + ops.cast(x[:, 0] * 0, "int32"),
            lambda x: np.arange(len(x), dtype="int32"),
        ),
    ],
    "shape": [
        Call(lambda x: ops.sum(x, 0) / x.shape[0], lambda x: x.sum(0) / len(x)),
        Call(lambda x: ops.cast(ops.shape(x)[0], "float64") * ops.sum(x), lambda x: len(x) * x.sum()),
    ],
    "cond": [
        Call(lambda x: ops.cond(ops.sum(x) > 0, lambda: x * 2, lambda: -x), lambda x: 2 * x if x.sum() > 0 else -x),
    ],
}
