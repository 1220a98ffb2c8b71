"""Run a failed step again, node by node, to say where it failed.

The step stopped before it wrote anything, so the variables still hold the last good values and the inputs the failing
batch; random numbers repeat because their generators did not move.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kmagic.base.dtypes import is_float
from kmagic.base.errors import BadData, KmagicError, NotFinite
from kmagic.compiler.program import Workspace
from kmagic.graph.interpret import evaluate
from kmagic.graph.node import Graph, Node
from kmagic.graph.trace import not_tracing


class _Found(Exception):
    """The first node whose result is not finite though its inputs are."""

    def __init__(self, node: Node, value: Any) -> None:
        super().__init__(node)
        self.node, self.value = node, value


def explain(workspace: Workspace, rows: int, where: str) -> KmagicError:
    """The error that a bad status of a program stands for."""
    graph: Graph = workspace.program.stages["differentiate"]
    given = dict(zip(graph.inputs, workspace.inputs(rows), strict=True))
    values = {node: np.array(array) for node, array in given.items()}
    return explain_graph(graph, values | workspace.read_values(graph), rows, where)


def explain_graph(graph: Graph, values: dict[Node, Any], rows: int, where: str) -> KmagicError:
    """The error that a bad status stands for, given the values of inputs and variables."""
    unusual = _unusual_inputs(graph, values)
    if unusual:
        return unusual
    try:
        with not_tracing(), np.errstate(all="ignore"):
            evaluate(graph.roots, values, {"batch": rows}, watch=_watch)
    except _Found as found:
        return _not_finite(found, where)
    except BadData as error:
        return BadData(error.found, where=error.where or where, expected=error.expected, fix=error.fix)
    return NotFinite("the loss or a gradient is not finite", where=where)


def _watch(node: Node, value: Any, inputs: Sequence[Any]) -> None:
    # what a branch gives was looked at inside of it
    if node.op.kind in ("source", "control") or not is_float(node.dtype) or np.all(np.isfinite(value)):
        return
    if all(np.all(np.isfinite(x)) for x in inputs if np.asarray(x).dtype.kind == "f"):
        raise _Found(node, value)


def _unusual_inputs(graph: Graph, values: dict[Node, Any]) -> KmagicError | None:
    """NaN or infinity in the data themselves."""
    for node in graph.inputs:
        value = values[node]
        if value.dtype.kind == "f" and not np.all(np.isfinite(value)):
            row = int(np.argwhere(~np.isfinite(value))[0][0])
            kind = "NaN" if np.isnan(value).any() else "infinity"
            return NotFinite(
                f"{node.attributes['label']} holds {kind} (row {row} of the batch)",
                where="data",
                expected="finite numbers",
                fix="drop or fill those rows before fit",
            )
    return None


def _not_finite(found: _Found, where: str) -> NotFinite:
    node = found.node
    kind = "NaN" if np.isnan(found.value).any() else "infinity"
    layer = f"layer {node.origin.layer!r}" if node.origin.layer else "the loss"
    if node.origin.layer in ("loss", "optimizer"):
        layer = f"the {node.origin.layer}"
    passage = " on the way back" if node.origin.phase == "backward" else ""
    return NotFinite(
        f"{node.name} in {layer} gave {kind}{passage}; the weights of the last good step are kept",
        where=where,
        expected="finite numbers; often the learning rate is too high or the inputs are not scaled",
        fix="a tenth of the learning rate, clipnorm=1.0, or a Normalization layer in front",
    )
