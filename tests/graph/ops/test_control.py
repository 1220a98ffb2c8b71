"""cond: one of two branches runs, in values, writes and gradients."""

import numpy as np
import pytest

from kmagic.base.errors import BadData, ShapeMismatch
from kmagic.graph.load import ops
from kmagic.graph.ops.gradient import grad
from kmagic.graph.variable import Variable
from tests.compiler.programs import interpreted, run, traced

UP, DOWN = np.array([1.0, 2.0]), np.array([-1.0, -2.0])


def both_ways(function, *arrays):
    """The results node by node and compiled, which must agree."""
    graph = traced(function, arrays)
    done = run(graph, arrays)
    assert done.status == 0
    for value, other in zip(done.outputs.values(), interpreted(graph, arrays), strict=False):
        np.testing.assert_allclose(value, other, rtol=1e-12)
    return list(done.outputs.values())


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
