"""Writes in any order: a compiled step leaves in the variables what the same assignments leave outside of a program."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmagic import ops
from kmagic.compiler.place import BLOCK
from kmagic.graph import trace
from kmagic.graph.variable import Variable
from tests.compiler.programs import run, traced, uncached

COUNT = 4
UPDATES = {
    "copy": lambda a, b: a,
    "sum": lambda a, b: a + b,
    "scaled": lambda a, b: a * 0.5,
    "flipped": lambda a, b: ops.flip(a) - b,
    "turned": lambda a, b: ops.concatenate([a[1:], b[:1]]),
    "chosen": lambda a, b: ops.where(a > 0.5, a, b),
    "chosen by itself": lambda a, b: ops.where(b > 0.5, b * 2, b),
    "largest": lambda a, b: a - ops.max(b),
    "bent": lambda a, b: ops.tanh(a) * b + a,
    "branch": lambda a, b: ops.cond(ops.sum(b) > 0, lambda: a + b, lambda: ops.flip(b)),
    "number": lambda a, b: ops.zeros_like(a) + 0.25,
    "fraction of a view": lambda a, b: ops.reshape(ops.reshape(a, (-1, 1)), (-1,))[::-1] * 0.5,
}
plans = st.lists(st.tuples(st.sampled_from(sorted(UPDATES)), *[st.integers(0, COUNT - 1)] * 3), min_size=1, max_size=8)


def fresh(size: int) -> list[Variable]:
    generator = np.random.default_rng(0)
    return [Variable(generator.uniform(-1, 1, size), name=f"v{i}") for i in range(COUNT)]


def assigned(plan: list[tuple[str, int, int, int]], own: list[Variable], guarded: bool) -> dict[str, Any]:
    """Carry out assignments, in a trace or not; a few values on the way are results."""
    results: dict[str, Any] = {}
    for number, (name, target, first, second) in enumerate(plan):
        value = UPDATES[name](own[first].value, own[second].value)
        if number % 2:
            results[f"before{number}"] = own[target].value + 0 if number % 3 else own[target].value
        current = trace.current()
        if guarded and current:
            current.check(value)
        # outside of a trace the array behind a value changes with the variable
        results = {key: value if current else np.array(value) for key, value in results.items()}
        own[target].assign(value)
    return results


@pytest.mark.parametrize("size", [4, BLOCK + 5])
def test_assignments_mean_the_same_inside_a_program(size: int) -> None:
    @settings(max_examples=120 if size < BLOCK else 50)
    @given(plans, st.booleans())
    def check(plan: list[tuple[str, int, int, int]], guarded: bool) -> None:
        own, others = fresh(size), fresh(size)
        done = run(traced(lambda: assigned(plan, own, guarded)))
        expected = assigned(plan, others, guarded)
        assert done.status == 0 and done.outputs.keys() == expected.keys()
        for name, value in expected.items():
            np.testing.assert_allclose(done.outputs[name], value, rtol=1e-12, atol=1e-12)
        for variable, other in zip(own, others, strict=True):
            np.testing.assert_allclose(variable.numpy(), other.numpy(), rtol=1e-12, atol=1e-12)

    check()


def schedule_of(update: Any, own: list[Variable]) -> Any:
    return uncached(traced(lambda: update(*own))).plan.schedule


def test_what_is_computed_element_by_element_needs_no_memory_of_its_own() -> None:
    own = fresh(3)[:2]
    schedule = schedule_of(lambda v, w: v.assign(v * w + 1), own)
    assert list(schedule.in_place.values()) == [(own[0],)] and not schedule.stores


@pytest.mark.parametrize(
    "update",
    [
        lambda v, w: v.assign(v + ops.flip(v.value)),
        lambda v, w: v.assign(ops.where(v > 0, v, w * 2)),
        lambda v, w: v.assign(w.value),
        lambda v, w: v.assign(ops.flip(w.value)),
    ],
)
def test_what_would_read_its_own_results_is_stored_at_the_end(update: Any) -> None:
    schedule = schedule_of(update, fresh(3)[:2])
    assert not schedule.in_place and len(schedule.stores) == 1
