"""Tracing: code run with symbols leaves a graph; assignments are ordered writes."""

import threading

import numpy as np
import pytest

from kmagic.base.errors import ShapeMismatch
from kmagic.graph import eager, trace
from kmagic.graph.load import ops
from kmagic.graph.node import Graph
from kmagic.graph.ops.source import input_symbol
from kmagic.graph.symbol import Symbol
from kmagic.graph.trace import not_tracing, trace_graph, tracing
from kmagic.graph.variable import Variable
from tests.compiler.programs import interpreted, run, traced


def vector(*values: float) -> Variable:
    return Variable(np.array(values, "float32"), name="v")


def written(graph: Graph) -> list[list[float]]:
    return [value.tolist() for value in interpreted(graph, [])[len(graph.outputs) :]]


def test_a_read_after_an_assignment_sees_the_new_value() -> None:
    v = vector(1, 2)

    def function():
        first = v + 1
        v.assign(first * 10)
        second = v + 1
        v.assign_add([0.5, 0.5])
        return {"first": first, "second": second, "third": v.value}

    graph = trace_graph(function, [])
    assert len(graph.writes) == 1, "only the last value reaches the variable"
    first, second, third, final = (value.tolist() for value in interpreted(graph, []))
    assert (first, second, third, final) == ([2, 3], [21, 31], [20.5, 30.5], [20.5, 30.5])
    assert v.numpy().tolist() == [1, 2], "tracing itself changes nothing"


def test_writes_are_cast_and_checked() -> None:
    v = vector(1, 2)
    graph = trace_graph(lambda: v.assign(np.array([1, 2])) or {}, [])
    assert graph.writes[0][1].dtype == "float32"
    with pytest.raises(ShapeMismatch, match=r"v: value of shape \[3\]\nexpected: f32\[2\]"):
        trace_graph(lambda: v.assign(np.ones(3)) or {}, [])


def test_unread_variables_leave_no_node() -> None:
    v, w = vector(1), vector(2)
    graph = trace_graph(lambda: {"y": v * 2}, [])
    reads = [node.attributes["variables"] for node in graph.nodes if node.name == "read"]
    assert reads == [(v,)] and w not in graph.writes


def test_outside_of_a_trace_variables_are_arrays() -> None:
    v = vector(1)
    with tracing():
        assert isinstance(v.value, Symbol) and isinstance(v * 2, Symbol)
        with not_tracing():
            v.assign([3])
            assert v.numpy().tolist() == [3] and isinstance(v * 2, np.ndarray)
        assert isinstance(v.value, Symbol)
    assert isinstance(v.value, np.ndarray)


def test_a_trace_ends_with_an_error_too() -> None:
    with pytest.raises(ZeroDivisionError), tracing():
        1 / 0  # noqa: B018
    assert trace.current() is None


def test_an_inner_trace_sees_the_outer_one_s_values_and_keeps_its_own() -> None:
    v, w = vector(1), vector(5)
    with tracing() as outer:
        v.assign(v + 1)
        with tracing(outer) as inner:
            assert inner.value(v) is outer.value(v)
            seen_inside = w.value.node
            v.assign(v * 100)
        assert list(inner.written) == [v] and inner.value(v) is not outer.value(v)
        assert outer.value(w) is seen_inside, "one variable is read once"
    assert [list(t.written) for t in (outer, inner)] == [[v], [v]]


def test_threads_do_not_see_each_other_s_trace() -> None:
    seen = []
    with tracing():
        thread = threading.Thread(target=lambda: seen.append(trace.current()))
        thread.start()
        thread.join()
    assert seen == [None]


def test_results_may_be_numbers_arrays_or_variables() -> None:
    v = vector(3)
    graph = traced(lambda: {"n": 2, "f": 0.5, "a": np.ones(2), "v": v})
    assert [str(node.dtype) for node in graph.outputs.values()] == ["int64", "float64", "float64", "float32"]
    assert [value.tolist() for value in run(graph).outputs.values()] == [2, 0.5, [1, 1], [3]]


def test_nodes_say_where_they_come_from() -> None:
    x = input_symbol((2,), "float32", "x")
    with eager.origin(layer="dense", line="cell:3"):
        with eager.origin(phase="backward"):
            y = x * 2
        with eager.origin(layer="dense/act"):
            z = ops.relu(y)
    assert str(y.node.origin) == "dense (backward) cell:3"
    assert str(z.node.origin) == "dense/act cell:3" and str((z + 1).node.origin) == ""


def test_inputs_come_before_their_users() -> None:
    graph = traced(lambda x: ops.softmax(x @ np.ones((3, 2), "float32")), [np.ones((4, 3), "float32")])
    seen = set()
    for node in graph.nodes:
        assert all(source in seen for source in node.inputs)
        seen.add(node)


def test_replacing_nodes_shares_what_stays() -> None:
    x, y = input_symbol((2,), "float32", "x"), input_symbol((2,), "float32", "y")
    kept = (y * 2).node
    total = Symbol(kept) + x
    (again,) = trace.substitute([total.node], {x.node: y.node})
    assert again is not total.node and again.inputs == (kept, y.node) and again.shape == (2,)
    assert trace.substitute([kept], {x.node: y.node}) == [kept]


def test_a_check_holds_back_writes() -> None:
    v = vector(1)

    def function(x):
        current = trace.current()
        assert current is not None
        current.check(x)
        v.assign(v + 1)
        return {}

    graph = traced(function, [np.ones(2, "float32")])
    assert run(graph, [np.ones(2)]).status == 0 and v.numpy().tolist() == [2]
    assert run(graph, [np.array([1, np.inf])]).status != 0 and v.numpy().tolist() == [2]
