"""What a loop carries from step to step, and the body of a loop while it is traced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kmagic.base import trees
from kmagic.base.dtypes import promote
from kmagic.base.errors import ShapeMismatch
from kmagic.base.shapes import Shape, written
from kmagic.graph import eager, trace
from kmagic.graph.names import ops
from kmagic.graph.node import Node, next_serial
from kmagic.graph.symbol import Symbol

if TYPE_CHECKING:
    from kmagic.graph.variable import Variable


@dataclass(frozen=True)
class Carry:
    """Values in a structure like `like`; those from `numbers` were plain, so that their dtype may still follow."""

    like: Any
    values: list[Any]
    numbers: dict[int, Any]

    @property
    def given(self) -> Any:
        """The values in the user's structure."""
        return trees.filled(self.like, self.values, skip_none=True)

    @property
    def dtypes(self) -> list[str]:
        """The dtype of each value."""
        return [str(value.dtype) for value in self.values]

    def next(self, result: Any, where: str) -> Carry:
        """What a step made of the values; its structure, shapes and dtypes must be theirs."""
        before, after = trees.described(self.like), trees.described(result)
        if before != after:
            raise ShapeMismatch(f"carry {before} becomes {after}", where=where, expected="one structure in each step")
        values = [ops.convert_to_tensor(value) for value in trees.leaves(result, skip_none=True)]
        for place, (old, new) in enumerate(zip(self.values, values, strict=True)):
            follows = place in self.numbers and promote(str(old.dtype), str(new.dtype)) == str(new.dtype)
            if tuple(old.shape) != tuple(new.shape) or not (follows or old.dtype == new.dtype):
                raise ShapeMismatch(
                    f"carry {written(old.shape, str(old.dtype))} becomes {written(new.shape, str(new.dtype))}",
                    where=where,
                    expected="one shape and dtype in each step",
                    fix="kmagic.ops.cast" if tuple(old.shape) == tuple(new.shape) else None,
                )
        return Carry(self.like, values, {})

    def following(self, dtypes: Sequence[str]) -> Carry:
        """The values with plain numbers in these dtypes."""
        values = [
            ops.convert_to_tensor(self.numbers[place], dtype) if place in self.numbers else value
            for place, (value, dtype) in enumerate(zip(self.values, dtypes, strict=True))
        ]
        return Carry(self.like, values, {})


def carried(init: Any) -> Carry:
    """The start values of a loop."""
    leaves = trees.leaves(init, skip_none=True)
    plain = {
        place: leaf
        for place, leaf in enumerate(leaves)
        if isinstance(leaf, bool | int | float) and not isinstance(leaf, np.generic)
    }
    return Carry(init, [ops.convert_to_tensor(leaf) for leaf in leaves], plain)


def is_symbolic(*structures: Any) -> bool:
    """Whether a loop over these values is to be a node: in a program being traced, or where one is a symbol."""
    if trace.is_immediate():
        return False
    leaves = trees.leaves(structures, skip_none=True)
    return trace.current() is not None or any(eager.as_node(leaf) is not None for leaf in leaves)


def parameter(shape: Shape, dtype: str, label: str) -> Node:
    """What a body takes."""
    return eager.source_node("placeholder", shape, dtype, label=label)


class TracedBody:
    """A body while it is traced: it carries the user's values, then the variables that it assigns, then its checks.

    `initial`, `carried` and `next` are what is carried before the loop, before a step and after it; `read` has the
    variables that are only read, inside and outside.
    """

    def __init__(self, start: Carry) -> None:
        self.start = start
        self.serial = next_serial()
        self.initial = [trace.as_symbol(value).node for value in start.values]
        self.carried = [parameter(x.shape, x.dtype, f"carry{i}") for i, x in enumerate(self.initial)]
        self.next: list[Node] = []
        self.assigned: list[Variable] = []
        self.read: dict[Node, Node] = {}

    @property
    def carry(self) -> Any:
        """The user's values at the start of a step."""
        return trees.filled(self.start.like, [Symbol(node) for node in self.carried], skip_none=True)

    def finish(self, inner: trace.Trace, after: Carry) -> None:
        """Note what a step gave, read, assigned and checked."""
        self.next = [trace.as_symbol(value).node for value in after.values]
        for variable, value in inner.written.items():
            self.assigned.append(variable)
            self._add(trace.value_of(variable, trace.current()), inner.enter(variable), value)
        if inner.checks:
            passed = parameter((), "bool", "passed")
            both = ops.logical_and(Symbol(passed), Symbol(inner.passed))
            self._add(trace.as_symbol(True).node, passed, both.node)
        for variable, node in inner.entered.items():
            if variable not in inner.written:
                self.read[node] = trace.value_of(variable, trace.current())

    def _add(self, initial: Node, own: Node, new: Node) -> None:
        self.initial.append(initial)
        self.carried.append(own)
        self.next.append(new)

    def outside(self, outputs: Sequence[Node], slices: Sequence[Node] = ()) -> list[Node]:
        """What the body takes from outside, but for variables."""
        return trace.captured(outputs, self.serial, [*self.carried, *slices, *self.read])

    def leave(self, results: Sequence[Symbol], where: str) -> Any:
        """The user's part of the last carries; variables and checks go to the trace around."""
        first, last = len(self.start.values), len(self.start.values) + len(self.assigned)
        trace.leave(self.assigned, results[first:last], results[last:], where)
        return trees.filled(self.start.like, results[:first], skip_none=True)
