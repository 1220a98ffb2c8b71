"""Reductions beyond the plain ones."""

import numpy as np

from kmagic import ops
from tests.laws.function_examples.call import Call

EXAMPLES = {
    "max": [
        Call(lambda x: ops.max(x, 1, initial=0.5), lambda x: np.max(x, 1, initial=0.5)),
        Call(lambda x: ops.max(x[:, :0], 1, initial=0.5), lambda x: np.full(len(x), 0.5)),
    ],
    "min": [Call(lambda x: ops.min(x, 0, True, -0.5), lambda x: np.min(x, 0, keepdims=True, initial=-0.5))],
    "amax": [Call(lambda x: ops.amax(x, axis=0), lambda x: np.amax(x, axis=0))],
    "amin": [Call(lambda x: ops.amin(x, axis=0), lambda x: np.amin(x, axis=0))],
    "prod": [
        Call(
            lambda x: ops.prod(x, 1, dtype="float64"),
            lambda x: np.prod(x, 1, dtype="float64"),
            dtypes=("uint8",),
            low=1,
            high=9,
        )
    ],
}
