"""One function, run in every way there is: on arrays, node by node after each stage, and compiled."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kmagic.base import config
from kmagic.base.shapes import Extent
from kmagic.compiler.cache import fingerprint, program_of
from kmagic.compiler.differentiate import differentiate
from kmagic.compiler.emit.emitter import named as named_emitter
from kmagic.compiler.legality import graph_of
from kmagic.compiler.pipeline import compile
from kmagic.compiler.program import Program, Workspace
from kmagic.graph.interpret import evaluate
from kmagic.graph.node import Graph
from kmagic.graph.ops.source import input_symbol
from kmagic.graph.trace import not_tracing, trace_graph

Array = np.ndarray[Any, Any]
BATCH = Extent.named("batch")
EXECUTORS = ("numpy", "llvm")


def traced(function: Callable[..., Any], arrays: Sequence[Array] = (), batch: bool = False) -> Graph:
    """The graph of a function that returns a dictionary, a tuple or one value; with `batch` first axes are unknown."""
    symbols = [
        input_symbol((BATCH, *array.shape[1:]) if batch and array.ndim else array.shape, str(array.dtype), f"x{i}")
        for i, array in enumerate(arrays)
    ]
    return trace_graph(lambda *given: named(function(*given)), symbols)


def named(result: Any) -> dict[str, Any]:
    """Results under names."""
    if isinstance(result, dict):
        return result
    if result is None:
        return {}
    return {f"y{i}": value for i, value in enumerate(result if isinstance(result, tuple | list) else (result,))}


def interpreted(graph: Graph, arrays: Sequence[Array], rows: int = 1) -> list[Array]:
    """Outputs and written values of a graph, node by node."""
    graph = differentiate(graph)
    roots = [*graph.outputs.values(), *(node for _, node in graph.writes)]
    with not_tracing(), np.errstate(all="ignore"):
        values = evaluate(roots, dict(zip(graph.inputs, arrays, strict=True)), {"batch": rows})
    return [np.array(value) for value in values]


@dataclass
class Run:
    """What a step left behind."""

    status: int
    outputs: dict[str, Array]
    workspace: Workspace


def step(workspace: Workspace, arrays: Sequence[Array], rows: int) -> Run:
    """One step of a program on `rows` rows."""
    for place, array in zip(workspace.inputs(rows), arrays, strict=True):
        place[...] = array
    with np.errstate(all="ignore"):
        status = workspace.step(rows)()
    return Run(status, {name: value.copy() for name, value in workspace.outputs(rows).items()}, workspace)


def run(
    graph: Graph, arrays: Sequence[Array] = (), rows: int = 1, capacity: int | None = None, executor: str = "numpy"
) -> Run:
    """One step of a graph's program."""
    with executed_by(executor):
        program, variables = program_of(graph)
    return step(program.workspace(capacity or rows, variables), arrays, rows)


@contextlib.contextmanager
def executed_by(executor: str) -> Iterator[None]:
    """Inside, programs are compiled for an executor."""
    before = config.executor()
    config.set_executor(executor)
    try:
        yield
    finally:
        config.set_executor(before)


def both_ways(function: Callable[..., Any], *arrays: Array) -> list[Array]:
    """The results node by node and compiled, for each executor, which must agree."""
    graph = traced(function, arrays)
    expected = interpreted(graph, arrays)
    for executor in EXECUTORS:
        done = run(graph, arrays, executor=executor)
        assert done.status == 0
        for value, other in zip(done.outputs.values(), expected, strict=False):
            np.testing.assert_allclose(value, other, rtol=1e-12, atol=1e-15)
    return list(done.outputs.values())


def uncached(graph: Graph, executor: str = "numpy") -> Program:
    """A program that is compiled anew."""
    emitter = named_emitter(executor)
    return Program(compile(graph, emitter), fingerprint(graph)[1], emitter)


def stage_graphs(program: Program) -> dict[str, Graph]:
    """The graph that each stage left, by the stage's name, from differentiation on."""
    graphs = {name: graph_of(result) for name, result in program.stages.items() if name != "trace"}
    return {name: graph for name, graph in graphs.items() if graph is not None}
