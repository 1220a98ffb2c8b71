"""Merged updates: one kernel over many variables, and the same values as one at a time."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from kmagic import ops
from kmagic.compiler import pipeline
from kmagic.graph import trace
from kmagic.graph.ops.gradient import gradients
from kmagic.graph.variable import Variable
from tests.compiler.programs import run, traced, uncached

SHAPES = ((3, 4), (4,), (4, 2), (2,))
X = np.linspace(-1, 1, 15).reshape(5, 3)


def layers(x: Any, own: Sequence[Variable]) -> Any:
    """Two dense layers: kernels get their gradient from products, biases from sums."""
    w1, b1, w2, b2 = own
    return ops.tanh(ops.tanh(x @ w1.value + b1) @ w2.value + b2)


def sgd(variable: Variable, gradient: Any, state: Variable) -> None:
    variable.assign(variable - 0.1 * gradient)


def momentum(variable: Variable, gradient: Any, state: Variable) -> None:
    state.assign(0.9 * state + gradient)
    variable.assign(variable - 0.1 * state)


def adaptive(variable: Variable, gradient: Any, state: Variable) -> None:
    state.assign(state + ops.square(gradient))
    variable.assign(variable - 0.1 * gradient / (ops.sqrt(state.value) + 1e-7))


def clipped(variable: Variable, gradient: Any, state: Variable) -> None:
    variable.assign(ops.clip(variable - ops.where(gradient > 0, gradient, 2 * gradient), -1.0, 1.0))


def by_norm(variable: Variable, gradient: Any, state: Variable) -> None:
    variable.assign(variable - 0.1 * gradient / (1 + ops.norm(gradient)))


def training(update: Callable[..., None], regularized: bool) -> tuple[Callable[[Any], Any], list[Variable]]:
    generator = np.random.default_rng(0)
    own = [Variable(generator.normal(size=shape), name=f"v{i}") for i, shape in enumerate(SHAPES)]
    states = [Variable(np.full(shape, 0.5), name=f"s{i}") for i, shape in enumerate(SHAPES)]

    def function(x: Any) -> dict[str, Any]:
        loss = ops.mean(ops.square(layers(x, own) - 0.5))
        if regularized:
            loss = loss + 0.1 * ops.sum(ops.square(own[0].value)) + 0.2 * ops.sum(ops.abs(own[2].value))
        current = trace.current()
        assert current is not None
        for variable, gradient, state in zip(own, gradients(loss, own), states, strict=True):
            current.check(gradient)
            update(variable, gradient, state)
        return {"loss": loss}

    return function, [*own, *states]


def result(update: Callable[..., None], regularized: bool) -> tuple[list[Any], list[Variable]]:
    function, own = training(update, regularized)
    graph = traced(function, [X], batch=True)
    for _ in range(3):
        assert run(graph, [X], len(X)).status == 0
    return [variable.numpy() for variable in own], own


@pytest.mark.parametrize("regularized", [False, True])
@pytest.mark.parametrize("update", [sgd, momentum, adaptive, clipped, by_norm])
def test_merged_updates_are_the_updates(
    update: Callable[..., None], regularized: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    merged, _ = result(update, regularized)
    monkeypatch.setitem(pipeline.STAGES, "merge", lambda graph: graph)
    function, own = training(update, regularized)
    program = uncached(traced(function, [X], batch=True))
    assert all(len(targets) == 1 for targets, _ in program.graph.writes)
    workspace = program.workspace(len(X))
    for _ in range(3):
        workspace.inputs(len(X))[0][...] = X
        assert workspace.step(len(X))() == 0
    for found, variable in zip(merged, own, strict=True):
        np.testing.assert_allclose(found, variable.numpy(), rtol=1e-12)


@pytest.mark.parametrize(("update", "writes"), [(sgd, [4]), (momentum, [4, 4]), (adaptive, [4, 4])])
def test_alike_updates_become_one(update: Callable[..., None], writes: list[int]) -> None:
    function, _ = training(update, regularized=False)
    program = uncached(traced(function, [X], batch=True))
    assert sorted(len(targets) for targets, _ in program.graph.writes) == writes
    assert len(program.graph.checks) == 1, "one look at all gradients"


def test_variables_of_other_dtypes_stay_apart() -> None:
    narrow, wide = Variable(np.ones(3, "float32")), Variable(np.ones(3, "float64"))

    def function() -> None:
        for variable in (narrow, wide):
            variable.assign(variable * 0.5)

    graph = traced(function)
    assert all(len(targets) == 1 for targets, _ in uncached(graph).graph.writes)
    run(graph)
    assert narrow.numpy().tolist() == wide.numpy().tolist() == [0.5] * 3


def test_variables_with_one_gradient_between_them() -> None:
    """Both updates take the very same node, which must be laid into the pack twice."""
    w1, w2 = Variable(np.ones((3, 2))), Variable(np.full((3, 2), 2.0))

    def function(x: Any) -> None:
        loss = ops.sum(ops.matmul(x, w1 + w2))
        for variable, gradient in zip((w1, w2), gradients(loss, [w1, w2]), strict=True):
            variable.assign(variable - 0.1 * gradient)

    run(traced(function, [X], batch=True), [X], len(X))
    slope = np.repeat(X.sum(0)[:, None], 2, axis=1)
    np.testing.assert_allclose(w1.numpy(), 1 - 0.1 * slope)
    np.testing.assert_allclose(w2.numpy(), 2 - 0.1 * slope)


def test_a_formula_that_uses_its_parts_again_and_again() -> None:
    """What it is compared by grows with its nodes, not with the paths through them."""
    own = [Variable(np.full(size, 0.5)) for size in (2, 3)]

    def function() -> None:
        for variable in own:
            value = variable.value
            for _ in range(60):
                value = value * value * 0.5 + value * 0.25
            variable.assign(value)

    graph = traced(function)
    assert [len(targets) for targets, _ in uncached(graph).graph.writes] == [2]
    run(graph)
    value = 0.5
    for _ in range(60):
        value = value * value * 0.5 + value * 0.25
    for variable in own:
        np.testing.assert_allclose(variable.numpy(), value)


def test_one_copy_for_two_variables() -> None:
    a, b, source = (Variable(np.array([1.0, 2.0]) * factor) for factor in (1, 10, 100))

    def function() -> None:
        turned = ops.concatenate([source[1:], source[:1]])
        a.assign(turned)
        b.assign(turned)

    run(traced(function))
    assert a.numpy().tolist() == b.numpy().tolist() == [200, 100]


def test_updates_that_differ_by_a_constant_stay_apart() -> None:
    a, b = Variable(np.ones(2)), Variable(np.ones(2))

    def function() -> None:
        a.assign(a * 0.5)
        b.assign(b * 0.25)

    run(traced(function))
    assert (a.numpy().tolist(), b.numpy().tolist()) == ([0.5, 0.5], [0.25, 0.25])


def test_a_check_of_a_smallest_value_does_not_stand_for_all_values() -> None:
    v = Variable(np.ones(3))

    def function(x: Any) -> None:
        current = trace.current()
        assert current is not None
        current.check(ops.min(x))
        current.check(x)
        v.assign(v * 2)

    x = np.array([1.0, np.inf])
    assert run(traced(function, [x]), [x]).status != 0 and v.numpy().tolist() == [1, 1, 1]
