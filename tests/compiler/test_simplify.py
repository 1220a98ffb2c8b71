"""Simplifying: less to do, and the same values, not a number and infinity included."""

from typing import Any

import numpy as np
import pytest

from kmagic import ops, random
from kmagic.compiler.simplify import simplify
from kmagic.graph.node import Graph
from kmagic.graph.ops.random import random_bits
from kmagic.graph.trace import as_symbol
from tests.compiler.programs import interpreted, traced

X = np.array([[0.5, -1.0, np.inf], [np.nan, 0.0, 2.0]])


def left(function: Any) -> tuple[Graph, list[str]]:
    """The simplified graph of a function of X, and the names of what it still computes."""
    graph = simplify(traced(function, [X]))
    return graph, [node.name for node in graph.nodes if node.op.kind != "source"]


SHORTER = {
    "x + 0": (lambda x: x + 0, []),
    "0 + x": (lambda x: 0 + x, []),
    "x - 0": (lambda x: x - 0, []),
    "0 - x": (lambda x: 0 - x, ["negative"]),
    "x * 1": (lambda x: x * 1, []),
    "x * -1": (lambda x: -1 * x, ["negative"]),
    "x / 1": (lambda x: x / 1, []),
    "x ** 1": (lambda x: x**1, []),
    "x ** 2": (lambda x: x**2, ["square"]),
    "--x": (lambda x: ops.negative(-x), []),
    "x + -y": (lambda x: x + -ops.exp(x), ["exp", "subtract"]),
    "-x + y": (lambda x: -x + ops.exp(x), ["exp", "subtract"]),
    "x - -y": (lambda x: x - -ops.exp(x), ["exp", "add"]),
    "-x * -y": (lambda x: -x * -ops.exp(x), ["exp", "multiply"]),
    "-(x - y)": (lambda x: -(x - ops.exp(x)), ["exp", "subtract"]),
    "cast to itself": (lambda x: ops.cast(x, "float64"), []),
    "two reshapes": (lambda x: ops.reshape(ops.reshape(x, (6,)), (3, 2)), ["reshape"]),
    "there and back": (lambda x: ops.reshape(ops.reshape(x, (6,)), (2, 3)), []),
    "turned twice": (lambda x: ops.transpose(ops.transpose(x)), []),
    "the whole slice": (lambda x: x[:, :], []),
    "a sum over nothing": (lambda x: ops.sum(ops.expand_dims(x, 1), axis=1), []),
    "a sum of negatives": (lambda x: ops.sum(-ops.exp(x)), ["exp", "reduce_sum", "negative"]),
    "a sum of negatives in another shape": (
        lambda x: ops.sum(ops.reshape(-ops.exp(x), (6,))),
        ["exp", "reshape", "reduce_sum", "negative"],
    ),
    "the negative of a number, stretched": (
        lambda x: x * -ops.broadcast_to(ops.sum(x), (2, 3)),
        ["reduce_sum", "negative", "multiply"],
    ),
    "a number stretched over an axis of its own": (
        lambda x: x * ops.broadcast_to(ops.reshape(ops.sum(x), (1, 1)), (2, 3)),
        ["reduce_sum", "multiply"],
    ),
    "a number stretched twice": (
        lambda x: x * ops.reshape(ops.broadcast_to(ops.sum(x), (6,)), (2, 3)),
        ["reduce_sum", "multiply"],
    ),
    "stretched operand": (lambda x: x + ops.broadcast_to(ops.ones_like(x[0]), (2, 3)), ["add"]),
    "held": (lambda x: ops.stop_gradient(x) + x, ["add"]),
    "chosen before": (lambda x: ops.where(np.array([True] * 3), x, ops.exp(x)), []),
    "refused before": (lambda x: ops.where(np.array(False), ops.exp(x), x * 2), ["multiply"]),
    "chosen in part": (lambda x: ops.where(np.array([True, False, True]), x, 0.5), ["where"]),
    "constants": (lambda x: x + ops.exp(ops.sum(np.array([1.0, 2.0]))), ["add"]),
    "said twice": (lambda x: ops.exp(x) * ops.exp(x), ["exp", "multiply"]),
    "unused": (lambda x: (ops.exp(x), x + 1)[1], ["add"]),
}


@pytest.mark.parametrize("name", SHORTER)
def test_what_is_left(name: str) -> None:
    function, expected = SHORTER[name]
    graph, names = left(function)
    assert sorted(names) == sorted(expected)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(interpreted(graph, [X])[0], np.asarray(function(X)))


def test_nothing_is_taken_for_zero_that_may_not_be() -> None:
    """x · 0 is no number where x is infinite."""
    for function in (lambda x: x * 0, lambda x: x - x, lambda x: x / x):
        graph, names = left(function)
        assert len(names) == 1
        with np.errstate(all="ignore"):
            np.testing.assert_array_equal(interpreted(graph, [X])[0], function(X))


def test_turns_of_three_axes_are_joined_in_their_order() -> None:
    graph, names = left(lambda x: ops.transpose(ops.transpose(ops.expand_dims(x, 0), (1, 2, 0)), (0, 2, 1)))
    assert sorted(names) == ["reshape", "transpose"]
    np.testing.assert_array_equal(interpreted(graph, [X])[0], X[:, None, :])


def test_a_smaller_operand_is_not_the_result() -> None:
    graph, _ = left(lambda x: np.zeros((4, 1, 1)) + x)
    assert interpreted(graph, [X])[0].shape == (4, 2, 3)
    graph, _ = left(lambda x: np.ones((4, 1, 1)) * x)
    assert interpreted(graph, [X])[0].shape == (4, 2, 3)


def test_one_draw_used_twice_is_one_and_two_draws_are_two() -> None:
    generator = random.SeedGenerator(1)
    state = generator.state

    def drawn() -> Any:
        return ops.cast(random_bits(state.value, (3,), 7), "float64")

    assert left(lambda x: x + drawn() + drawn())[1].count("random_bits") == 1
    both = left(lambda x: x + random.uniform((3,), seed=generator) + random.uniform((3,), seed=generator))[1]
    assert both.count("random_bits") == 2


def test_constants_of_other_types_are_not_the_same() -> None:
    graph, _ = left(lambda x: (x + 1, ops.cast(x, "int32") + 1, ops.cast(x > 0, "int32") + True))
    found = interpreted(graph, [np.ones((2, 3))])
    assert [str(value.dtype) for value in found] == ["float64", "int32", "int32"]
    assert [value[0, 0] for value in found] == [2, 2, 2]


def test_large_constants_are_not_folded() -> None:
    table = as_symbol(np.arange(5000.0))
    _, names = left(lambda x: ops.exp(table)[:2] + x[0, 0])
    assert "exp" in names


def test_bodies_are_simplified_too() -> None:
    graph, _ = left(lambda x: ops.cond(x[0, 0] > 0, lambda: x * 1 + 0, lambda: ops.negative(-x)))
    (node,) = [node for node in graph.nodes if node.name == "cond"]
    for body in (node.attributes["true"], node.attributes["false"]):
        assert body.outputs[0] in body.parameters


def test_nothing_of_unknown_size_is_folded() -> None:
    graph = simplify(traced(lambda x: ops.broadcast_to(as_symbol(1.0), (x.shape[0], 0)), [X], batch=True))
    assert graph.outputs["y0"].name == "broadcast_to"
