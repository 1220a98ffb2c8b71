"""Lowering: primitives only, and every layer still known."""

import inspect

import numpy as np
import pytest

from kmagic import ops
from kmagic.compiler.lower import lower
from kmagic.graph import eager
from kmagic.graph.node import Body, Node, topological
from kmagic.graph.table import TABLE
from tests.compiler.programs import interpreted, traced

X = np.array([[-0.5, 1.0], [2.0, 0.25]])
# those of one input that need nothing else; the laws of operations try the others with examples
COMPOSITES = [
    row
    for row in TABLE.values()
    if not row.is_primitive and row.arity == 1 and inspect.Parameter.empty not in row.defaults.values()
]


def everything(roots) -> list[Node]:
    """All nodes, in bodies too."""
    found = []
    for node in topological(roots):
        found.append(node)
        for value in node.attributes.values():
            if isinstance(value, Body):
                found += everything(value.outputs)
    return found


@pytest.mark.parametrize("row", COMPOSITES, ids=lambda row: row.name)
def test_composites_become_primitives_everywhere(row) -> None:
    graph = traced(lambda x: (row(row(x)), ops.cond(ops.sum(x) > 0, lambda: row(x), lambda: x)), [X])
    lowered = lower(graph)
    assert all(node.op.is_primitive for node in everything(lowered.roots))
    for found, expected in zip(interpreted(lowered, [X]), interpreted(graph, [X]), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_what_is_left_behind_has_the_layer_s_name() -> None:
    def function(x):
        with eager.origin(layer="dense/softmax", line="cell:2"):
            return ops.softmax(x)

    graph = lower(traced(function, [X]))
    made = [node for node in graph.nodes if node.op.kind != "source"]
    assert len(made) > 3 and {str(node.origin) for node in made} == {"dense/softmax cell:2"}
