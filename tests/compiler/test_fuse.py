"""Kernels: what runs over the same elements runs together; what only updates need runs after the checks."""

import numpy as np

from kmagic import ops
from kmagic.graph import eager, trace
from kmagic.graph.variable import Variable
from tests.compiler.programs import traced, uncached

X = np.ones((4, 3), "float32")


def kernels(function, *arrays):
    return uncached(traced(function, arrays, batch=True)).plan.schedule.kernels


def test_a_chain_is_one_kernel() -> None:
    (kernel,) = kernels(lambda x: ops.tanh(ops.exp(x) + 1) * x, X)
    assert kernel.kind == "pointwise" and [node.name for node in kernel.nodes] == ["exp", "add", "tanh", "multiply"]
    assert str(kernel) == "pointwise f32[batch 3] = exp add tanh multiply"


def test_a_sum_ends_a_kernel() -> None:
    first, second = kernels(lambda x: x - ops.sum(ops.exp(x), axis=1, keepdims=True), X)
    assert [node.name for node in first.nodes] == ["exp", "reduce_sum"]
    assert [node.name for node in second.nodes] == ["subtract"]


def test_products_stand_alone() -> None:
    found = kernels(lambda x: ops.tanh(ops.tanh(x) @ np.ones((3, 3), "float32")), X)
    assert [kernel.kind for kernel in found] == ["pointwise", "product", "pointwise"]


def test_views_are_no_work() -> None:
    (kernel,) = kernels(lambda x: ops.exp(ops.transpose(x)[1:, ::-1]), X)
    assert [node.name for node in kernel.nodes] == ["exp"]


def test_updates_run_after_the_checks() -> None:
    v = Variable(np.ones(3, "float32"))

    def function(x):
        current = trace.current()
        assert current is not None
        loss = ops.mean(ops.square(x + v))
        current.check(loss)
        v.assign(v * 0.5 + ops.sum(x, axis=0))
        return {"loss": loss}

    schedule = uncached(traced(function, [X], batch=True)).plan.schedule
    early = {node.name for kernel in schedule.before for node in kernel.nodes}
    late = {node.name for kernel in schedule.after for node in kernel.nodes}
    assert "square" in early and "isfinite" in early and "square" not in late
    assert schedule.in_place and not schedule.stores


def test_kernels_say_what_they_are_for() -> None:
    def function(x):
        with eager.origin(layer="dense", phase="backward"):
            hidden = x * 2
        with eager.origin(layer="act"):
            return ops.tanh(hidden)

    (kernel,) = kernels(function, X)
    assert str(kernel).endswith("# dense (backward), act")
    assert [origin.layer for origin in kernel.origins] == ["dense", "act"]
