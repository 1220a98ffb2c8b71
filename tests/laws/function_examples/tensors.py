"""What a value is, and functions that act on functions."""

import numpy as np

from kmagic import ops
from tests.laws.function_examples.call import Call


@ops.custom_gradient
def _cube(x, y):
    """x³ + y; the gradient is the true one, written by hand."""

    def gradient(*inputs, upstream):
        return upstream * 3 * inputs[0] ** 2, upstream

    return x**3 + y, gradient


EXAMPLES = {
    "is_tensor": [Call(lambda x: np.array(ops.is_tensor(x)), lambda x: np.array(True))],
    "dtype": [Call(lambda x: np.array(ops.dtype(x) == "float64"), lambda x: np.array(True))],
    "ndim": [Call(lambda x: np.array(ops.ndim(x)), lambda x: np.array(2))],
    "custom_gradient": [Call(_cube, lambda x, y: x**3 + y, shapes=((4,), (4,)))],
    "vectorize": [Call(ops.vectorize(lambda x: x * x + 1), lambda x: x * x + 1)],
}
