"""Counts of work and of bytes, against counting by hand."""

from collections.abc import Callable
from typing import Any

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


def test_loops_cost_their_steps_and_branches_the_dearer_body() -> None:
    x, w = np.ones((7, 5, 3), "float32"), np.ones((3, 3), "float32")

    def flops(function: Callable[..., Any]) -> int:
        plan = uncached(traced(function, [x, w])).plan
        (kernel,) = [kernel for kernel in plan.schedule.kernels if kernel.kind == "control"]
        assert cost.traffic(kernel, {}, frozenset()) > 0
        return cost.flops(kernel, {})

    step = 2 * 5 * 3 * 3 + 5 * 3
    assert flops(lambda x, w: ops.scan(lambda c, row: (ops.tanh(row @ w), None), x[0], x)[0]) == 7 * step
    assert flops(lambda x, w: ops.cond(x[0, 0, 0] > 0, lambda: ops.tanh(x[0] @ w), lambda: x[0] * 2)) == step
    limited = flops(lambda x, w: ops.while_loop(lambda c: c[0, 0] < 1, lambda c: ops.tanh(c @ w), x[0], 9))
    assert limited == 9 * (step + 1)
    assert flops(lambda x, w: ops.while_loop(lambda c: c[0, 0] < 1, lambda c: ops.tanh(c @ w), x[0])) == step + 1


def test_a_scan_along_the_batch_costs_its_rows() -> None:
    x = np.ones((2, 3), "float32")
    plan = uncached(traced(lambda x: ops.scan(lambda c, row: (c + row, None), x[0], x)[0], [x], batch=True)).plan
    (kernel,) = [kernel for kernel in plan.schedule.kernels if kernel.kind == "control"]
    assert [cost.flops(kernel, {"batch": rows}) for rows in (1, 10)] == [3, 30]
    assert cost.traffic(kernel, {"batch": 10}, frozenset()) == 10 * 4 * 9
