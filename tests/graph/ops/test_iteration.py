"""Loops of functions: on arrays, node by node and compiled; what they carry, read, assign and refuse."""

import numpy as np
import pytest

from kmagic import random
from kmagic.base.errors import BadData, BadType, BadValue, ShapeMismatch, TraceError
from kmagic.graph import trace
from kmagic.graph.immediate import immediate
from kmagic.graph.interpret import evaluate
from kmagic.graph.load import ops
from kmagic.graph.node import topological
from kmagic.graph.ops.source import input_symbol
from kmagic.graph.variable import Variable
from tests.compiler.programs import both_ways, interpreted, run, step, traced, uncached

XS = np.random.default_rng(0).normal(size=(6, 3))


def everywhere(function, *arrays):
    """The result on arrays, with which the interpreter and the program must agree."""
    found = function(*arrays)
    flat = found if isinstance(found, tuple | list) else (found,)
    for value, other in zip(both_ways(function, *arrays), flat, strict=True):
        np.testing.assert_allclose(value, other, rtol=1e-12)
        assert value.dtype == np.asarray(other).dtype and value.shape == np.shape(other)
    return found


def names(function, *arrays):
    return [node.name for node in traced(function, arrays).nodes]


@pytest.mark.parametrize("reverse", [False, True])
def test_scan_is_a_cumulative_sum(reverse: bool) -> None:
    total, sums = everywhere(lambda xs: ops.scan(lambda c, x: (c + x, c + x), xs[0] * 0, xs, reverse=reverse), XS)
    np.testing.assert_allclose(total, XS.sum(0))
    expected = XS[::-1].cumsum(0)[::-1] if reverse else XS.cumsum(0)
    np.testing.assert_allclose(sums, expected)


def test_structures_of_carries_xs_and_ys() -> None:
    def function(a, b):
        def body(carry, x):
            carry = {"sum": carry["sum"] + x[0], "rest": (carry["rest"][0] * 0.5, [carry["rest"][1][0] + x[1]["b"]])}
            return carry, [{"twice": x[0] * 2}, (x[1]["b"],)]

        start = {"sum": a[0], "rest": (np.ones(2), [ops.sum(b)])}
        last, ys = ops.scan(body, start, (a, {"b": b}))
        assert list(last) == ["sum", "rest"] and isinstance(last["rest"], tuple) and isinstance(ys, list)
        return last["sum"], last["rest"][0], last["rest"][1][0], ys[0]["twice"], ys[1][0]

    b = np.arange(6.0)
    found = everywhere(function, XS, b)
    for value, right in zip(found, (XS[0] + XS.sum(0), np.ones(2) / 64, 2 * b.sum(), 2 * XS, b), strict=True):
        np.testing.assert_allclose(value, right)


def test_a_scan_by_length_and_without_results() -> None:
    assert everywhere(lambda x: ops.scan(lambda c, x: (c * 2, c), x, length=5)[0], np.array(1.5)) == 48
    assert ops.scan(lambda c, x: (c + 1, None), 0, length=3) == (3, None)
    assert names(lambda x: ops.scan(lambda c, x: (c * 2, None), x, length=50)[0], np.array(1.5)).count("scan") == 1


def test_carries_that_change_places() -> None:
    def function(a, b):
        (first, second, kept), seen = ops.scan(lambda c, _: ((c[1], c[0][::-1], c[2]), c[0]), (a, b, a), length=3)
        return first, second, kept, seen

    a, b = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    first, second, kept, seen = everywhere(function, a, b)
    assert (first.tolist(), second.tolist(), kept.tolist()) == ([4, 3], [1, 2], [1, 2])
    assert seen.tolist() == [[1, 2], [3, 4], [2, 1]]


def test_a_few_steps_may_be_unrolled() -> None:
    def function(unroll):
        return lambda xs: ops.scan(lambda c, x: (c * x, c), xs[0], xs, unroll=unroll)

    for unroll, count in ((1, 1), (5, 1), (6, 0), (True, 0), (False, 1)):
        assert names(function(unroll), XS).count("scan") == count
        everywhere(function(unroll), XS)
    assert names(lambda x: ops.scan(lambda c, x: (c * 2, None), x, length=17, unroll=True)[0], XS).count("scan") == 1


def test_no_steps() -> None:
    last, ys = everywhere(lambda x, xs: ops.scan(lambda c, x: (c + x, c * 2), x, xs), XS[0], XS[:0])
    assert last.tolist() == XS[0].tolist() and ys.shape == (0, 3)
    assert ops.fori_loop(3, 1, lambda i, value: value + 1, 5.0) == 5
    assert ops.while_loop(lambda i: i < 0, lambda i: i + 1, 7) == 7
    assert ops.while_loop(lambda i: i < 9, lambda i: i + 1, 7, maximum_iterations=0) == 7


def test_along_an_axis_of_unknown_length() -> None:
    def function(xs):
        last, sums = ops.scan(lambda c, x: (c + x, c + x), np.zeros(3), xs)
        counted = ops.fori_loop(0, xs.shape[0], lambda i, total: total + i, 0)
        return last, sums, counted

    workspace = uncached(traced(function, [XS], batch=True)).workspace(6)
    for rows in (6, 1, 4, 6):
        done = step(workspace, [XS[:rows]], rows)
        last, sums, counted = done.outputs.values()
        np.testing.assert_allclose(last, XS[:rows].sum(0))
        np.testing.assert_allclose(sums, XS[:rows].cumsum(0))
        assert counted == sum(range(rows))


def test_plain_numbers_take_the_dtype_of_what_they_become() -> None:
    (total,) = everywhere(lambda xs: ops.scan(lambda c, x: (c + ops.sum(x), None), 0, xs)[:1], XS)
    assert total.dtype == np.float64
    count, value = everywhere(
        lambda x: ops.while_loop(lambda i, v: i < 3, lambda i, v: (i + 1, v * x), (0, 1)), XS[0, 0]
    )
    assert (count.dtype, value.dtype) == (np.int32, np.float64)
    np.testing.assert_allclose(value, XS[0, 0] ** 3)


def test_a_step_on_arrays_runs_once() -> None:
    steps = Variable(0, dtype="int32")
    total, _ = ops.scan(lambda c, x: (c + x, steps.assign(steps + 1)), 0, XS[:, 0])
    assert steps.numpy() == 6 and total.dtype == np.float64


@pytest.mark.parametrize("arrays", [True, False])
def test_carries_keep_their_shape_and_dtype(arrays: bool) -> None:
    def attempt(function):
        return function(XS) if arrays else traced(function, [XS])

    with pytest.raises(ShapeMismatch, match=r"scan: carry f64\[3\] becomes f64\[\]"):
        attempt(lambda xs: ops.scan(lambda c, x: (ops.sum(c), c), xs[0], xs))
    with pytest.raises(ShapeMismatch, match=r"while_loop: carry f32\[3\] becomes f64\[3\]") as caught:
        attempt(lambda xs: ops.while_loop(lambda c: c[0] < 1, lambda c: c + xs[0], np.zeros(3, "float32")))
    assert caught.value.fix == "kmagic.ops.cast"
    with pytest.raises(ShapeMismatch, match=r"carry \(·, ·\) becomes ·"):
        attempt(lambda xs: ops.scan(lambda c, x: (x, c), (xs[0], xs[1]), xs))
    with pytest.raises(BadType, match="f returned"):
        attempt(lambda xs: ops.scan(lambda c, x: (c, x, x), xs[0], xs))


def test_refusals_of_scan() -> None:
    with pytest.raises(BadType, match="f is 3"):
        ops.scan(3, 0, XS)
    with pytest.raises(BadValue, match="unroll is 0"):
        ops.scan(lambda c, x: (c, x), 0, XS, unroll=0)
    with pytest.raises(BadValue, match="no xs to scan over and no length"):
        ops.scan(lambda c, x: (c, x), 0)
    with pytest.raises(ShapeMismatch, match="lengths 6, 5"):
        ops.scan(lambda c, x: (c, x), 0, (XS, XS[:5]))
    with pytest.raises(ShapeMismatch, match="lengths 2, 6"):
        ops.scan(lambda c, x: (c, x), 0, XS, length=2)
    with pytest.raises(ShapeMismatch, match="xs holds a scalar"):
        ops.scan(lambda c, x: (c, x), 0, (XS, 1.0))


def test_while_loop_with_structures() -> None:
    def function(x):
        return ops.while_loop(
            lambda i, rest: ops.logical_and(i < 10, rest["v"] < 50),
            lambda i, rest: [i + 1, {"v": rest["v"] * 2 + x}],
            [0, {"v": x}],
        )[1]["v"]

    assert everywhere(function, np.array(1.0)) == 63
    assert everywhere(lambda x: ops.while_loop(lambda x: x < 9, lambda x: x * 2, x), np.array(1.0)) == 16
    limited = everywhere(lambda x: ops.while_loop(lambda x: x > 0, lambda x: x + 1, x, 5), np.array(1.0))
    assert limited == 6
    assert type(ops.while_loop(lambda a: a < 1, lambda a: (a + 1,), [0])) is tuple
    with pytest.raises(ShapeMismatch, match=r"^while_loop \(test_iteration.py:\d+.*: a condition of bool\[3\]"):
        traced(lambda x: ops.while_loop(lambda x: x > 0, lambda x: x, x), [XS[0]])
    with pytest.raises(ShapeMismatch, match=r"^while_loop \(test_iteration.py:\d+.*: a condition of bool\[3\]"):
        ops.while_loop(lambda x: x > 0, lambda x: x, XS[0])


def test_fori_loop_between_numbers_and_between_symbols() -> None:
    assert everywhere(lambda x: ops.fori_loop(2, 6, lambda i, v: v * ops.cast(i, "float64"), x), np.array(1.0)) == 120

    def function(lower, upper):
        return ops.fori_loop(lower, upper, lambda i, v: (v[0] + i, v[1] * 2), (0, 1))

    total, power = both_ways(function, np.array(2, "int32"), np.array(5, "int32"))
    assert (total, power) == (9, 8)
    assert [int(x) for x in ops.fori_loop(2, 5, lambda i, v: (v[0] + i, v[1] * 2), (0, 1))] == [9, 8]


def test_fori_loop_between_variables() -> None:
    end = Variable(4, dtype="int32")
    assert int(ops.fori_loop(0, end, lambda i, total: total + i, 0)) == 6
    graph = traced(lambda: ops.fori_loop(0, end, lambda i, total: total + i, 0))
    assert run(graph).outputs["y0"] == 6
    end.assign(5)
    assert run(graph).outputs["y0"] == 10


def test_maps() -> None:
    for mapping in (ops.map, ops.vectorized_map):
        found = everywhere(lambda xs, mapping=mapping: mapping(lambda x: ops.sum(x * x), xs), XS)
        np.testing.assert_allclose(found, (XS * XS).sum(1))
        both = everywhere(
            lambda xs, mapping=mapping: mapping(lambda p: {"a": p[0] @ p[1], "b": p[0]}, [xs, xs])["a"], XS
        )
        np.testing.assert_allclose(both, (XS * XS).sum(1))


def test_variables_that_a_body_reads_and_assigns() -> None:
    total, scale = Variable(0.0, dtype="float64"), Variable(2.0, dtype="float64")
    before = Variable(1.0, dtype="float64")

    def function(xs):
        before.assign(before + 1)
        old = total.value

        def body(c, x):
            total.assign(total + scale * before * x)
            return c + 1, total - old

        count, seen = ops.scan(body, 0, xs)
        scale.assign(scale * total)
        return count, seen, total.value

    graph = traced(function, [XS[:, 0]])
    done = run(graph, [XS[:, 0]])
    count, seen, last = done.outputs.values()
    expected = 4 * XS[:, 0].cumsum()
    assert count == 6
    np.testing.assert_allclose(seen, expected)
    np.testing.assert_allclose([last, total.numpy(), scale.numpy()], [expected[-1], expected[-1], 2 * expected[-1]])
    on_arrays = Variable(0.0, dtype="float64")
    ops.scan(lambda c, x: (c, on_arrays.assign(on_arrays + x)), 0, XS[:, 0])
    np.testing.assert_allclose(on_arrays.numpy(), XS[:, 0].sum())


def test_variables_in_a_while_loop_and_in_a_branch_of_it() -> None:
    steps, odd = Variable(0, dtype="int32"), Variable(0, dtype="int32")

    def body(x):
        steps.assign(steps + 1)
        ops.cond(ops.equal(steps.value % 2, 1), lambda: odd.assign(odd + steps), lambda: None)
        return x * 2

    graph = traced(lambda x: ops.while_loop(lambda x: ops.logical_and(x < 100, steps < 5), body, x), [np.array(1.0)])
    assert run(graph, [np.array(1.0)]).outputs["y0"] == 32
    assert (steps.numpy(), odd.numpy()) == (5, 1 + 3 + 5)
    assert run(graph, [np.array(1.0)]).outputs["y0"] == 1, "the variable is still 5"


def test_writes_outside_of_a_program_and_in_conditions_are_errors() -> None:
    v = Variable(0.0, name="v")
    with pytest.raises(TraceError, match="scan: v is assigned outside of a program"):
        ops.scan(lambda c, _: (c, v.assign(c)), input_symbol((), "float32", "x"), length=3)
    with pytest.raises(TraceError, match="the condition assigns"):
        traced(
            lambda x: ops.while_loop(lambda x: [v.assign(x), x < 3][1], lambda x: x + 1, x), [np.array(1.0, "float32")]
        )


def test_each_step_draws_anew() -> None:
    def draws(xs):
        return ops.scan(lambda c, x: (c, random.uniform((4,), seed=generator)), 0, xs)[1]

    generator = random.SeedGenerator(3)
    expected = np.stack([random.uniform((4,), seed=generator) for _ in range(12)])
    generator = random.SeedGenerator(3)
    graph = traced(draws, [XS])
    found = np.concatenate([run(graph, [XS]).outputs["y0"] for _ in range(2)])
    np.testing.assert_array_equal(found, expected)
    generator = random.SeedGenerator(3)
    np.testing.assert_array_equal(draws(XS), expected[:6])


def test_each_step_draws_anew_without_a_seed() -> None:
    def draws(xs):
        whole = ops.scan(lambda c, x: (c, random.uniform((4,))), 0, xs)[1]
        last = ops.fori_loop(0, 3, lambda i, c: c * 1000 + random.randint((), 0, 1000, "int64"), np.int64(0))
        return whole, ops.expand_dims(last, 0)

    random.set_global_seed(3)
    graph = traced(draws, [XS])
    for results in (draws(XS), *(run(graph, [XS]).outputs.values() for _ in range(2))):
        whole, last = map(np.ravel, results)
        assert len(set(whole.tolist())) == 24
        assert len({int(last[0]) // 1000**place % 1000 for place in range(3)}) == 3
    before = run(graph, [XS]).outputs["y0"].copy()
    assert not np.isin(run(graph, [XS]).outputs["y0"], before).any()


def test_what_a_step_checks_holds_for_the_program() -> None:
    def checked(c, x):
        trace.current().check(1 / x)
        return c, x

    for function in (
        lambda xs: ops.scan(checked, 0, xs)[1],
        lambda xs: ops.fori_loop(0, 3, lambda i, c: checked(c, ops.take(xs, i, axis=0))[0], 0),
        lambda xs: ops.scan(lambda c, x: ops.cond(x > 0, lambda: checked(c, x), lambda: (c, x)), 0, xs)[1],
    ):
        v = Variable(0.0)
        graph = traced(lambda xs, v=v, function=function: v.assign(v + 1) or function(xs), [XS[:3, 0]])
        assert len(graph.checks) == 1
        assert run(graph, [np.array([1.0, -2.0, 3.0])]).status == 0 and v.numpy() == 1
    assert run(graph, [np.array([1.0, -0.0, 3.0])]).status == 0, "zero is not checked in its branch"
    strict = traced(lambda xs: v.assign(v + 1) or ops.scan(checked, 0, xs)[1], [XS[:3, 0]])
    assert run(strict, [np.array([1.0, 0.0, 3.0])]).status != 0 and v.numpy() == 2


def test_a_bad_index_in_a_step_stops_the_program() -> None:
    v = Variable(0.0)

    def function(table, places):
        v.assign(v + 1)
        return ops.map(lambda place: ops.cond(place >= 0, lambda: ops.take(table, place, axis=0), lambda: 0.0), places)

    table = np.arange(3, dtype="float32")
    graph = traced(function, [table, np.zeros(2, "int32")])
    assert run(graph, [table, np.array([2, -1], "int32")]).outputs["y0"].tolist() == [2, 0] and v.numpy() == 1
    assert run(graph, [table, np.array([2, 3], "int32")]).status != 0 and v.numpy() == 1
    with pytest.raises(BadData, match="index 3"):
        interpreted(graph, [table, np.array([2, 3], "int32")])


def test_symbols_from_within_the_function_make_a_node_too() -> None:
    def loops(w):
        last, _ = ops.scan(lambda c, x: (c * w + x, c), np.array(1.0), np.arange(3.0))
        counted = ops.while_loop(lambda i, v: i < 4, lambda i, v: (i + 1, v * w), (0, np.array(1.0)), 9)[1]
        asked = ops.while_loop(lambda v: v < w, lambda v: v * 2, np.array(1.0))
        return last + counted, asked

    w = input_symbol((), "float64", "w")
    results = loops(w)
    nodes = topological([result.node for result in results])
    assert [node.name for node in nodes if node.op.kind == "control" and node.name != "item"] == [
        "scan",
        "while",
        "while",
    ]
    # w³ + w + 2 + w⁴
    assert evaluate([result.node for result in results], {w.node: np.array(3.0)}, {}) == [113, 4]


def test_steps_whose_values_are_known_run_one_by_one() -> None:
    seen = []

    def body(c, x):
        seen.append(float(c))
        total.assign(total + x)
        return c + x, c

    total = Variable(0.0, dtype="float64")
    xs = input_symbol((3,), "float64", "xs")
    with immediate({xs.node: np.array([1.0, 2.0, 3.0])}) as (_, values):
        last, before = ops.scan(body, np.float64(0), xs)
        doubled = ops.while_loop(lambda v: v < 40, lambda v: v * 2, last)
        found = values.all([last.node, before.node, doubled.node, total.value.node])
    assert [value.tolist() for value in found] == [6, [0, 1, 3], 48, 6]
    assert seen == [0, 1, 3]
