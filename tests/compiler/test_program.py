"""Programs: writes reach variables in order, nothing is written before the checks, and memory is kept to itself."""

import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from kmagic import ops, random
from kmagic.base.errors import ShapeMismatch
from kmagic.compiler import program as programs
from kmagic.compiler.emit.numpy import binding
from kmagic.graph import eager, trace
from kmagic.graph.ops.gradient import gradients
from kmagic.graph.variable import Variable, pack
from tests.compiler import random_programs
from tests.compiler.programs import Array, run, step, traced, uncached
from tests.compiler.random_programs import Recipe, recipes
from tests.compiler.test_pipeline import CAPACITY, SIZES, training_step, variables


def vector(*values: float) -> Variable:
    return Variable(np.array(values, "float32"))


def after(function: Any, *own: Variable) -> list[list[float]]:
    """What variables hold after one step."""
    assert run(traced(function)).status == 0
    return [variable.numpy().tolist() for variable in own]


def test_two_variables_change_places() -> None:
    v, w = vector(1, 2), vector(3, 4)

    def swap() -> None:
        old = v.value
        v.assign(w.value)
        w.assign(old)

    assert after(swap, v, w) == [[3, 4], [1, 2]]
    assert after(swap, v, w) == [[1, 2], [3, 4]]


def test_a_ring_of_computed_values() -> None:
    a, b, c = vector(1), vector(10), vector(100)

    def turn() -> None:
        old = a.value
        a.assign(b + 1)
        b.assign(c + 1)
        c.assign(old + 1)

    assert after(turn, a, b, c) == [[11], [101], [2]]


def test_a_later_reader_of_the_old_value_gets_it() -> None:
    v, w = vector(1, 2), vector(0, 0)

    def function() -> dict[str, Any]:
        old = v.value
        v.assign(old * 10)
        w.assign(old + v)
        return {"sum": ops.sum(old)}

    done = run(traced(function))
    assert (v.numpy().tolist(), w.numpy().tolist(), done.outputs["sum"]) == ([10, 20], [11, 22], 3)


def test_a_branch_that_reads_first_sees_the_old_value() -> None:
    u, w, seen = vector(1, 2), vector(10, 20), vector(0, 0)

    def function() -> None:
        new = u * 2
        found = ops.cond(ops.sum(u) > 0, lambda: w * 1.5, lambda: w * 3)
        w.assign(new)
        seen.assign(found)

    assert after(function, w, seen) == [[2, 4], [15, 30]]


def test_an_output_shows_the_value_of_its_moment() -> None:
    v = vector(1, 2)

    def function() -> dict[str, Any]:
        old = v.value
        turned = ops.reshape(old, (2, 1))
        v.assign(old * 3)
        return {"old": old, "view": turned, "new": v.value}

    done = run(traced(function))
    assert done.outputs["old"].tolist() == [1, 2] and done.outputs["view"].tolist() == [[1], [2]]
    assert done.outputs["new"].tolist() == v.numpy().tolist() == [3, 6]


def test_one_value_written_to_two_variables_and_given_out() -> None:
    v, w = vector(1, 2), vector(0, 0)

    def function() -> dict[str, Any]:
        new = ops.exp(v.value)
        v.assign(new)
        w.assign(new)
        return {"new": new}

    expected = np.exp(v.numpy())
    done = run(traced(function))
    for found in (done.outputs["new"], v.numpy(), w.numpy()):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("size", [3, 40_000])
@pytest.mark.parametrize(
    "update",
    [
        lambda v: ops.where(v > 0, v, v * 0 + 7),
        lambda v: ops.where(v > 0, v * 2, v),
        lambda v: v + ops.flip(v),
        lambda v: ops.concatenate([v[1:], v[:1]]),
        lambda v: v - ops.max(v),
        lambda v: v[::-1],
        lambda v: (v * 2 + ops.flip(v * 2)) * v,
        lambda v: ops.cast(ops.cast(v, "int32"), "float32") + v,
        lambda v: ops.maximum(v, 0.5) * ops.exp(-v) + ops.tanh(v) / (1 + v * v),
        lambda v: ops.cast(ops.logical_and(v > 0, ops.exp(v) < 2), "float32"),
    ],
)
def test_a_variable_may_be_computed_from_itself(update: Any, size: int) -> None:
    """In place where that is safe; long vectors are worked through in blocks."""
    start = np.linspace(-1, 1, size).astype("float32")
    v = Variable(start)
    expected = np.asarray(update(start))
    run(traced(lambda: v.assign(update(v.value))))
    np.testing.assert_allclose(v.numpy(), expected, rtol=1e-6, atol=1e-7)


def test_a_matrix_may_be_added_to_its_transpose() -> None:
    start = np.arange(9.0).reshape(3, 3)
    v = Variable(start)
    run(traced(lambda: v.assign(v + ops.transpose(v.value))))
    np.testing.assert_array_equal(v.numpy(), start + start.T)


def test_scalars_come_in_and_go_out() -> None:
    rate = np.array(0.5, "float32")
    done = run(traced(lambda r: {"twice": r * 2, "same": r, "number": 3.5}, [rate]), [rate])
    assert [float(value) for value in done.outputs.values()] == [1.0, 0.5, 3.5]


def test_an_empty_batch_is_no_special_case() -> None:
    x = np.ones((0, 3), "float32")
    done = run(traced(lambda x: {"sum": ops.sum(x * 2, axis=0), "rows": ops.exp(x)}, [x], batch=True), [x], rows=0)
    assert done.outputs["sum"].tolist() == [0, 0, 0] and done.outputs["rows"].shape == (0, 3)


def test_more_rows_than_there_is_memory_for_make_it_grow_and_fewer_go_on_as_before() -> None:
    workspace = uncached(
        traced(lambda x: {"sum": ops.sum(ops.exp(x), axis=0)}, [np.ones((2, 3))], batch=True)
    ).workspace(2)
    for rows, capacity in ((2, 2), (5, 5), (1, 5), (9, 9), (5, 9)):
        x = np.random.default_rng(rows).normal(size=(rows, 3))
        workspace.inputs(rows)[0][:] = x
        assert workspace.step(rows)() == 0
        np.testing.assert_allclose(workspace.outputs(rows)["sum"], np.exp(x).sum(0), rtol=1e-12)
        assert workspace.capacity == capacity


def test_a_slice_that_the_batch_is_too_small_for_is_named() -> None:
    x = np.ones((8, 3))

    def function(x: Any) -> Any:
        with eager.origin(layer="crop"):
            return ops.exp(x[:5])

    workspace = uncached(traced(function, [x], batch=True)).workspace(8)
    assert step(workspace, [x], 8).outputs["y0"].shape == (5, 3)
    with pytest.raises(ShapeMismatch, match=r"crop: a slice \[5 3\] of \[2 3\]"):
        step(workspace, [x[:2]], 2)


def test_a_workspace_whose_variables_another_one_moved_follows_them() -> None:
    a, b = vector(1, 1), vector(1, 1, 1)

    def forwards() -> None:
        a.assign(a * 2 + 1)
        b.assign(b * 2 + 1)

    def backwards() -> None:
        b.assign(b * 3 - 1)
        a.assign(a * 3 - 1)

    first = uncached(traced(forwards)).workspace(1)
    step(first, [], 1)
    second = uncached(traced(backwards)).workspace(1)
    step(second, [], 1)
    step(first, [], 1)
    step(second, [], 1)
    pack([Variable(np.zeros(2, "float32")), b])
    step(first, [], 1)
    x = 1.0
    for change in (
        lambda x: 2 * x + 1,
        lambda x: 3 * x - 1,
        lambda x: 2 * x + 1,
        lambda x: 3 * x - 1,
        lambda x: 2 * x + 1,
    ):
        x = change(x)
    assert a.numpy().tolist() == [x] * 2 and b.numpy().tolist() == [x] * 3


def test_two_workspaces_share_no_memory() -> None:
    x = np.ones((3, 2))
    program = uncached(traced(lambda x: {"y": ops.exp(x) + 1}, [x], batch=True))
    one, other = program.workspace(3), program.workspace(3)
    first = one.outputs(3)["y"]
    step(one, [x], 3)
    kept = first.copy()
    step(other, [5 * x], 3)
    np.testing.assert_array_equal(first, kept)
    assert not np.shares_memory(first, other.outputs(3)["y"])


def guarded(x: Any, v: Variable, w: Variable, labels: Any = None) -> dict[str, Any]:
    """A step whose loss and gradients must be finite."""
    loss = ops.mean(ops.log(x) * v)
    current = trace.current()
    assert current is not None
    (gradient,) = gradients(loss, [v])
    current.check(loss)
    current.check(gradient)
    if labels is not None:
        w.assign(w + ops.take(ops.concatenate([w.value, w.value]), labels, axis=0))
    else:
        w.assign(w * 2)
    v.assign(v - gradient)
    return {"loss": loss}


def test_a_gradient_that_is_not_finite_writes_nothing() -> None:
    v, w = vector(1, 2), vector(3, 4)
    good, bad = np.ones((2, 2), "float32"), np.array([[1, 1], [1, 0]], "float32")
    workspace = uncached(traced(lambda x: guarded(x, v, w), [good], batch=True)).workspace(2)
    assert step(workspace, [bad], 2).status != 0
    assert (v.numpy().tolist(), w.numpy().tolist()) == ([1, 2], [3, 4])
    assert step(workspace, [good], 2).status == 0
    assert w.numpy().tolist() == [6, 8]


@pytest.mark.parametrize("wrong", [-5, 4])
def test_an_index_outside_writes_nothing(wrong: int) -> None:
    v, w = vector(1, 2), vector(3, 4)
    x, labels = np.ones((2, 2), "float32"), np.array([0, -1], "int32")
    workspace = uncached(traced(lambda x, labels: guarded(x, v, w, labels), [x, labels])).workspace(2)
    assert step(workspace, [x, labels], 2).status == 0
    before = v.numpy().tolist(), w.numpy().tolist()
    assert before[1] == [6, 8], "position -1 is the last of 3, 4, 3, 4"
    assert step(workspace, [x, np.array([wrong, 0])], 2).status != 0
    assert (v.numpy().tolist(), w.numpy().tolist()) == before


def test_a_bad_index_in_a_branch_of_an_update_writes_nothing() -> None:
    v, w, place = vector(1, 2), vector(3, 4), Variable(np.array(5, "int32"))

    def function() -> None:
        w.assign(w * 2)
        v.assign(ops.cond(ops.sum(w) > 0, lambda: v * ops.take(v.value * 3, place.value), lambda: v * 1))

    graph = traced(function)
    assert run(graph).status != 0
    assert (v.numpy().tolist(), w.numpy().tolist()) == ([1, 2], [3, 4])
    place.assign(1)
    assert run(graph).status == 0 and v.numpy().tolist() == [6, 12]


def perceptron(rows: int = 200) -> tuple[Any, list[Array]]:
    """A step of pointwise operations, products and reductions, on a batch."""
    generator = np.random.default_rng(0)
    w = Variable(generator.normal(size=(8, 16)).astype("float32"))
    b = Variable(np.zeros(16, "float32"))
    total = Variable(np.zeros((), "float32"))

    def function(x: Any, y: Any) -> dict[str, Any]:
        hidden = ops.relu(ops.matmul(x, w) + b)
        shares = ops.softmax(hidden)
        loss = ops.mean(ops.square(shares - y)) + 0.01 * ops.sum(ops.abs(w.value)) + ops.std(hidden)
        current = trace.current()
        assert current is not None
        for variable, gradient in zip((w, b), gradients(loss, [w, b]), strict=True):
            current.check(gradient)
            variable.assign(variable - 0.1 * ops.where(gradient > 0, gradient, 0.5 * gradient))
        total.assign(total + loss)
        return {"loss": loss}

    return function, [
        generator.normal(size=(rows, 8)).astype("float32"),
        generator.random((rows, 16)).astype("float32"),
    ]


def made_in_a_step(rows: int) -> tuple[int, int]:
    """Bytes that one step holds at its fullest, and that it keeps."""
    function, data = perceptron(rows)
    workspace = uncached(traced(function, data, batch=True)).workspace(rows)
    step(workspace, data, rows)
    run_step = workspace.step(rows)
    with np.errstate(all="ignore"):
        tracemalloc.start()
        try:
            run_step()
            before = tracemalloc.get_traced_memory()[0]
            tracemalloc.reset_peak()
            run_step()
            now, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    return peak - before, now - before


def test_a_step_makes_no_arrays() -> None:
    """NumPy's iterator takes a buffer of some thousand numbers where an operand is stretched; nothing else grows."""
    (few, _), (many, kept) = made_in_a_step(10_000), made_in_a_step(20_000)
    assert many - few < 1024 and many < 100_000, "an array was made in a step"
    assert kept < 512, "a step keeps something"


RED = 0xA5
ZONE = 256


@pytest.fixture
def zones(monkeypatch: pytest.MonkeyPatch) -> list[Array]:
    """Every buffer of a workspace, with a red zone before and after it."""
    made: list[Array] = []

    def fenced(plan: Any, sizes: Any) -> list[Array]:
        buffers = []
        for buffer in original(plan, sizes):
            memory = np.full(buffer.size + 2 * ZONE, RED, np.uint8)
            made.append(memory)
            buffers.append(memory[ZONE : ZONE + buffer.size])
        return buffers

    original = binding.allocate
    monkeypatch.setattr(binding, "allocate", fenced)
    monkeypatch.setattr(programs, "allocate", fenced)
    return made


def test_nothing_is_written_outside_of_a_buffer(zones: list[Array]) -> None:
    @settings(max_examples=40)
    @given(recipes())
    def check(recipe: Recipe) -> None:
        zones.clear()
        workspace = uncached(training_step(recipe, variables())).workspace(CAPACITY)
        for rows in SIZES:
            step(workspace, random_programs.arrays(rows), rows)
        for memory in zones:
            assert (memory[:ZONE] == RED).all() and (memory[-ZONE:] == RED).all()

    check()
    assert zones


def test_a_program_is_reproducible_to_the_last_bit() -> None:
    def losses() -> list[float]:
        function, data = perceptron()
        generator = random.SeedGenerator(3)
        workspace = uncached(
            traced(lambda x, y: function(random.dropout(x, 0.3, seed=generator), y), data, batch=True)
        ).workspace(200)
        return [
            float(step(workspace, [array[:rows] for array in data], rows).outputs["loss"]) for rows in (200, 200, 77)
        ]

    assert losses() == losses()


def test_a_loop_allocates_no_arrays() -> None:
    """Bodies have their memory before the first step; Python's own objects for 100 steps stay far below one array."""
    size = 100_000
    xs = np.ones((10, size))

    def function(xs: Any) -> Any:
        def body(carry: Any, x: Any) -> Any:
            total, count = carry
            total = ops.cond(count < 5, lambda: ops.tanh(total + x), lambda: total * x)
            return (total, count + 1), total * 2

        (total, _), ys = ops.scan(body, (xs[0], 0), xs)
        return ops.while_loop(lambda v: v[0] < 10, lambda v: v * 2 + x0, total), ys

    x0 = np.full(size, 0.5)
    workspace = uncached(traced(function, [xs])).workspace(1)
    once = workspace.step(1)
    once()
    tracemalloc.start()
    once()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < size
