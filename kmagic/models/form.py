"""Form: which arrays a step of a program takes, and how they belong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kmagic.base.trees import filled, leaves


@dataclass(frozen=True)
class Form:
    """The tree of inputs, and for each output whether there is a target and a weight."""

    inputs: Any
    targets: tuple[bool, ...] = ()
    weights: tuple[bool, ...] = ()

    @property
    def labels(self) -> list[str]:
        """A name for each array, as errors call it."""
        counts = {"x": len(leaves(self.inputs)), "y": sum(self.targets), "sample_weight": sum(self.weights)}
        return [label for name, count in counts.items() for label in labels_of(name, count)]

    def split(self, arrays: Sequence[Any]) -> tuple[Any, list[Any], list[Any]]:
        """The arrays of a step as the tree of inputs, and as one target and one weight (or None) for each output."""
        given = iter(arrays)
        x = filled(self.inputs, [next(given) for _ in leaves(self.inputs)])
        targets = [next(given) if there else None for there in self.targets]
        return x, targets, [next(given) if there else None for there in self.weights]


def labels_of(name: str, count: int) -> list[str]:
    """What several arrays of one kind are called in errors."""
    return [name] if count == 1 else [f"{name}[{number}]" for number in range(count)]
