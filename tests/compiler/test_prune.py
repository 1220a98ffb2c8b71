"""Branches and loops keep what is asked for, and compute it as before."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kmagic import ops
from kmagic.compiler.differentiate import differentiate
from kmagic.compiler.simplify import simplify
from kmagic.graph.node import Graph, Node, topological
from kmagic.graph.ops.derivatives import grad
from tests.compiler.programs import Array, interpreted, traced

XS, W = np.random.default_rng(0).normal(size=(4, 3)), np.random.default_rng(1).normal(size=(3, 3))


def loop_of(graph: Graph) -> Node:
    """The one branch or loop of a graph."""
    (found,) = [node for node in graph.nodes if node.name in ("scan", "while", "cond")]
    return found


def pruned(function: Any, *arrays: Array) -> Node:
    """The one branch or loop of a function, simplified, after a look at its values."""
    graph = traced(function, arrays)
    found = simplify(graph)
    for value, expected in zip(interpreted(found, arrays), interpreted(graph, arrays), strict=True):
        np.testing.assert_array_equal(value, expected)
    return loop_of(found)


def names(node: Node, body: str = "body") -> list[str]:
    return [inner.name for inner in topological(node.attributes[body].outputs) if inner.op.kind != "source"]


def test_results_that_nobody_asks_for_are_not_made() -> None:
    def function(xs: Any, w: Any) -> Any:
        def body(carry: Any, x: Any) -> Any:
            a, b, count = carry
            return (ops.tanh(a + x), ops.sin(b @ w), count + 1), (ops.exp(a), ops.cos(b))

        (a, _, _), (seen, _) = ops.scan(body, (xs[0], xs[0], 0), xs)
        return a, seen

    node = pruned(function, XS, W)
    assert names(node) == ["add", "tanh", "exp"]
    assert (node.attributes["carries"], node.attributes["slices"], len(node.inputs)) == (1, 1, 2)


def test_carries_that_others_need_stay() -> None:
    def function(xs: Any) -> Any:
        return ops.scan(lambda c, x: ((c[1] * x, c[2] + x, ops.sin(c[2])), None), (xs[0], xs[1], xs[2]), xs)[0][0]

    assert pruned(function, XS).attributes["carries"] == 3


def test_a_carry_that_stays_as_it_is_comes_from_outside() -> None:
    def function(xs: Any) -> Any:
        (kept, total), ys = ops.scan(lambda c, x: ((c[0], c[1] + c[0] * x), c[0]), (xs[0] * 2, xs[1]), xs)
        return kept, total, ys

    node = pruned(function, XS)
    assert node.attributes["carries"] == 1 and len(node.inputs) == 3


def test_constants_from_outside_are_constants_inside() -> None:
    def function(xs: Any) -> Any:
        zero = ops.zeros_like(xs[0])
        return ops.scan(lambda c, x: (c * x + zero, None), xs[0], xs)[0]

    assert names(pruned(function, XS)) == ["multiply"]


def test_slices_that_are_not_read_are_not_walked_along() -> None:
    node = pruned(lambda xs, w: ops.scan(lambda c, x: (c + x[1], None), xs[0], (xs, xs * 2, xs))[0], XS, W)
    assert node.attributes["slices"] == 1


def test_loops_keep_what_their_condition_needs() -> None:
    def function(xs: Any) -> Any:
        def body(i: Any, a: Any, b: Any, step: Any) -> Any:
            return i + step, a * 2, ops.exp(b), step

        return ops.while_loop(lambda i, a, b, step: i < 5, body, (0, xs[0], xs[1], 1))[1]

    node = pruned(function, XS)
    assert node.attributes["carries"] == 2 and sorted(names(node)) == ["add", "multiply"]


def test_branches_keep_what_is_used() -> None:
    def function(xs: Any, w: Any) -> Any:
        return ops.cond(xs[0, 0] > 0, lambda: (xs @ w, ops.sin(xs)), lambda: (ops.exp(xs @ w), xs))[1]

    node = pruned(function, XS, W)
    assert names(node, "true") == ["sin"] and names(node, "false") == [] and len(node.inputs) == 2


def test_bodies_in_bodies() -> None:
    def function(xs: Any) -> Any:
        def body(c: Any, x: Any) -> Any:
            first, _ = ops.cond(ops.sum(x) > 0, lambda: (c + x, ops.exp(x)), lambda: (c, ops.sin(x)))
            return first, None

        return ops.scan(body, xs[0], xs)[0]

    node = pruned(function, XS)
    (inner,) = [n for n in topological(node.attributes["body"].outputs) if n.name == "cond"]
    assert names(inner, "true") == ["add"] and names(inner, "false") == []


def test_gradients_by_what_is_not_asked_for_are_not_summed() -> None:
    """The gradient of a scan sums those of all values from outside; only that by w is used here."""

    def function(xs: Any, w: Any, other: Any) -> Any:
        def total(w: Any) -> Any:
            return ops.sum(ops.scan(lambda c, x: (ops.tanh(c * w * other + x), None), xs[0], xs)[0])

        return grad(total)(w)

    graph = simplify(differentiate(traced(function, [XS, XS[1], XS[0]])))
    back = [node for node in graph.nodes if node.name == "scan" and node.attributes["reverse"]][0]
    kinds = [parameter.shape for parameter in back.attributes["body"].parameters[: back.attributes["carries"]]]
    assert kinds == [(3,), (3,)]


@settings(max_examples=60)
@given(st.data())
def test_random_loops_mean_the_same(data: st.DataObject) -> None:
    """Carries that feed each other in any way, of which some are asked for."""
    count = data.draw(st.integers(1, 4))
    feeds = [data.draw(st.integers(0, count - 1)) for _ in range(count)]
    kinds = [data.draw(st.sampled_from(["copy", "add", "scale", "x"])) for _ in range(count)]
    asked = data.draw(st.lists(st.integers(0, 2 * count - 1), min_size=1, max_size=3))
    make = {
        "copy": lambda c, x, w: c,
        "add": lambda c, x, w: c + x,
        "scale": lambda c, x, w: c * w[0],
        "x": lambda c, x, w: x,
    }

    def function(xs: Any, w: Any) -> Any:
        def body(carry: Any, x: Any) -> Any:
            new = tuple(make[kind](carry[feed], x, w) for kind, feed in zip(kinds, feeds, strict=True))
            return new, tuple(c * 2 for c in carry)

        carry, ys = ops.scan(body, tuple(xs[0] * (i + 1) for i in range(count)), xs)
        return [(*carry, *ys)[i] for i in asked]

    graph = traced(function, [XS, W])
    for value, expected in zip(interpreted(simplify(graph), [XS, W]), interpreted(graph, [XS, W]), strict=True):
        np.testing.assert_allclose(value, expected, rtol=1e-12)
