"""The cache of programs: equal graphs share one, and a program fits whatever variables a run brings."""

import gc
import weakref
from typing import Any

import numpy as np
import pytest

from kmagic import ops
from kmagic.compiler import cache
from kmagic.compiler.cache import fingerprint, program_of
from kmagic.compiler.show import stage_text
from kmagic.graph import eager
from kmagic.graph.ops.derivatives import grad
from kmagic.graph.variable import Variable
from tests.compiler.programs import run, step, traced

X = np.arange(6.0).reshape(2, 3)


def model(w: Variable, factor: float = 2.0, layer: str = "dense", name: str = "y", axis: int = 1) -> Any:
    def function(x: Any) -> dict[str, Any]:
        with eager.origin(layer=layer):
            w.assign(w * factor)
            return {
                name: ops.cond(
                    ops.sum(x) > 0, lambda: ops.sum(x * w * factor, axis), lambda: x[0] * 0 if axis == 0 else x[:, 0]
                )
            }

    return function


def key(*arguments: Any, **options: Any) -> str:
    return fingerprint(traced(model(*arguments, **options), [X]))[0]


def test_equal_graphs_share_a_program_and_bring_their_own_variables() -> None:
    v, w = Variable(np.ones(3)), Variable(np.full(3, 10.0))
    one, other = traced(model(v), [X]), traced(model(w), [X])
    assert program_of(one)[0] is program_of(other)[0]
    found = [run(graph, [X]).outputs["y"].tolist() for graph in (one, other)]
    assert found == [[12, 48], [120, 480]]
    assert (v.numpy().tolist(), w.numpy().tolist()) == ([2] * 3, [20] * 3)


@pytest.mark.parametrize(
    "other", [{"factor": 3.0}, {"factor": np.float64(2.0000001)}, {"layer": "other"}, {"name": "z"}, {"axis": 0}]
)
def test_other_programs_have_other_keys(other: dict[str, Any]) -> None:
    w = Variable(np.ones(3))
    assert key(w) == key(w) != key(w, **other)


def test_variables_of_another_dtype_or_trade_of_places_are_told_apart() -> None:
    v, w = Variable(np.ones(2)), Variable(np.ones(2))
    assert key(Variable(np.ones(3))) != key(Variable(np.ones(3, "float32")))

    def swap(first: Variable, second: Variable) -> str:
        def function() -> None:
            old = v.value
            first.assign(w + 0)
            second.assign(old + 0)

        return fingerprint(traced(function))[0]

    assert swap(v, w) != swap(w, v)


def test_constants_inside_branches_count() -> None:
    def graph(number: float) -> str:
        return fingerprint(traced(lambda x: ops.cond(x[0, 0] > 0, lambda: x * number, lambda: x), [X]))[0]

    assert graph(2.0) != graph(3.0)


def test_a_program_can_be_used_with_other_variables() -> None:
    w, other = Variable(np.ones(3)), Variable(np.full(3, 5.0))
    program, _ = program_of(traced(model(w), [X]))
    workspace = program.workspace(2, [other])
    assert step(workspace, [X], 2).outputs["y"].tolist() == [60, 240]
    assert w.numpy().tolist() == [1] * 3 and other.numpy().tolist() == [10] * 3


def test_the_cache_is_bounded_and_drops_what_was_used_longest_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "LIMIT", 2)
    monkeypatch.setattr(cache, "_programs", type(cache._programs)())
    w = Variable(np.ones(3))
    graphs = [traced(model(w, factor), [X]) for factor in (2.0, 3.0, 4.0)]
    first = program_of(graphs[0])[0]
    program_of(graphs[1])
    assert program_of(graphs[0])[0] is first
    program_of(graphs[2])
    assert len(cache._programs) == 2 and program_of(graphs[0])[0] is first


def test_loops_differ_by_length_direction_and_body() -> None:
    def scanned(factor: float, length: int = 3, reverse: bool = False) -> str:
        return fingerprint(
            traced(lambda x: ops.scan(lambda c, _: (c * factor, c), x, length=length, reverse=reverse), [X])
        )[0]

    def repeated(limit: int, end: float = 1.0) -> str:
        return fingerprint(traced(lambda x: ops.while_loop(lambda c: c[0, 0] < end, lambda c: c * 2, x, limit), [X]))[0]

    assert scanned(2.0) == scanned(2.0) and repeated(3) == repeated(3)
    scans = {scanned(2.0), scanned(3.0), scanned(2.0, 4), scanned(2.0, reverse=True)}
    assert len(scans | {repeated(3), repeated(4), repeated(3, 2.0)}) == 7


def test_a_kept_program_keeps_no_variables() -> None:
    w = Variable(np.ones(3), path="dense/kernel")
    graph = traced(model(w, 7.0), [X])
    program, variables = program_of(graph)
    assert variables == (w,) and step(program.workspace(2, [w]), [X], 2).outputs["y"].tolist() == [147, 588]
    alive = weakref.ref(w)
    del w, variables, graph
    gc.collect()
    assert alive() is None
    # what the program says of its variable is all there
    (slot,) = program.variables
    assert (slot.path, slot.shape, slot.dtype, slot.size) == ("dense/kernel", (3,), "float64", 3)
    assert "read(dense/kernel)" in stage_text(program, "trace", 2) and "write dense/kernel" in stage_text(
        program, "merge", 2
    )
    other = Variable(np.full(3, 10.0))
    assert step(program.workspace(2, [other]), [X], 2).outputs["y"].tolist() == [1470, 5880]


def test_a_kept_program_cannot_run_on_variables_of_its_own() -> None:
    program, _ = program_of(traced(model(Variable(np.ones(3))), [X]))
    with pytest.raises(ValueError, match="argument"):
        program.workspace(2)


def test_gradients_of_ones_own_are_told_apart_and_may_hold_values_of_the_trace() -> None:
    for factor, value in ((2.0, 0.5), (3.0, 0.5), (3.0, 0.25)):
        w = Variable(np.full(3, value))

        @ops.custom_gradient
        def exponential(x: Any, w: Variable = w, factor: float = factor) -> Any:
            y = ops.exp(x * w)
            return y, lambda upstream: upstream * y * factor

        graph = traced(grad(lambda x, rule=exponential: ops.sum(rule(x))), [X])
        (found,) = run(graph, [X]).outputs.values()
        np.testing.assert_allclose(found, factor * np.exp(value * X), rtol=1e-12)
        alive = weakref.ref(w)
        del w, graph, exponential
        gc.collect()
        assert alive() is None


def test_gradients_of_ones_own_inside_branches_are_told_apart() -> None:
    for factor in (2.0, 3.0):

        @ops.custom_gradient
        def total(x: Any, factor: float = factor) -> Any:
            return ops.sum(x), lambda *given, upstream: upstream * given[0] * factor

        def chosen(x: Any, rule: Any = total) -> Any:
            return ops.cond(x[0, 0] < 9, lambda: rule(x), lambda: ops.sum(x))

        (found,) = run(traced(grad(chosen), [X]), [X]).outputs.values()
        np.testing.assert_allclose(found, factor * X, rtol=1e-12)


def test_gradients_of_ones_own_may_hold_values_of_a_branch() -> None:
    @ops.custom_gradient
    def exponential(x: Any) -> Any:
        y = ops.exp(x)
        return y, lambda upstream: upstream * y * 3.0

    def chosen(x: Any) -> Any:
        return ops.cond(x[0, 0] < 9, lambda: ops.sum(exponential(x * 0.5)), lambda: ops.sum(x))

    (found,) = run(traced(grad(chosen), [X]), [X]).outputs.values()
    np.testing.assert_allclose(found, 1.5 * np.exp(0.5 * X), rtol=1e-12)
