"""Any stage of a program as text, and its figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kmagic.base import shapes
from kmagic.base.dtypes import BYTES
from kmagic.base.shapes import written
from kmagic.compiler import cost
from kmagic.compiler.body import bodies, graph_of_body, planned
from kmagic.compiler.fuse import Kernels
from kmagic.compiler.order import Schedule
from kmagic.compiler.place import Place, Plan
from kmagic.compiler.program import Program
from kmagic.graph.interpret import bound
from kmagic.graph.node import Graph, Node


def figures(program: Program, rows: int) -> dict[str, Any]:
    """Counts for one step on `rows` rows: nodes before and after fusion, kernels, buffers, bytes, operations."""
    sizes = {"batch": rows}
    plan = program.plan
    kernels = plan.schedule.kernels
    escaping = frozenset(node for node in plan.places if node not in plan.inner)
    return {
        "nodes_traced": len(program.stages["trace"].nodes),
        "nodes_differentiated": len(program.stages["differentiate"].nodes),
        "nodes_simplified": len(program.stages["simplify"].nodes),
        "nodes_merged": len(program.stages["merge"].nodes),
        "kernels": len(kernels),
        "buffers": len(plan.buffers),
        "buffer_bytes": sum(bound(size, sizes) for size in plan.buffers),
        "variable_bytes": sum(variable.size * BYTES[variable.dtype] for variable in program.variables),
        "flops": sum(cost.flops(kernel, sizes) for kernel in kernels),
        "bytes_moved": sum(cost.traffic(kernel, sizes, escaping) for kernel in kernels),
    }


def stage_text(program: Program, stage: str, rows: int) -> str:
    """One stage as text."""
    result = program.stages[stage]
    if stage == "emit":
        return str(result.listing)
    if isinstance(result, Plan):
        return "\n".join(_plan_lines(result, {"batch": rows}))
    if isinstance(result, Schedule):
        return "\n".join(_schedule_lines(result))
    if isinstance(result, Kernels):
        return "\n".join(f"{number:3} {kernel}" for number, kernel in enumerate(result.kernels))
    return "\n".join(_graph_lines(result))


def _graph_lines(graph: Graph) -> Iterator[str]:
    numbers = {node: number for number, node in enumerate(graph.nodes)}
    for node, number in numbers.items():
        inputs = ", ".join(f"%{numbers[source]}" for source in node.inputs)
        origin = f"   # {node.origin}" if str(node.origin) else ""
        yield f"%{number} = {node.name}({inputs}{_detail(node)}) : {written(node.shape, node.dtype)}{origin}"
        for name, body in bodies(node):
            yield f"  {name}:"
            yield from (f"    {line}" for line in _graph_lines(graph_of_body(body)))
    for name, node in graph.outputs.items():
        yield f"output {name} = %{numbers[node]}"
    for check in graph.checks:
        yield f"check %{numbers[check]}"
    for targets, node in graph.writes:
        yield f"write {', '.join(variable.path for variable in targets)} = %{numbers[node]}"


def _detail(node: Node) -> str:
    """What a node holds besides its inputs, in brief."""
    match node.name:
        case "constant":
            value = node.attributes["value"]
            return f"{value}" if value.ndim == 0 else f"array of {written(value.shape, node.dtype)}"
        case "read":
            return ", ".join(variable.path for variable in node.attributes["variables"])
        case "placeholder":
            return str(node.attributes["label"])
        case "extent":
            return str(node.attributes["value"])
    return "".join(f", {name}={value}" for name, value in node.attributes.items() if not hasattr(value, "parameters"))


def _schedule_lines(schedule: Schedule) -> Iterator[str]:
    for number, kernel in enumerate(schedule.before):
        yield f"{number:3} {kernel}"
    yield from (f"    check {check}" for check in schedule.graph.checks)
    for number, kernel in enumerate(schedule.after, len(schedule.before)):
        yield f"{number:3} {kernel}"
    for targets, node in schedule.stores:
        yield f"    store {', '.join(variable.path for variable in targets)} = {node}"


def _plan_lines(plan: Plan, sizes: Mapping[str, int]) -> Iterator[str]:
    escaping = frozenset(node for node in plan.places if node not in plan.inner)
    for number, kernel in enumerate(plan.schedule.kernels):
        work = f"{cost.flops(kernel, sizes):,} flop, {cost.traffic(kernel, sizes, escaping):,} bytes"
        yield f"{number:3} {kernel}   [{work}]"
        for name, body in (pair for node in kernel.nodes for pair in bodies(node)):
            yield f"      {name}:"
            yield from (f"        {line}" for line in _plan_lines(planned(body), sizes))
        for node in kernel.nodes:
            shape = written(shapes.bind(node.shape, sizes), node.dtype)
            yield f"      {node.name:14} {shape:18} {_where(plan.places[node])}"
    for number, size in enumerate(plan.buffers):
        yield f"buffer {number}: {bound(size, sizes):,} bytes ({size})"


def _where(spot: Place) -> str:
    match spot.kind:
        case "buffer":
            return f"buffer {spot.buffer}"
        case "variables":
            names = [variable.path for variable in spot.targets]
            return "in place: " + (", ".join(names) if len(names) < 4 else f"{names[0]} … {names[-1]} ({len(names)})")
        case "pack":
            return f"in the pack from {spot.offset}"
    return spot.kind
