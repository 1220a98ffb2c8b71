"""Immediate tracing: values of symbols while the code that makes them runs."""

import numpy as np
import pytest

from kmagic.base.errors import BadData, TraceError
from kmagic.graph.immediate import apart, immediate
from kmagic.graph.load import ops
from kmagic.graph.ops.derivatives import grad
from kmagic.graph.ops.gradient import gradients
from kmagic.graph.ops.source import input_symbol
from kmagic.graph.symbol import Symbol
from kmagic.graph.trace import current, is_immediate, not_tracing, tracing
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


def test_a_trace_of_its_own_inside_knows_no_values() -> None:
    x, seen = symbol(), []

    def function(a: Symbol) -> Symbol:
        seen.append(repr(a))
        with pytest.raises(TraceError, match=r"float\(\) of a value"):
            float(a)
        return a * a

    with immediate({x.node: X}):
        with tracing():
            function(input_symbol((), "float64", "y"))
            assert repr(x * 1) == "<symbol multiply f64[3]>"
        with not_tracing():
            function(ops.sum(x))
        assert float(ops.sum(x)) == 2.0, "outside of them they are known again"
    assert seen == ["<symbol placeholder f64[]>", "<symbol reduce_sum f64[]>"]


def test_a_trace_that_goes_on_from_this_one_knows_values() -> None:
    x, v = symbol(), Variable(np.zeros(3))
    with immediate({x.node: X}):
        with tracing(current()):
            v.assign(x)
            assert np.asarray(v).tolist() == X.tolist() and is_immediate()
        assert np.asarray(v).tolist() == [0, 0, 0]
        with tracing(current(), repeats=True), pytest.raises(TraceError, match=r"np.asarray\(\) of a value"):
            np.asarray(v)  # another value each time


def test_gradients_at_plain_numbers_see_values_too() -> None:
    x, seen = symbol(), []

    def cube(a: Symbol) -> Symbol:
        seen.append((repr(a), float(a)))
        return a * a * a

    with immediate({x.node: X}):
        assert float(grad(cube)(2.0)) == 12.0
        value, change = ops.jvp(cube, (2.0,), (1.0,))
        assert (float(value), float(change)) == (8.0, 12.0)
    assert [value for _, value in seen] == [2.0, 2.0] and all("2.0" in text for text, _ in seen)


def test_what_cannot_be_known_has_no_value_but_a_text() -> None:
    x, other = symbol(), input_symbol((3,), "float64", "y")
    with immediate({x.node: X}):
        assert repr(other) == "<symbol placeholder f64[3]>" and repr(x + other) == "<symbol add f64[3]>"
        with pytest.raises(TraceError, match="float"):
            float(ops.sum(x + other))
        far = ops.take(x, ops.cast(x * 10, "int32"), axis=0)
        assert repr(far).startswith("<symbol ") and repr(far).endswith("f64[3]>")
        with pytest.raises(BadData, match="index 10"):
            far.numpy()


def test_only_the_branch_that_is_taken_runs() -> None:
    x, taken = symbol(), []
    with immediate({x.node: X}):
        result = ops.cond(ops.sum(x) > 0, lambda: taken.append("yes") or x + 1, lambda: taken.append("no") or x)
        np.testing.assert_array_equal(result.numpy(), X + 1)
    assert taken == ["yes"]


def test_a_variable_read_as_an_array_has_what_was_assigned() -> None:
    v = Variable(np.array([1.0, 2.0]))
    with immediate({}):
        v.assign(v * 10.0)
        taken = v.numpy()
        taken[0] = 7.0
        assert v.numpy().tolist() == [10.0, 20.0]
    assert v.numpy().tolist() == [1.0, 2.0]


def test_variables_may_hold_other_values_for_a_while() -> None:
    v, w, other = (Variable(np.array(value)) for value in (1.0, 2.0, 3.0))

    def action() -> dict[str, object]:
        v.assign(v + w)
        other.assign(v * 2.0)
        return {"v": v.value, "other": other.value, "held": [v.array.item(), other.array.item()]}

    assert apart([v, w], [10.0, v], action) == {"v": 11.0, "other": 22.0, "held": [1.0, 3.0]}
    with tracing() as program:
        found = apart([v, w], [10.0, v], action)
        assert isinstance(found["v"], Symbol) and not program.written
    assert [variable.numpy().item() for variable in (v, w, other)] == [1.0, 2.0, 3.0]
