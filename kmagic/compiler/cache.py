"""Programs by what they compute, so that compiling the same thing again costs only the trace.

The key describes the traced graph: operations, attributes, shapes, dtypes, and which variable is which, but not the
variables themselves; a program has slots for them, and is tied to whatever variables a run brings.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from typing import Any

import numpy as np

from kmagic.compiler.detach import detach
from kmagic.compiler.emit.emitter import chosen
from kmagic.compiler.pipeline import compile
from kmagic.compiler.program import Program
from kmagic.graph.node import Body, Graph, Node, Target, topological
from kmagic.graph.variable import Variable

LIMIT = 32
_programs: OrderedDict[str, Program] = OrderedDict()
_lock = threading.Lock()


def program_of(graph: Graph) -> tuple[Program, tuple[Variable, ...]]:
    """The program of a traced graph, compiled unless an equal one was, and the graph's variables in its order."""
    key, variables = fingerprint(graph)
    emitter = chosen()
    key = f"{emitter.name} {key}"
    with _lock:
        program = _programs.pop(key, None)
        if program is None:
            detached, slots = detach(graph, variables)
            program = Program(compile(detached, emitter), slots, emitter)
        _programs[key] = program
        while len(_programs) > LIMIT:
            _programs.popitem(last=False)
    return program, variables


def fingerprint(graph: Graph) -> tuple[str, tuple[Variable, ...]]:
    """A digest of what a graph computes, and its variables in the order in which they are met."""
    description = _Description()
    numbers = description.nodes((*graph.inputs, *graph.roots))
    description.add("inputs", [numbers[node] for node in graph.inputs])
    description.add("outputs", [(name, numbers[node]) for name, node in graph.outputs.items()])
    description.add("checks", [numbers[node] for node in graph.checks])
    description.add("writes", [(description.variable(v), numbers[node]) for (v,), node in graph.writes])
    return description.digest.hexdigest(), tuple(description.variables)


class _Description:
    """A running digest."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()
        self.variables: dict[Any, int] = {}

    def add(self, *parts: Any) -> None:
        self.digest.update(repr(parts).encode())

    def variable(self, variable: Target) -> int:
        return self.variables.setdefault(variable, len(self.variables))

    def nodes(self, roots: tuple[Node, ...]) -> dict[Node, int]:
        numbers: dict[Node, int] = {}
        for node in topological(roots):
            inputs = [numbers[source] for source in node.inputs]
            attributes = {name: self._plain(value) for name, value in sorted(node.attributes.items())}
            self.add(node.name, inputs, attributes, node.shape, node.dtype, node.origin)
            numbers[node] = len(numbers)
        return numbers

    def _plain(self, value: Any) -> Any:
        if isinstance(value, np.ndarray):
            return hashlib.sha256(value.tobytes()).hexdigest(), value.shape, value.dtype.name
        if isinstance(value, Body):
            numbers = self.nodes((*value.parameters, *value.outputs))
            return [numbers[node] for node in (*value.parameters, *value.outputs)]
        if isinstance(value, tuple) and value and isinstance(value[0], Variable):
            return [self.variable(variable) for variable in value]
        return value
