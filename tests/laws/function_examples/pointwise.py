"""One value after the other."""

import math

import numpy as np

from kmagic import ops
from tests.laws.function_examples.call import Call

_POSITIVE = {"dtypes": ("int32",), "low": 1.0, "high": 9.0}


def _logsumexp(x, axis):
    return np.log(np.sum(np.exp(x), axis))


EXAMPLES = {
    "reciprocal": [
        Call(ops.reciprocal, lambda x: (1 / (x + 0.0)).astype("float32"), **_POSITIVE),
        Call(ops.reciprocal, lambda x: x**-1.0, low=0.1),
    ],
    "rsqrt": [
        Call(ops.rsqrt, lambda x: x**-0.5, low=0.1),
    ],
    "relu": [
        Call(ops.relu, lambda x: np.where(x > 0, x, 0)),
    ],
    "sigmoid": [
        Call(ops.sigmoid, lambda x: 0.5 * (1 + np.tanh(x / 2))),
    ],
    "softplus": [
        Call(ops.softplus, lambda x: np.logaddexp(x, 0)),
    ],
    "softmax": [
        Call(ops.softmax, lambda x: np.exp(x) / np.exp(x).sum(-1, keepdims=True)),
        Call(lambda x: ops.softmax(x, axis=1), lambda x: np.exp(x) / np.exp(x).sum(1, keepdims=True), shapes=((3, 2),)),
    ],
    "log_softmax": [
        Call(ops.log_softmax, lambda x: x - _logsumexp(x, -1)[:, None]),
    ],
    "clip": [
        Call(lambda x: ops.clip(x, -0.5, 1), lambda x: np.clip(x, -0.5, 1)),
    ],
    "cast": [
        Call(lambda x: ops.cast(x, "int32"), lambda x: np.trunc(x).astype("int32")),
    ],
    "floor": [
        Call(ops.floor, lambda x: np.vectorize(math.floor)(x).astype("float64")),
    ],
    "where": [
        Call(lambda x: ops.where(x > 0, 1.0, x), lambda x: np.vectorize(lambda v: 1.0 if v > 0 else v)(x)),
    ],
}
