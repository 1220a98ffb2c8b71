"""Immediate tracing: values of symbols while the code that makes them runs."""

import numpy as np
import pytest

from kmagic.base.errors import TraceError
from kmagic.graph.immediate import immediate
from kmagic.graph.load import ops
from kmagic.graph.ops.gradient import gradients
from kmagic.graph.ops.source import input_symbol
from kmagic.graph.symbol import Symbol
from kmagic.graph.trace import tracing
from kmagic.graph.variable import Variable

X = np.array([1.0, -2.0, 3.0])


def symbol() -> Symbol:
    return input_symbol((3,), "float64", "x")


def test_values_can_be_looked_at() -> None:
    x = symbol()
    with immediate({x.node: X}):
        y = x * 2
        total = ops.sum(y)
        assert float(total) == 4.0 and int(total) == 4 and bool(total > 3)
        np.testing.assert_array_equal(np.asarray(y), [2.0, -4.0, 6.0])
        np.testing.assert_array_equal(y.numpy(), [2.0, -4.0, 6.0])
        assert "[ 2. -4.  6.]" in repr(y)


def test_outside_they_cannot() -> None:
    x = symbol()
    with tracing(), pytest.raises(TraceError, match="float"):
        float(ops.sum(x))
    with pytest.raises(TraceError, match="numpy"):
        x.numpy()


def test_variables_change_only_in_the_trace() -> None:
    x, v = symbol(), Variable(np.zeros(3))
    with immediate({x.node: X}) as (trace, values):
        v.assign_add(x)
        v.assign_add(x)
        np.testing.assert_array_equal(np.asarray(v.value), 2 * X)
        assert not v.array.any()
        np.testing.assert_array_equal(values(trace.written[v]), 2 * X)


def test_gradients_have_values() -> None:
    x = symbol()
    with immediate({x.node: X}):
        (slope,) = gradients(ops.sum(x * x * x), [x])
        np.testing.assert_allclose(slope.numpy(), 3 * X**2)


def test_only_the_branch_that_is_taken_runs() -> None:
    x, taken = symbol(), []
    with immediate({x.node: X}):
        result = ops.cond(ops.sum(x) > 0, lambda: taken.append("yes") or x + 1, lambda: taken.append("no") or x)
        np.testing.assert_array_equal(result.numpy(), X + 1)
    assert taken == ["yes"]
