"""cond: one of two branches runs, in values, writes and gradients."""

import numpy as np
import pytest

from kmagic.base.errors import BadData, BadValue, ShapeMismatch, TraceError
from kmagic.graph import trace
from kmagic.graph.eager import origin
from kmagic.graph.load import ops
from kmagic.graph.ops.derivatives import grad
from kmagic.graph.ops.source import input_symbol
from kmagic.graph.variable import Variable
from tests.compiler.programs import both_ways, interpreted, run, traced

UP, DOWN = np.array([1.0, 2.0]), np.array([-1.0, -2.0])


def test_on_arrays_it_is_an_if() -> None:
    assert ops.cond(True, lambda: 1, lambda: 1 / 0) == 1
    assert ops.cond(np.array(False), lambda: 1 / 0, lambda: 2) == 2


def test_both_branches() -> None:
    def function(x):
        return ops.cond(ops.sum(x) > 0, lambda: (x * 2, ops.sum(x)), lambda: (ops.exp(x), ops.max(x)))

    doubled, total = both_ways(function, UP)
    assert (doubled.tolist(), total) == ([2, 4], 3)
    raised, largest = both_ways(function, DOWN)
    np.testing.assert_allclose(raised, np.exp(DOWN))
    assert largest == -1


def test_results_keep_their_structure() -> None:
    def kinds(x):
        for make in (tuple, list):
            result = ops.cond(x[0] > 0, lambda make=make: make([x]), lambda make=make: make([x]))
            assert type(result) is make and len(result) == 1
        nested = ops.cond(x[0] > 0, lambda: {"a": (x, [x])}, lambda: {"a": (x, [x])})
        assert list(nested) == ["a"] and isinstance(nested["a"], tuple) and isinstance(nested["a"][1], list)
        assert ops.cond(x[0] > 0, lambda: None, lambda: None) is None
        return x

    traced(kinds, [UP])


def test_a_branch_may_return_what_it_did_not_compute() -> None:
    c = np.array([7.0, 8.0])
    for x, expected in ((UP, UP), (DOWN, c)):
        assert both_ways(lambda x: ops.cond(x[0] > 0, lambda: x, lambda: c), x)[0].tolist() == expected.tolist()


def test_writes_inside() -> None:
    for x, first, second in ((UP, [2, 2], [1, 1]), (DOWN, [1, 1], [6, 6])):
        v, w = Variable(np.ones(2)), Variable(np.ones(2))

        def true(v=v):
            v.assign(v * 2)

        def false(v=v, w=w):
            w.assign(w + 2)
            w.assign(w * 2)

        graph = traced(lambda x, true=true, false=false, v=v: ops.cond(x[0] > 0, true, false) or {"v": v + 0}, [x])
        assert run(graph, [x]).outputs["v"].tolist() == first
        assert (v.numpy().tolist(), w.numpy().tolist()) == (first, second)


def test_branches_in_branches() -> None:
    def function(x):
        def positive():
            return ops.cond(x[1] > 5, lambda: x * 3, lambda: ops.cond(x[1] > 1, lambda: x * 5, lambda: x * 7))

        return ops.cond(x[0] > 0, positive, lambda: -x)

    for second, factor in ((6.0, 3), (2.0, 5), (0.0, 7)):
        x = np.array([1.0, second])
        np.testing.assert_allclose(both_ways(function, x)[0], x * factor)
    np.testing.assert_allclose(both_ways(function, DOWN)[0], -DOWN)


def test_the_gradient_of_the_branch_that_runs() -> None:
    y = np.array([3.0, 4.0])

    def function(x):
        return grad(lambda x: ops.sum(ops.cond(ops.sum(x) > 0, lambda: x * x * y, lambda: ops.exp(x))))(x)

    np.testing.assert_allclose(both_ways(function, UP)[0], 2 * UP * y)
    np.testing.assert_allclose(both_ways(function, DOWN)[0], np.exp(DOWN))


def test_second_derivatives_through_a_branch() -> None:
    def cube(x):
        return ops.sum(ops.cond(ops.sum(x) > 0, lambda: x**3, lambda: x * 0))

    twice = grad(lambda x: ops.sum(grad(cube)(x)))
    np.testing.assert_allclose(both_ways(twice, UP)[0], 6 * UP)
    np.testing.assert_allclose(both_ways(twice, DOWN)[0], [0, 0])


def test_a_gradient_asked_for_inside_a_branch() -> None:
    def function(x):
        return ops.cond(ops.sum(x) > 0, lambda: grad(lambda z: ops.sum(z**3))(x), lambda: x * 0)

    np.testing.assert_allclose(both_ways(function, UP)[0], 3 * UP**2)
    np.testing.assert_allclose(both_ways(lambda x: grad(lambda x: ops.sum(function(x)))(x), UP)[0], 6 * UP)


def test_gradients_by_one_of_several_results_and_with_whole_numbers_among_them() -> None:
    def function(x):
        def loss(x):
            a, n, b = ops.cond(
                x[0] > 0,
                lambda: (x * 2, ops.cast(x, "int32"), x[0]),
                lambda: (x * 3, ops.cast(x, "int32") + 1, x[1]),
            )
            return ops.sum(a * a) + ops.sum(n) * 0.0 + b * 10

        return grad(loss)(x)

    np.testing.assert_allclose(both_ways(function, UP)[0], 8 * UP + [10, 0])
    np.testing.assert_allclose(both_ways(function, DOWN)[0], 18 * DOWN + [0, 10])


def test_branches_must_give_alike_values() -> None:
    with pytest.raises(ShapeMismatch, match=r"cond: branches give f64\[2\] and f64\[\]"):
        traced(lambda x: ops.cond(x[0] > 0, lambda: x, lambda: ops.sum(x)), [UP])
    with pytest.raises(ShapeMismatch, match=r"branches give f64\[2\] and nothing"):
        traced(lambda x: ops.cond(x[0] > 0, lambda: x, lambda: None), [UP])
    with pytest.raises(ShapeMismatch, match=r"branches give \[·\] and \(·\)"):
        traced(lambda x: ops.cond(x[0] > 0, lambda: [x], lambda: (x,)), [UP])


def test_a_predicate_is_one_truth_value() -> None:
    for x, sign in ((UP, 1), (DOWN, -1)):
        (found,) = both_ways(lambda x: ops.cond(x[:1] > 0, lambda: ops.abs(x), lambda: x), x)
        assert found.tolist() == (sign * np.abs(x)).tolist()
        assert ops.cond((x[:1] > 0).tolist(), lambda: 1, lambda: -1) == sign

    def function(x):
        return ops.cond(x > 0, lambda: x, lambda: -x)

    with pytest.raises(ShapeMismatch, match=r"^cond \(test_control.py:\d+: .*: a condition of bool\[2\]"):
        traced(function, [UP])
    with pytest.raises(ShapeMismatch, match=r"^cond \(test_control.py:\d+: .*: a condition of bool\[2\]"):
        function(UP)
    with origin(layer="gate"), pytest.raises(ShapeMismatch, match=r"^gate: cond: a condition of bool\[2\]"):
        traced(function, [UP])


def test_only_the_branch_that_was_chosen_runs() -> None:
    """The other one would read outside of its table."""
    table = np.arange(3.0)

    def function(x, i):
        return ops.cond(x[0] > 0, lambda: ops.take(table, i, axis=0), lambda: x[0])

    graph = traced(function, [UP, np.array(0, "int32")])
    for x, status in ((DOWN, 0), (UP, 1)):
        assert (run(graph, [x, np.array(9, "int32")]).status != 0) == bool(status)
    with pytest.raises(BadData, match="index 9"):
        interpreted(graph, [UP, np.array(9, "int32")])


def test_a_write_outside_of_a_program_is_an_error() -> None:
    v, x = Variable(np.ones(2), name="v"), input_symbol((2,), "float64", "x")
    with pytest.raises(TraceError, match="cond: v is assigned outside of a program"):
        ops.cond(x[0] > 0, lambda: v.assign(x), lambda: None)
    assert v.numpy().tolist() == [1, 1]
    grad(lambda x: ops.cond(x[0] > 0, lambda: v.assign(x), lambda: None) or ops.sum(x))(UP)
    assert v.numpy().tolist() == [1, 2], "a gradient of arrays is a program of its own"


def test_what_a_branch_checks_holds_for_the_program() -> None:
    def function(x):
        def careful():
            trace.current().check(1 / x[1])
            return x

        return ops.cond(x[0] > 0, careful, lambda: -x)

    graph = traced(function, [UP])
    assert len(graph.checks) == 1
    assert run(graph, [UP]).status == 0 and run(graph, [np.array([-1.0, 0.0])]).status == 0
    assert run(graph, [np.array([1.0, 0.0])]).status != 0


def test_a_plain_number_takes_the_dtype_of_the_other_branch() -> None:
    for kind in ("float32", "int64"):
        x = np.ones(2, kind)
        for function in (
            lambda x: ops.cond(x[0] > 2, lambda: x[0], lambda: 3),
            lambda x: ops.cond(x[0] < 2, lambda: 3, lambda: x[0]),
        ):
            (found,) = both_ways(function, x)
            assert found == 3 and found.dtype == kind


def test_switch_runs_one_branch_and_holds_the_index_within() -> None:
    branches = [lambda x, y: x + y, lambda x, y: x - y, lambda x, y: x * y]
    for index, expected in ((0, 11), (1, 9), (2, 10), (7, 10), (-3, 11)):
        number = np.array(index, "int32")
        assert ops.switch(index, branches, 10.0, 1.0) == expected
        assert both_ways(lambda i: ops.switch(i, branches, 10.0, 1.0), number)[0] == expected
    assert ops.switch(2, [lambda: 1, lambda: 1 / 0, lambda: 3]) == 3
    with pytest.raises(BadValue, match="switch: no branches"):
        ops.switch(0, [])


def test_the_gradient_of_the_switched_branch() -> None:
    def function(x, i):
        return grad(lambda x: ops.sum(ops.switch(i, [ops.exp, ops.square, lambda x: -x], x)))(x)

    for index, slope in enumerate((np.exp(UP), 2 * UP, -np.ones(2))):
        np.testing.assert_allclose(both_ways(function, UP, np.array(index, "int32"))[0], slope)
