"""Memory: buffers are shared by values that are never needed together, and long vectors run in blocks."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmagic import ops
from kmagic.compiler.place import BLOCK
from kmagic.graph.variable import Variable
from tests.compiler.programs import Array, run, traced, uncached

LONG = 2 * BLOCK + 1234


def test_a_chain_needs_one_buffer() -> None:
    program = uncached(traced(lambda x: ops.tanh(ops.exp(-ops.square(x)) + 1), [np.ones((4, 3))], batch=True))
    assert len(program.plan.buffers) == 1


def test_a_result_of_another_dtype_lies_apart() -> None:
    program = uncached(traced(lambda x: ops.logical_not(ops.exp(x) > 1), [np.ones((4, 3))], batch=True))
    places = {node.name: spot.buffer for node, spot in program.plan.places.items() if spot.kind == "buffer"}
    assert places["exp"] != places["greater"] == places["logical_not"]


def test_buffers_grow_with_the_batch() -> None:
    program = uncached(
        traced(lambda x: {"y": ops.exp(x), "z": ops.sum(x, axis=0)}, [np.ones((4, 3), "float32")], batch=True)
    )
    sizes = sorted(str(size) for size in program.plan.buffers)
    assert sizes == ["12", "12·batch"]


def test_results_outlive_everything() -> None:
    def function(x: Any) -> list[Any]:
        made = [ops.exp(x)]
        for _ in range(6):
            made.append(ops.tanh(made[-1] + 1))
        return made

    x = np.linspace(0, 1, 6)
    found = run(traced(function, [x]), [x]).outputs
    for value, right in zip(found.values(), function(x), strict=True):
        np.testing.assert_array_equal(value, right)


def test_gradients_are_made_right_in_their_pack() -> None:
    w, b = Variable(np.ones((3, 4))), Variable(np.ones(4))

    def function(x: Any) -> None:
        from kmagic.graph.ops.gradient import gradients

        found = gradients(ops.sum(ops.tanh(x @ w.value + b)), [w, b])
        for variable, gradient in zip((w, b), found, strict=True):
            variable.assign(variable - 0.1 * gradient)

    program = uncached(traced(function, [np.ones((2, 3))], batch=True))
    kinds = [spot.kind for spot in program.plan.places.values()]
    assert kinds.count("pack") == 2 and "copyto" not in program.text.source.split("pack")[-1]
    assert kinds.count("variables") == 1, "the update is computed in place"


STEPS = {
    "add": lambda a, b: a + b,
    "maximum": ops.maximum,
    "damped": lambda a, b: a / (1 + b * b),
    "chosen": lambda a, b: ops.where(a > b, a, b * 0.5),
    "flag": lambda a, b: ops.cast(ops.logical_or(a > 0.5, b < 0), "float32"),
    "exp": lambda a, b: ops.exp(-a * a),
    "scaled": lambda a, b: a * 0.5 + 1,
    "through whole numbers": lambda a, b: ops.cast(ops.cast(a * 8, "int32"), "float32") / 8 + b,
    "flipped": lambda a, b: ops.flip(a) + b,
    "centred": lambda a, b: a - ops.mean(b),
}


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=10),
    st.sets(st.integers(0, 11), min_size=1, max_size=3),
    st.booleans(),
)
def test_blocks_compute_what_whole_vectors_do(steps: list[tuple[str, int, int]], kept: set[int], writes: bool) -> None:
    generator = np.random.default_rng(0)
    start = [generator.uniform(-1, 1, LONG).astype("float32") for _ in range(2)]
    own = [Variable(array) for array in start]

    def results(first: Any, second: Any) -> list[Any]:
        pool = [first, second]
        for name, a, b in steps:
            pool.append(STEPS[name](pool[a % len(pool)], pool[b % len(pool)]))
        return [pool[place % len(pool)] for place in sorted(kept)] + [pool[-1] > 0, pool[-1]]

    def function() -> list[Any]:
        found = results(*(variable.value for variable in own))
        if writes:
            own[0].assign(found[-1])
            own[1].assign(found[0] * 0.5 + own[1])
        return found[:-1]

    expected = results(*start)
    done = run(traced(function))
    for value, right in zip(done.outputs.values(), expected[:-1], strict=True):
        check(value, np.asarray(right))
    if writes:
        check(own[0].numpy(), np.asarray(expected[-1]))


def check(found: Array, expected: Array) -> None:
    if expected.dtype == bool:
        assert np.mean(found != expected) < 1e-3, "but for rounding at the threshold"
    else:
        np.testing.assert_allclose(found, expected, rtol=2e-4, atol=2e-4)


def test_long_vectors_run_in_blocks_that_share_memory() -> None:
    v = Variable(np.linspace(-1, 1, LONG).astype("float32"))
    program = uncached(traced(lambda: v.assign(v - 0.1 * ops.exp(v.value) / (1 + ops.square(v.value)))))
    assert program.plan.blocked and len(program.plan.inner) >= 3
    assert sum(int(size) for size in program.plan.buffers) <= 3 * 4 * BLOCK
    assert "for b0" in program.text.source


@pytest.mark.parametrize("function", [lambda y: y + ops.flip(y), lambda y: y * ops.concatenate([y[1:], y[:1]])])
def test_views_in_another_order_are_not_cut_into_blocks(function: Any) -> None:
    start = np.arange(LONG, dtype="float32")
    v = Variable(start)
    found = run(traced(lambda: function(v * 2))).outputs["y0"]
    np.testing.assert_array_equal(found, np.asarray(function(start * 2)))


def test_flags_of_a_long_vector_do_not_lie_in_a_block() -> None:
    """A block is written again in every round, so what lasts longer must not move in."""
    start = np.linspace(-1, 1, LONG).astype("float32")
    v = Variable(start)

    def function(value: Any) -> list[Any]:
        first = ops.exp(value) > 1
        return [ops.logical_and(first, value < 0.5), ops.logical_or(first, value > 0.1)]

    found = run(traced(lambda: function(v.value))).outputs
    for value, right in zip(found.values(), function(start), strict=True):
        np.testing.assert_array_equal(value, right)


def test_results_of_a_branch_may_lie_where_others_died() -> None:
    def function(x: Any) -> Any:
        total = ops.sum(ops.exp(x) * 3)
        first, second = ops.cond(total > 0, lambda: (x * 2, x * 3), lambda: (x, x))
        return ops.tanh(first) + ops.tanh(second) + total

    x = np.linspace(0, 1, 6)
    found = run(traced(function, [x]), [x]).outputs["y0"]
    np.testing.assert_allclose(found, np.tanh(x * 2) + np.tanh(x * 3) + np.sum(np.exp(x) * 3))
