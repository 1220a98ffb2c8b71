"""Graphs without their variables: the same computation, in the same order, on slots."""

import numpy as np

from kmagic import ops
from kmagic.compiler.detach import Slot, detach
from kmagic.graph.node import Graph
from kmagic.graph.variable import Variable
from tests.compiler.programs import traced

X = np.arange(6.0).reshape(2, 3)


def graph_of(v: Variable, w: Variable) -> Graph:
    def function(x):
        old = v.value
        v.assign(w * 2.0)
        w.assign(old + ops.cond(ops.sum(x) > 0, lambda: w.value, lambda: w * 0.0))
        return {"y": ops.sum(x * v, 1), "same": x * 3.0}

    return traced(function, [X])


def test_reads_and_writes_name_slots_and_the_rest_stays() -> None:
    v, w = Variable(np.ones(3), path="v"), Variable(np.ones(3, "float32"), path="w")
    graph = graph_of(v, w)
    detached, slots = detach(graph, [v, w])
    assert [(slot.path, slot.shape, slot.dtype, slot.size) for slot in slots] == [
        ("v", (3,), "float64", 3),
        ("w", (3,), "float32", 3),
    ]
    first, second = slots
    assert [targets for targets, _ in graph.writes] == [(v,), (w,)]
    assert [targets for targets, _ in detached.writes] == [(first,), (second,)]
    before, after = graph.nodes, detached.nodes
    assert [(node.name, node.serial, node.shape, node.dtype) for node in before] == [
        (node.name, node.serial, node.shape, node.dtype) for node in after
    ]
    reads = [node.attributes["variables"] for node in after if node.name == "read"]
    assert reads and all(isinstance(slot, Slot) for (slot,) in reads)
    places = {id(v): first, id(w): second}
    assert reads == [(places[id(node.attributes["variables"][0])],) for node in before if node.name == "read"]
    assert detached.inputs == graph.inputs and detached.outputs["same"] is graph.outputs["same"]
    assert detached.outputs["y"] is not graph.outputs["y"]


def test_what_inputs_are_made_of_is_followed() -> None:
    v, w = Variable(np.ones(3)), Variable(np.ones(3))
    detached, _ = detach(graph_of(v, w), [v, w])
    known = set(detached.nodes)
    assert all(source in known for node in detached.nodes for source in node.inputs)
