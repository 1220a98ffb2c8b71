"""Every stage keeps the value: random programs, run on arrays, node by node after each stage, and compiled."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings

from kmagic import ops
from kmagic.base.errors import UnknownName
from kmagic.compiler import pipeline
from kmagic.compiler.legality import check
from kmagic.graph import trace
from kmagic.graph.node import Graph
from kmagic.graph.ops.gradient import gradients
from kmagic.graph.variable import Variable
from tests.compiler import random_programs
from tests.compiler.programs import EXECUTORS, Array, interpreted, stage_graphs, step, traced, uncached
from tests.compiler.random_programs import Recipe, recipes

CAPACITY = 5
SIZES = (3, 1, CAPACITY, 3)


def variables() -> list[Variable]:
    return [Variable(value, name=name) for value, name in zip(random_programs.weights(), "wb", strict=True)]


def training_step(recipe: Recipe, own: list[Variable]) -> Graph:
    """A program that computes the recipe's outputs, and moves the variables against their gradients."""

    def function(*data: Any) -> dict[str, Any]:
        results = recipe(*data, *(variable.value for variable in own))
        loss = sum(ops.mean(ops.tanh(result)) for result in results)
        found = gradients(loss, own)
        current = trace.current()
        assert current is not None
        current.check(loss)
        for variable, gradient in zip(own, found, strict=True):
            current.check(gradient)
            variable.assign(variable - 0.1 * gradient * (1 + ops.square(variable)))
        return {"loss": loss, **{f"result{i}": value for i, value in enumerate(results)}}

    return traced(function, random_programs.arrays(2), batch=True)


def close(found: Array, expected: Array) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-6 if found.dtype == "float32" else 1e-9, atol=1e-11)


@settings(max_examples=150)
@given(recipes())
def test_stages_keep_the_value(recipe: Recipe) -> None:
    own = variables()
    graph = training_step(recipe, own)
    program = uncached(graph)
    program.workspace(CAPACITY)  # lays variables end to end, as merged updates want them
    for rows in SIZES[:2]:
        data = random_programs.arrays(rows)
        expected = interpreted(graph, data, rows)
        assume(all(np.isfinite(value).all() for value in expected))
        outputs, updates = expected[: len(graph.outputs)], expected[len(graph.outputs) :]
        written = dict(zip([variable for (variable,), _ in graph.writes], updates, strict=True))
        on_arrays = recipe(*data, *(variable.numpy() for variable in own))
        for found, value in zip(outputs[1:], on_arrays, strict=True):
            close(found, np.asarray(value))
        for name, later in stage_graphs(program).items():
            check(name, program.stages[name])
            targets = [np.concatenate([written[v].ravel() for v in group]) for group, _ in later.writes]
            for value, right in zip(interpreted(later, data, rows), [*outputs, *targets], strict=True):
                close(value.reshape(right.shape), right)


@pytest.mark.parametrize("executor", EXECUTORS)
@settings(max_examples=150)
@given(recipe=recipes())
def test_steps_compute_what_the_trace_means(recipe: Recipe, executor: str) -> None:
    """Batches of several sizes in one workspace, each step from the variables that the last one left."""
    own = variables()
    graph = training_step(recipe, own)
    workspace = uncached(graph, executor).workspace(CAPACITY)
    for rows in SIZES:
        data = random_programs.arrays(rows)
        expected = interpreted(graph, data, rows)
        assume(all(np.isfinite(value).all() for value in expected))
        done = step(workspace, data, rows)
        assert done.status == 0
        for value, right in zip([*done.outputs.values(), *(v.numpy() for v in own)], expected, strict=True):
            assert value.dtype == right.dtype and value.shape == right.shape
            close(value, right)


def test_the_list_of_stages_is_what_plans_show() -> None:
    assert pipeline.stage_names() == [
        *("trace", "differentiate", "lower", "widen", "simplify", "merge", "tile", "fuse", "order"),
        *("place", "emit"),
    ]
    results = pipeline.compile(traced(lambda x: ops.softmax(x), [np.ones((2, 3))]))
    assert list(results) == pipeline.stage_names()


def test_an_unknown_stage_is_named_with_the_closest() -> None:
    assert pipeline.check_stage("fuse") == "fuse"
    with pytest.raises(UnknownName, match="plan: unknown stage 'fus'") as caught:
        pipeline.check_stage("fus")
    assert "'fuse'" in str(caught.value.fix)


def test_stages_do_not_change_what_they_are_given() -> None:
    graph = training_step(Recipe((("tanh", ops.tanh, (0,)), ("sum", ops.sum, (5,))), (5, 6)), variables())
    before = {node: (node.inputs, dict(node.attributes)) for node in graph.nodes}
    stages = pipeline.compile(graph)
    again = pipeline.compile(graph)
    assert {node: (node.inputs, dict(node.attributes)) for node in graph.nodes} == before
    assert stages["emit"].source == again["emit"].source
