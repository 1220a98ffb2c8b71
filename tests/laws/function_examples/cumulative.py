"""Running sums and products."""

import numpy as np

from kmagic import ops
from tests.laws.function_examples.call import Call


def _bytes(**options):
    return {"dtypes": ("uint8",), "low": 0.0, "high": 5.0, **options}


EXAMPLES = {
    "cumsum": [
        Call(lambda x: ops.cumsum(x, axis=0), lambda x: np.cumsum(x, 0)),
        Call(lambda x: ops.cumsum(x, axis=-1), lambda x: np.cumsum(x, -1)),
        Call(ops.cumsum, np.cumsum),
        Call(lambda x: ops.cumsum(x, 1), lambda x: np.cumsum(x, 1, dtype="uint8"), **_bytes()),
        Call(lambda x: ops.cumsum(x > 0, 1), lambda x: np.cumsum(x > 0, 1, dtype="int32")),
        Call(lambda x: ops.cumsum(x, 1, "float64"), lambda x: np.cumsum(x, 1, "float64"), **_bytes()),
    ],
    "cumprod": [
        Call(lambda x: ops.cumprod(x, axis=0), lambda x: np.cumprod(x, 0)),
        Call(lambda x: ops.cumprod(x, axis=1), lambda x: np.cumprod(x, 1)),
        Call(lambda x: ops.cumprod(x * [1, 0, 1, 1], axis=1), lambda x: np.cumprod(x * [1, 0, 1, 1], 1)),
        Call(lambda x: ops.cumprod(x * [1, 0, 1, 0], axis=1), lambda x: np.cumprod(x * [1, 0, 1, 0], 1)),
        Call(ops.cumprod, np.cumprod),
    ],
    "diff": [
        Call(ops.diff, np.diff),
        Call(lambda x: ops.diff(x, 2), lambda x: np.diff(x, 2)),
        Call(lambda x: ops.diff(x, axis=0), lambda x: np.diff(x, axis=0)),
        Call(lambda x: ops.diff(x > 0), lambda x: np.diff(x > 0)),
    ],
    "trapezoid": [
        Call(ops.trapezoid, np.trapezoid),
        Call(lambda x: ops.trapezoid(x, dx=0.5, axis=0), lambda x: np.trapezoid(x, dx=0.5, axis=0)),
        Call(lambda x: ops.trapezoid(x, [0.0, 1.0, 3.0, 3.5]), lambda x: np.trapezoid(x, [0.0, 1.0, 3.0, 3.5])),
        Call(lambda x, y: ops.trapezoid(x, y), lambda x, y: np.trapezoid(x, y), shapes=((4,), (4,))),
    ],
}
