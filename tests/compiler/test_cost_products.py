"""The largest product of a graph, against counting by hand."""

import numpy as np

from kmagic import ops
from kmagic.compiler.cost import largest_product
from tests.compiler.programs import traced


def test_the_largest_of_several_products_counts_and_of_a_stack_one() -> None:
    x, w = np.ones((5, 3), "float32"), np.ones((3, 4), "float32")
    graph = traced(lambda x: (x @ w) @ w.T, [x], batch=True)
    assert largest_product(graph, {"batch": 7}) == 7 * 3 * 4
    stack = np.ones((6, 2, 3), "float32")
    assert largest_product(traced(lambda x: x @ w, [stack], batch=True), {"batch": 9}) in (2 * 3 * 4, 9 * 2 * 3 * 4)
    assert largest_product(traced(lambda x: x + 1, [x], batch=True), {"batch": 7}) == 0


def test_products_within_loops_count() -> None:
    x, w = np.ones((5, 3), "float32"), np.ones((3, 3), "float32")
    graph = traced(lambda x: ops.scan(lambda c, _: (c @ w, None), x, None, length=4)[0], [x], batch=True)
    assert largest_product(graph, {"batch": 5}) == 5 * 3 * 3
