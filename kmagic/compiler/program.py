"""Program: immutable code. Workspace: its buffers. One workspace for each run, so that runs never share memory."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kmagic.base import shapes
from kmagic.base.dtypes import held_as
from kmagic.base.errors import Defect
from kmagic.compiler.emit.emitter import Emitter, chosen
from kmagic.compiler.emit.numpy.binding import Array, Binding, Step, allocate
from kmagic.compiler.place import Plan
from kmagic.graph.node import Graph, Node, Targets
from kmagic.graph.variable import Variable, flat, pack


@dataclass(frozen=True)
class Program:
    """A compiled graph: what each stage made of it, and the variables that it reads and writes, in order.

    One that is kept for whatever variables a run brings has slots in place of variables.
    """

    stages: Mapping[str, Any]
    variables: Targets
    emitter: Emitter = field(default_factory=chosen)

    @property
    def plan(self) -> Plan:
        """Kernels, buffers and places."""
        plan: Plan = self.stages["place"]
        return plan

    @property
    def text(self) -> Any:
        """What the emitter printed."""
        return self.stages["emit"]

    @property
    def graph(self) -> Graph:
        """The graph that the kernels compute."""
        return self.plan.schedule.graph

    def workspace(self, capacity: int, variables: Sequence[Variable] | None = None) -> Workspace:
        """Buffers for batches of up to `capacity` rows, tied to `variables` (the program's own by default)."""
        own = [variable for variable in self.variables if isinstance(variable, Variable)]
        return Workspace(self, capacity, own if variables is None else tuple(variables))


class Workspace:
    """The memory of one run of a program.

    Fill `inputs(rows)`, call `step(rows)`, read `outputs(rows)`. A step returns 0, or the number of the status that
    stopped it before anything was written. More rows than there is room for make it grow, when inputs are asked for.
    """

    def __init__(self, program: Program, capacity: int, variables: Sequence[Variable]) -> None:
        self.program = program
        self._variable = dict(zip(map(id, program.variables), variables, strict=True))
        # not a method: a circle through the bound steps would keep all memory until Python looks for circles
        self._memory = functools.partial(_memory, self._variable)
        self._bound: dict[int, tuple[Binding, Step]] = {}
        self._make_room(max(1, capacity))
        self._settle()

    def _make_room(self, rows: int) -> None:
        """Buffers for batches of up to so many rows."""
        self.capacity = rows
        self._raw = allocate(self.program.plan, {"batch": rows})
        self._whole = [self._input(node) for node in self.program.graph.inputs]
        self._inputs: dict[int, list[Array]] = {}
        self._bound.clear()

    def _settle(self) -> None:
        """Lay variables end to end where the program wants them so; another program may have moved them since."""
        for targets in _spans(self.program.graph):
            pack(_own(self._variable, targets))
        self._bound.clear()
        self._moves = Variable.moves

    def _input(self, node: Node) -> Array:
        return np.zeros(shapes.bind(node.shape, {"batch": self.capacity}), held_as(node.dtype))

    def _bind(self, rows: int) -> tuple[Binding, Step]:
        if rows not in self._bound:
            sizes = {"batch": rows}
            given = dict(zip(self.program.graph.inputs, self.inputs(rows), strict=True))
            binding = Binding(self.program.plan, sizes, given, self._raw, self._memory)
            self._bound[rows] = binding, self.program.emitter.bind(self.program.text, binding)
        return self._bound[rows]

    def inputs(self, rows: int) -> list[Array]:
        """The arrays that hold the data of the next step."""
        if rows not in self._inputs:
            if rows > self.capacity:
                self._make_room(rows)
            sizes = {"batch": rows}
            self._inputs[rows] = [
                array[_corner(shapes.bind(node.shape, sizes))]
                for node, array in zip(self.program.graph.inputs, self._whole, strict=True)
            ]
        return self._inputs[rows]

    def read_values(self, graph: Graph) -> dict[Node, Array]:
        """What the read nodes of an earlier stage's graph hold now."""
        reads = [node for node in graph.nodes if node.name == "read"]
        return {node: self._memory(node.attributes["variables"]).copy() for node in reads}

    def step(self, rows: int) -> Step:
        """The function that runs one step on `rows` rows."""
        if self._moves != Variable.moves:
            self._settle()
        return self._bind(rows)[1]

    @property
    def runs_blocks(self) -> bool:
        """Whether many steps can run in one call."""
        return self.program.emitter.run is not None

    def run(self, block: Any) -> int:
        """Run all batches of a block of rows in memory, and say how many went well."""
        assert self.program.emitter.run is not None
        rest = len(block.numbers) % block.size or block.size
        steps = self.step(block.size), self.step(rest)
        given = list(zip(block.arrays, self.inputs(block.size), strict=True))
        return self.program.emitter.run(steps, given, block.numbers, block.size)

    def outputs(self, rows: int) -> dict[str, Array]:
        """The named results of the last step; the next one overwrites them."""
        binding = self._bind(rows)[0]
        return {name: binding.output(node) for name, node in self.program.graph.outputs.items()}


def _own(variables: Mapping[int, Variable], targets: Targets) -> list[Variable]:
    """The variables of a run, by the identity of those that the program names."""
    return [variables[id(variable)] for variable in targets]


def _memory(variables: Mapping[int, Variable], targets: Targets) -> Array:
    """The memory of variables that lie end to end."""
    own = _own(variables, targets)
    memory = own[0].array if len(own) == 1 else flat(own)
    if memory is None:
        raise Defect("variables were moved during a run", where="step")
    return memory


def _corner(shape: Sequence[int]) -> Any:
    """The index of the first elements along each axis; always a view, also without axes."""
    return (*map(slice, shape), ...)


def _spans(graph: Graph) -> list[Targets]:
    """Variables that must lie end to end."""
    reads = [node.attributes["variables"] for node in graph.nodes if node.name == "read"]
    return [targets for targets in [*reads, *(targets for targets, _ in graph.writes)] if len(targets) > 1]
