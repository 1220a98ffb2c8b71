"""Replay: a step that failed is run again, node by node, to say where."""

from typing import Any

import numpy as np
import pytest

from kmagic import ops
from kmagic.base.errors import BadData, NotFinite
from kmagic.compiler.replay import explain
from kmagic.graph import eager, trace
from kmagic.graph.ops.gradient import gradients
from kmagic.graph.variable import Variable
from tests.compiler.programs import step, traced, uncached

GOOD = np.ones((3, 2), "float32")


def failed(function: Any, *arrays: Any, shown: Any = None) -> Any:
    """The explanation of a step that failed."""
    graph = traced(function, shown or arrays, batch=True)
    workspace = uncached(graph).workspace(len(arrays[0]))
    assert step(workspace, arrays, len(arrays[0])).status != 0
    return explain(workspace, len(arrays[0]), "fit, step 3")


def guard(*values: Any) -> None:
    current = trace.current()
    assert current is not None
    for value in values:
        current.check(value)


def test_a_layer_is_named_with_its_operation() -> None:
    def function(x: Any) -> None:
        with eager.origin(layer="head"):
            hidden = ops.log(x - 1)
        with eager.origin(layer="loss"):
            guard(ops.sum(hidden))

    error = failed(function, GOOD)
    assert isinstance(error, NotFinite)
    assert str(error).startswith("fit, step 3: log in layer 'head' gave infinity; the weights of the last good step")
    assert "learning rate" in str(error.expected) and "clipnorm" in str(error.fix)


def test_nan_is_told_from_infinity() -> None:
    def function(x: Any) -> None:
        with eager.origin(layer="head"):
            guard(ops.sum(ops.sqrt(x - 2)))

    assert "sqrt in layer 'head' gave NaN" in str(failed(function, GOOD))


def test_the_way_back_is_named() -> None:
    v = Variable(np.zeros(2, "float32"))

    def function(x: Any) -> None:
        with eager.origin(layer="root"):
            hidden = ops.sqrt(x * v)
        loss = ops.sum(hidden)
        (gradient,) = gradients(loss, [v])
        guard(loss, gradient)
        v.assign(v - gradient)

    error = failed(function, GOOD)
    assert "in layer 'root' gave infinity on the way back" in str(error)
    assert v.numpy().tolist() == [0, 0]


@pytest.mark.parametrize("layer", ["loss", "optimizer"])
def test_the_loss_and_the_optimizer_are_no_layers(layer: str) -> None:
    def function(x: Any) -> None:
        with eager.origin(layer=layer):
            guard(ops.sum(ops.log(x - 1)))

    assert f"log in the {layer} gave infinity" in str(failed(function, GOOD))


def test_data_that_are_not_finite_are_named_first() -> None:
    bad = GOOD.copy()
    bad[1, 0] = np.nan
    error = failed(lambda x: guard(ops.sum(ops.exp(x))), bad)
    assert str(error) == (
        "data: x0 holds NaN (row 1 of the batch)\nexpected: finite numbers\nfix: drop or fill those rows before fit"
    )


def test_a_branch_is_looked_into() -> None:
    v = Variable(np.ones(3, "float32"))

    def function(x: Any) -> None:
        def positive() -> Any:
            with eager.origin(layer="branch"):
                return ops.log(x - 10), ops.sum(x)

        first, second = ops.cond(ops.sum(v) > 0, positive, lambda: (x, ops.sum(x)))
        with eager.origin(layer="after"):
            guard(ops.sum(first) + second)

    assert "log in layer 'branch' gave NaN" in str(failed(function, GOOD))


def test_an_index_outside_is_named_with_its_layer_and_range() -> None:
    table = Variable(np.ones((4, 2), "float32"))

    def function(k: Any) -> None:
        with eager.origin(layer="embedding"):
            rows = ops.take(table, k, axis=0)
        table.assign(table + ops.sum(rows))

    error = failed(function, np.array([0, 7, 2], "uint8"))
    assert isinstance(error, BadData)
    assert str(error) == "embedding: index 7 (1 of 3)\nexpected: 0 … 3"
    assert table.numpy().tolist() == np.ones((4, 2)).tolist()


def test_draws_are_repeated() -> None:
    """The replay sees the very numbers that the step saw."""
    from kmagic import random

    generator = random.SeedGenerator(5)

    def function(x: Any) -> None:
        with eager.origin(layer="noise"):
            dropped = random.dropout(x, 0.5, seed=generator)
        with eager.origin(layer="head"):
            guard(ops.sum(ops.log(dropped)))

    error = failed(function, np.ones((8, 4), "float32"))
    assert "log in layer 'head' gave infinity" in str(error) and generator.state.numpy().tolist() == [5, 0]


@pytest.mark.parametrize("length", [4, None])
def test_a_layer_inside_a_loop_is_named(length: int | None) -> None:
    def function(x: Any) -> None:
        def body(c: Any) -> Any:
            with eager.origin(layer="cell"):
                return ops.log(c)

        if length:
            last, _ = ops.scan(lambda c, _: (body(c), None), x, length=length)
        else:
            last = ops.while_loop(lambda c: ops.sum(c) == ops.sum(c), body, x)
        guard(last)

    error = failed(function, GOOD)
    assert isinstance(error, NotFinite)
    assert "log in layer 'cell' gave infinity" in str(error)
