"""Wiring: who takes what from whom in a network, by names and numbers, as pictures, summaries and configs say it.

A value is known by the name of what gives it, by which of its calls gave it and by its place among what that call gave,
as in Keras. Operations between layers stand in the row of layers under names of their own.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from kmagic.base.trees import leaves
from kmagic.graph.node import Node
from kmagic.layers.connection import Call, call_of
from kmagic.layers.layer import Layer
from kmagic.models.network import Network, Step, sources

# what is part of the operation that takes it
_FOLDED = ("constant", "extent", "read")


@dataclass(frozen=True)
class Value:
    """A value that is passed on: what gives it, which call of that, and its place among what the call gives."""

    name: str
    call: int
    place: int

    def __str__(self) -> str:
        return f"{self.name}[{self.call}][{self.place}]"


@dataclass(eq=False)
class Member:
    """A layer with its calls within the network, or an operation between layers."""

    name: str
    layer: Layer | None
    steps: list[Step]

    @property
    def node(self) -> Node | None:
        """The operation, where it is one."""
        return next((step for step in self.steps if isinstance(step, Node)), None)

    @property
    def is_folded(self) -> bool:
        """Whether it is but a part of the operation that takes it."""
        return self.node is not None and self.node.name in _FOLDED


class Wiring:
    """The members of a network in its order, and what they take from each other."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.members = list(_members(network.steps))
        self._member_of = {step: member for member in self.members for step in member.steps}

    def value(self, node: Node) -> Value:
        """How the value of a node is known."""
        step: Step = call_of(node) or node
        member = self._member_of[step]
        place = [symbol.node for symbol in leaves(step.outputs)].index(node) if isinstance(step, Call) else 0
        # Keras counts the making of a model of symbols as its first call
        made = getattr(member.layer, "_network", None) is not None
        return Value(member.name, member.steps.index(step) + made, place)

    def member(self, step: Step) -> Member:
        """The member that a call or an operation belongs to."""
        return self._member_of[step]

    def taken_by(self, step: Step) -> list[Node]:
        """What a call or an operation takes, but for constants, sizes and variables."""
        return [node for node in sources(step) if call_of(node) or node.name not in _FOLDED]

    def givers(self, step: Step) -> list[Step]:
        """The calls and operations that give what a call or an operation takes."""
        return [call_of(node) or node for node in self.taken_by(step)]

    def taken(self, member: Member) -> list[Value]:
        """What a member takes in all its calls."""
        return [self.value(node) for step in member.steps for node in self.taken_by(step)]

    @property
    def shown(self) -> list[Member]:
        """The members that a reader wants to see."""
        return [member for member in self.members if not member.is_folded]

    @property
    def is_chain(self) -> bool:
        """Whether each member takes one value, of the one before it."""
        shown = self.shown
        return all(len(member.steps) == 1 for member in shown) and all(
            [value.name for value in self.taken(member)] == ([shown[number - 1].name] if number else [])
            for number, member in enumerate(shown)
        )


def _members(steps: list[Step]) -> Iterator[Member]:
    calls: dict[Layer, list[Step]] = {}
    for step in steps:
        if isinstance(step, Call):
            calls.setdefault(step.layer, []).append(step)
    names: defaultdict[str, Iterator[int]] = defaultdict(itertools.count)
    taken = {layer.name for layer in calls}
    for step in steps:
        if isinstance(step, Node):
            yield Member(_free(step.name, names, taken), None, [step])
        elif step.layer in calls:
            of_layer = calls.pop(step.layer)
            yield Member(step.layer.name, step.layer, sorted(of_layer, key=step.layer._own_calls.index))


def _free(stem: str, names: defaultdict[str, Iterator[int]], taken: set[str]) -> str:
    """A name that no layer has: add, add_1, …"""
    titles = (f"{stem}_{number}" if number else stem for number in names[stem])
    return next(title for title in titles if title not in taken)
