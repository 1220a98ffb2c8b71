"""Running a step line by line, without a program: `compile(run_eagerly=True)`, for prints and debuggers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kmagic.base.errors import KmagicError
from kmagic.compiler.replay import explain_graph
from kmagic.graph.immediate import immediate
from kmagic.graph.node import Graph
from kmagic.graph.ops.source import input_symbol
from kmagic.graph.trace import as_symbol
from kmagic.models.programs import Specs, Step

Array = np.ndarray[Any, Any]


class EagerSteps:
    """Steps for the training loop that run the user's own code each time."""

    def __init__(self, step: Step, specs: Specs, labels: Sequence[str]) -> None:
        self._step, self._specs, self._labels = step, specs, labels
        self._inputs: dict[int, list[Array]] = {}
        self._outputs: dict[str, Array] = {}
        self._graph: Graph | None = None

    def inputs(self, rows: int) -> list[Array]:
        """The arrays that hold the data of the next step."""
        if rows not in self._inputs:
            self._inputs[rows] = [np.zeros((rows, *shape), dtype) for shape, dtype in self._specs]
        return self._inputs[rows]

    def step(self, rows: int) -> Callable[[], int]:
        """The function that runs one step; 0 means that all went well, otherwise nothing was written."""
        return lambda: self._run(rows)

    def _run(self, rows: int) -> int:
        arrays = self.inputs(rows)
        symbols = [input_symbol(a.shape, str(a.dtype), label) for a, label in zip(arrays, self._labels, strict=True)]
        nodes = tuple(symbol.node for symbol in symbols)
        with immediate(dict(zip(nodes, arrays, strict=True))) as (trace, values):
            results = {name: as_symbol(value).node for name, value in self._step(*symbols).items()}
            writes = tuple(((variable,), node) for variable, node in trace.written.items())
            self._graph = Graph(nodes, results, writes, tuple(trace.checks))
            if not all(values.all(trace.checks)):
                return 1
            self._outputs = {name: np.asarray(values(node)) for name, node in results.items()}
            new = [(variable, values(node)) for variable, node in trace.written.items()]
        for variable, value in new:
            variable.assign(value)
        return 0

    @property
    def runs_blocks(self) -> bool:
        """Whether many steps can run in one call."""
        return False

    def run(self, block: Any) -> int:
        """Never: steps run one by one."""
        raise NotImplementedError

    def outputs(self, rows: int) -> dict[str, Array]:
        """The results of the last step."""
        return self._outputs

    def explain(self, rows: int, where: str) -> KmagicError:
        """The error that a bad status stands for."""
        assert self._graph is not None
        given = dict(zip(self._graph.inputs, self.inputs(rows), strict=True))
        return explain_graph(self._graph, dict(given), rows, where)
