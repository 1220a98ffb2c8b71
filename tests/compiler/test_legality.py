"""Broken promises are found, and named with the stage that broke them."""

from dataclasses import replace

import numpy as np
import pytest

from kmagic import ops
from kmagic.base.errors import Defect
from kmagic.compiler.legality import check
from kmagic.compiler.order import sequence
from kmagic.compiler.pipeline import STAGES, compile
from kmagic.compiler.place import Place
from kmagic.graph.eager import source_node
from kmagic.graph.node import Body, Graph, Node
from kmagic.graph.ops.derivatives import grad
from kmagic.graph.ops.gradient import item
from kmagic.graph.ops.loops import Parts, scan_node
from kmagic.graph.symbol import Symbol
from kmagic.graph.trace import as_symbol
from kmagic.graph.variable import Variable
from tests.compiler.programs import traced

X = np.ones((3, 2))


def stages():
    v = Variable(np.ones(2))

    def function(x):
        v.assign(v * 2)
        hidden = ops.exp(x)
        return {"y": ops.softmax(hidden) @ np.ones((2, 2)) + ops.log(hidden), "g": grad(lambda x: ops.sum(x * x))(x)}

    return compile(traced(function, [X]))


@pytest.mark.parametrize(
    ("claimed", "really", "message"),
    [
        ("differentiate", "trace", "gradient#.* should be gone"),
        ("lower", "differentiate", "softmax#.* should be gone"),
        ("fuse", "lower", "stop_gradient#.* should be gone"),
    ],
)
def test_leftovers_of_an_earlier_stage(claimed: str, really: str, message: str) -> None:
    with pytest.raises(Defect, match=f"{claimed}: {message}"):
        check(claimed, stages()[really])


def test_every_stage_of_a_real_program_is_legal() -> None:
    results = stages()
    for name in STAGES:
        check(name, results[name])


def test_inputs_come_first() -> None:
    graph = stages()["simplify"]
    last = graph.outputs["y"]
    backwards = Node(last.op, last.inputs, last.attributes, last.shape, last.dtype, serial=0)
    with pytest.raises(Defect, match="comes before its input"):
        check("simplify", replace(graph, outputs={"y": backwards}))


def test_writes_fit_their_variables() -> None:
    graph = stages()["simplify"]
    ((targets, _),) = graph.writes
    with pytest.raises(Defect, match="does not fit"):
        check("merge", replace(graph, writes=((targets, graph.outputs["y"]),)))


def test_work_is_done_once_and_in_order() -> None:
    fused = stages()["fuse"]
    with pytest.raises(Defect, match="fuse: a node runs twice or never"):
        check("fuse", replace(fused, kernels=fused.kernels[:-1]))
    with pytest.raises(Defect, match="order: .* runs before its input"):
        ordered = stages()["order"]
        check("order", replace(ordered, before=tuple(reversed(ordered.before))))


def test_a_buffer_is_not_given_away_too_early() -> None:
    plan = stages()["place"]
    nodes = [node for node in sequence(plan.schedule) if plan.places[node].kind == "buffer"]
    clash = dict(plan.places)
    for node in nodes:
        clash[node] = Place("buffer", buffer=0)
    with pytest.raises(Defect, match="place: .* was overwritten before"):
        check("place", replace(plan, places=clash))
    missing = {node: spot for node, spot in plan.places.items() if node is not nodes[0]}
    with pytest.raises(Defect, match="has no place"):
        check("place", replace(plan, places=missing))


def looped(body: Body) -> Graph:
    """A graph with one scan."""
    start = as_symbol(np.ones(2)).node
    node = scan_node(Parts(body, 1), [start], 3)
    return Graph((), {"y": item(node, 0, start).node})


def test_bodies_keep_the_promises_too() -> None:
    inside = source_node("placeholder", (2,), "float64", label="carry")
    check("simplify", looped(Body((inside,), (ops.exp(Symbol(inside)).node,))))
    with pytest.raises(Defect, match="lower: softmax#.* should be gone"):
        check("lower", looped(Body((inside,), (ops.softmax(Symbol(inside)).node,))))
    stranger = source_node("placeholder", (2,), "float64", label="stranger")
    with pytest.raises(Defect, match="comes into body of scan#.* from outside"):
        check("lower", looped(Body((inside,), (ops.exp(Symbol(stranger)).node,))))
