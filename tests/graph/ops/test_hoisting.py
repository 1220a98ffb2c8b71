"""Gradients by what a loop takes from outside: one product for all steps where there can be one."""

from typing import Any

import numpy as np
import pytest

from kmagic import ops
from kmagic.compiler.differentiate import differentiate
from kmagic.compiler.simplify import simplify
from kmagic.graph.node import Node
from kmagic.graph.ops.derivatives import grad
from tests.compiler.programs import run, traced

RANDOM = np.random.default_rng(5)
XS, H, U = RANDOM.normal(size=(7, 4, 3)), RANDOM.normal(size=(4, 3)), RANDOM.normal(size=(3, 3)) / 3
B = RANDOM.normal(size=3)

STEPS: dict[str, Any] = {
    "a product": lambda c, x, u, b: c @ u + x + b,
    "a product of what was multiplied": lambda c, x, u, b: (c * ops.tanh(x)) @ u + b,
    "two products": lambda c, x, u, b: c @ u + ops.tanh(x @ u + b),
    "products with parts": lambda c, x, u, b: ops.concatenate([c @ u[:, :2], (c * x) @ u[:, 2:]], -1) + b,
    "a product with the other side": lambda c, x, u, b: ops.transpose(u @ ops.transpose(c)) + x + b,
    "a product with the transposed": lambda c, x, u, b: c @ ops.transpose(u) + x + b,
    "no product": lambda c, x, u, b: c * u[0] + x + b,
    "a product and no product": lambda c, x, u, b: c @ u + x * u[1] + b,
}


def total(step: Any, arguments: Any, unroll: bool) -> Any:
    xs, h, u, b = arguments

    def body(c: Any, x: Any) -> Any:
        new = ops.tanh(step(c, x, u, b))
        return new, new * x

    last, ys = ops.scan(body, h, xs, unroll=unroll or 1)
    return ops.sum(last * last) + ops.sum(ys)


@pytest.mark.parametrize("kind", STEPS)
def test_gradients_are_those_of_the_steps(kind: str) -> None:
    given = [XS, H, U, B]
    graphs = [
        traced(lambda *a, few=few: grad(lambda *b: total(STEPS[kind], b, few), (0, 1, 2, 3))(*a), given)
        for few in (False, True)
    ]
    scanned, unrolled = (run(graph, given).outputs for graph in graphs)
    for name, expected in unrolled.items():
        np.testing.assert_allclose(scanned[name], expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("kind", [kind for kind in STEPS if kind.startswith("a product") and "no" not in kind][:2])
def test_second_derivatives_go_through(kind: str) -> None:
    def slope(u: Any, few: bool) -> Any:
        return ops.sum(ops.square(grad(lambda v: total(STEPS[kind], (XS, H, v, B), few))(u)))

    found, expected = (
        run(traced(lambda u, few=few: grad(lambda v: slope(v, few))(u), [U]), [U]).outputs["y0"]
        for few in (False, True)
    )
    np.testing.assert_allclose(found, expected, rtol=1e-11)


def back(kind: str) -> Node:
    function = grad(lambda u, b: total(STEPS[kind], (XS, H, u, b), False), (0, 1))
    graph = simplify(differentiate(traced(lambda u, b: function(u, b), [U, B])))
    return next(node for node in graph.nodes if node.name == "scan" and node.attributes["reverse"])


def carried(node: Node) -> list[Any]:
    return [p.shape for p in node.attributes["body"].parameters[: node.attributes["carries"]]]


@pytest.mark.parametrize("kind", ["a product", "two products", "products with parts"])
def test_nothing_is_added_up_in_the_loop(kind: str) -> None:
    assert (3, 3) not in carried(back(kind))


def test_what_is_no_product_is_added_up_in_the_loop() -> None:
    assert carried(back("no product")) == [(4, 3), (3, 3), (3,)]
