"""What each stage promises about its result; checked between stages.

The table says which kinds of operation may remain, and every stage must keep inputs before users, shapes and dtypes of
writes, and a place for everything. A broken promise is a defect of kmagic, named with its stage.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kmagic.base import shapes
from kmagic.base.dtypes import NARROW, held_as
from kmagic.base.errors import Defect
from kmagic.compiler.body import bodies, graph_of_body
from kmagic.compiler.fuse import Kernels, is_view
from kmagic.compiler.order import Schedule, sequence
from kmagic.compiler.place import Plan
from kmagic.graph.node import Graph, Node

# what may be of 16 bits also where everything is computed in more
_AS_STORED = ("convert", "same_bits")
# what a stage's result may no longer hold, and every later one neither
GONE: dict[str, Callable[[Node], bool]] = {
    "differentiate": lambda node: node.name == "gradient",
    "lower": lambda node: not node.op.is_primitive or node.name == "remat",
    "widen": lambda node: node.dtype in NARROW and node.op.kind != "source" and node.name not in _AS_STORED,
    "simplify": lambda node: node.name == "stop_gradient",
}


def check(stage: str, result: Any) -> None:
    """Raise Defect where the result of `stage` breaks a promise."""
    graph = graph_of(result)
    if graph is None:
        return
    passed = list(GONE)[: list(GONE).index(stage) + 1] if stage in GONE else list(GONE)
    _check_nodes(stage, graph, [GONE[earlier] for earlier in passed])
    for targets, node in graph.writes:
        if shapes.size(node.shape) != sum(variable.size for variable in targets) or held_as(node.dtype) != held_as(
            targets[0].dtype
        ):
            raise Defect(f"{node} does not fit {targets}", where=stage)
    if isinstance(result, Schedule | Kernels):
        _check_work(stage, result)
    if isinstance(result, Plan):
        _check_places(stage, result)


def _check_nodes(stage: str, graph: Graph, gone: Sequence[Callable[[Node], bool]]) -> None:
    """Also inside bodies, which take nothing but their parameters."""
    for node in graph.nodes:
        if any(source.serial >= node.serial for source in node.inputs):
            raise Defect(f"{node} comes before its input", where=stage)
        if any(is_gone(node) for is_gone in gone):
            raise Defect(f"{node} should be gone", where=stage)
        for name, body in bodies(node):
            inner = graph_of_body(body)
            loose = [n for n in inner.nodes if n.name in ("placeholder", "read") and n not in body.parameters]
            if loose:
                raise Defect(f"{loose[0]} comes into {name} of {node} from outside", where=stage)
            _check_nodes(stage, inner, gone)


def graph_of(result: Any) -> Graph | None:
    """The graph inside a stage's result."""
    if isinstance(result, Graph):
        return result
    if isinstance(result, Plan):
        return result.schedule.graph
    return result.graph if isinstance(result, Schedule | Kernels) else None


def _check_work(stage: str, result: Schedule | Kernels) -> None:
    nodes = [node for kernel in result.kernels for node in kernel.nodes]
    work = {
        node for node in result.graph.nodes if node.op.kind != "source" and node.name != "item" and not is_view(node)
    }
    if len(nodes) != len(set(nodes)) or set(nodes) != work:
        raise Defect("a node runs twice or never", where=stage)
    done: set[Node] = set()
    for node in nodes:
        if any(source in work and source not in done for source in _behind_views(node)):
            raise Defect(f"{node} runs before its input", where=stage)
        done.add(node)


def _behind_views(node: Node) -> set[Node]:
    found: set[Node] = set()
    waiting = list(node.inputs)
    while waiting:
        source = waiting.pop()
        if is_view(source) or source.name == "item":
            waiting.extend(source.inputs)
        else:
            found.add(source)
    return found


def _check_places(stage: str, plan: Plan) -> None:
    """No buffer may be given to a new value while an old one is still needed."""
    missing = [node for node in plan.schedule.graph.nodes if node not in plan.places]
    if missing:
        raise Defect(f"{missing[0]} has no place", where=stage)
    holder: dict[int, Node] = {}
    results = [node for node in plan.places if node.name == "item"]
    for node in sequence(plan.schedule):
        for source in _owners(node):
            spot = plan.places[source]
            if spot.kind == "buffer" and holder.get(spot.buffer, source) is not source:
                raise Defect(f"{source} was overwritten before {node} read it", where=stage)
        for value in (node, *(item for item in results if item.inputs[0] is node)):
            spot = plan.places[value]
            if spot.kind == "buffer":
                holder[spot.buffer] = value


def _owners(node: Node) -> set[Node]:
    found: set[Node] = set()
    for source in node.inputs:
        while is_view(source):
            source = source.inputs[0]
        found.add(source)
    return found
