"""Counts of work and of bytes, against counting by hand."""

import numpy as np

from kmagic import ops
from kmagic.compiler import cost
from tests.compiler.programs import traced, uncached


def test_a_dense_layer() -> None:
    x, w, b = (np.ones(shape, "float32") for shape in ((5, 3), (3, 4), (4,)))
    plan = uncached(traced(lambda x: ops.tanh(x @ w + b), [x], batch=True)).plan
    product, pointwise = plan.schedule.kernels
    sizes = {"batch": 5}
    assert cost.flops(product, sizes) == 2 * 5 * 3 * 4
    assert cost.flops(pointwise, sizes) == 2 * 5 * 4
    escaping = frozenset(product.nodes) | {pointwise.nodes[-1]}
    assert cost.traffic(product, sizes, escaping) == 4 * (15 + 12 + 20)
    assert cost.traffic(pointwise, sizes, escaping) == 4 * (20 + 4 + 20), "what stays inside a kernel does not travel"


def test_a_sum_costs_its_input_and_a_cast_nothing() -> None:
    x = np.ones((5, 3), "float32")
    (kernel,) = uncached(
        traced(lambda x: ops.sum(ops.cast(x, "float64"), axis=0), [x], batch=True)
    ).plan.schedule.kernels
    assert cost.flops(kernel, {"batch": 7}) == 21
