"""Plain reductions."""

import numpy as np

from kmagic import ops
from tests.laws.function_examples.call import Call

_WHOLE = {"dtypes": ("int32",), "low": 0.0, "high": 4.0}
_BYTES = {"dtypes": ("uint8",), "low": 100.0, "high": 250.0}


def _logsumexp(x, axis):
    return np.log(np.sum(np.exp(x), axis))


EXAMPLES = {
    "mean": [
        Call(lambda x: ops.mean(x, axis=-1), lambda x: x.sum(-1) / x.shape[-1]),
        Call(lambda x: ops.mean(x, axis=0), lambda x: x.sum(0) / len(x)),
        Call(ops.mean, lambda x: x.sum() / x.size),
        Call(lambda x: ops.mean(x, 1), lambda x: np.mean(x, 1).astype("float32"), **_WHOLE),
        Call(lambda x: ops.mean(x, 1), lambda x: (x * 1.0).mean(1).astype("float32"), **_BYTES),
    ],
    "sum": [
        Call(lambda x: ops.sum(x, 1), lambda x: np.sum(x, 1, dtype="uint32"), **_BYTES),
        Call(lambda x: ops.sum(x, axis=(0, 2)), lambda x: np.einsum("abc->b", x), shapes=((3, 2),)),
        Call(lambda x: ops.sum(x, 1, keepdims=True), lambda x: x @ np.ones((4, 1))),
        Call(lambda x: ops.sum(x, axis=np.int64(1)), lambda x: x @ np.ones(4)),
        Call(lambda x: ops.sum(x, axis=np.array([0, 1])), lambda x: np.sum(x)),
    ],
    "prod": [
        Call(lambda x: ops.prod(x[:, :2], 1), lambda x: np.prod(x[:, :2], 1, dtype="uint32"), **_BYTES),
        Call(lambda x: ops.prod(x, axis=1), lambda x: x[:, 0] * x[:, 1] * x[:, 2] * x[:, 3]),
    ],
    "var": [
        Call(lambda x: ops.var(x, 1), lambda x: np.var(x * 1.0, 1).astype("float32"), **_BYTES),
        Call(lambda x: ops.var(x, axis=1), lambda x: ((x - x.mean(1, keepdims=True)) ** 2).mean(1)),
        Call(lambda x: ops.var(x, axis=0, keepdims=True), lambda x: x.var(0, keepdims=True)),
    ],
    "std": [
        Call(lambda x: ops.std(x, axis=(0, 1)), lambda x: np.sqrt(((x - x.mean()) ** 2).mean())),
    ],
    "max": [
        Call(lambda x: ops.max(x, axis=1), lambda x: np.sort(x, 1)[:, -1]),
    ],
    "min": [
        Call(lambda x: ops.min(x, axis=0), lambda x: np.sort(x, 0)[0]),
    ],
    "all": [
        Call(lambda x: ops.all(x > -1, axis=1), lambda x: (x > -1).sum(1) == 4),
    ],
    "any": [
        Call(lambda x: ops.any(x > 1, axis=1), lambda x: (x > 1).sum(1) > 0),
    ],
    "logsumexp": [
        Call(lambda x: ops.logsumexp(x, axis=1), lambda x: _logsumexp(x, 1)),
    ],
    "norm": [
        Call(lambda x: ops.norm(x, axis=1), lambda x: np.hypot(np.hypot(x[:, 0], x[:, 1]), np.hypot(x[:, 2], x[:, 3]))),
    ],
}
