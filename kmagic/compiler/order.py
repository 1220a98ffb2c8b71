"""Put kernels into the sequence in which they run.

Promise: before, kernels; after, a schedule: kernels that outputs and checks need, the checks, kernels that only updates
need, and for each write whether its last node may compute right in the variable's memory or is stored at the end.
Method: 1. keep the kernels' order, which respects dependencies, within each phase; 2. a write is in place when its node
is pointwise over the whole variable and nothing reads the old value after it; stores of the others come last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kmagic.base import shapes
from kmagic.compiler.fuse import Kernel, Kernels, is_dense, is_view, owner
from kmagic.graph.node import Graph, Node, Targets


@dataclass(frozen=True)
class Schedule:
    """Kernels in the order in which they run; `in_place` and `stores` say how each write reaches its variables."""

    graph: Graph
    before: tuple[Kernel, ...]
    after: tuple[Kernel, ...]
    in_place: dict[Node, Targets]
    stores: tuple[tuple[Targets, Node], ...]

    @property
    def kernels(self) -> tuple[Kernel, ...]:
        """All kernels, first to last."""
        return self.before + self.after


def order(fused: Kernels) -> Schedule:
    """The kernels in the sequence in which they run."""
    before = tuple(kernel for kernel in fused.kernels if kernel.phase == 0)
    after = tuple(kernel for kernel in fused.kernels if kernel.phase == 1)
    position = {node: i for i, node in enumerate(node for kernel in before + after for node in kernel.nodes)}
    first_late = sum(len(kernel.nodes) for kernel in before)
    last_read = _last_reads(fused.graph, position)
    in_place: dict[Node, Targets] = {}
    stores: list[tuple[Targets, Node]] = []
    for targets, node in fused.graph.writes:
        latest = max(last_read.get(id(variable), -1) for variable in targets)
        late = position.get(node, -1) >= first_late and position[node] >= latest
        if late and node not in in_place and _covers(node, targets) and _is_elementwise(node, targets):
            in_place[node] = targets
        else:
            stores.append((targets, node))
    return Schedule(fused.graph, before, after, in_place, tuple(stores))


def _last_reads(graph: Graph, position: dict[Node, int]) -> dict[int, int]:
    """For each variable, the position of the last node that sees its old value, directly or through views."""
    result: dict[int, int] = {}
    seen_by: dict[Node, set[int]] = {}
    for node in graph.nodes:
        if node.name == "read":
            seen_by[node] = {id(variable) for variable in node.attributes["variables"]}
        elif is_view(node):
            seen_by[node] = seen_by.get(node.inputs[0], set())
        else:
            for source in node.inputs:
                for key in seen_by.get(source, ()):
                    result[key] = max(result.get(key, -1), position.get(node, -1))
    end = len(position)
    for root in (*graph.outputs.values(), *(node for _, node in graph.writes)):
        for key in seen_by.get(root, ()):
            result[key] = end
    return result


def _covers(node: Node, targets: Targets) -> bool:
    return node.op.kind == "pointwise" and shapes.size(node.shape) == sum(variable.size for variable in targets)


def _is_elementwise(node: Node, targets: Targets) -> bool:
    """Whether the node itself reads the old value, if at all, element by element."""
    wanted = {id(variable) for variable in targets}
    seen = [source for source in node.inputs if _sees(source, wanted)]
    # `where` writes its last input first, so the others may not lie where it writes
    chosen = node.name == "where" and any(source in seen for source in node.inputs[:2])
    return not chosen and all(source.shape == node.shape and is_dense(source) for source in seen)


def _sees(node: Node, wanted: set[int]) -> bool:
    looked_at = owner(node)
    return looked_at.name == "read" and any(id(variable) in wanted for variable in looked_at.attributes["variables"])


def sequence(schedule: Schedule) -> Sequence[Node]:
    """Every working node, first to last."""
    return [node for kernel in schedule.kernels for node in kernel.nodes]
