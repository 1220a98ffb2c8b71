"""Form: which arrays a step of a program takes, and how they belong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kmagic.base.trees import filled, leaves, mapped
from kmagic.training.sources import pack_x_y_sample_weight


@dataclass(frozen=True)
class Form:
    """The tree of inputs, and for each output whether there is a target and a weight.

    `y` and `sample_weight` are the trees in which a user gave these, with the number of the output at each leaf.
    """

    inputs: Any
    targets: tuple[bool, ...] = ()
    weights: tuple[bool, ...] = ()
    y: Any = None
    sample_weight: Any = None

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

    def data(self, arrays: Sequence[Any]) -> Any:
        """The arrays of a step as x, (x, y) or (x, y, sample_weight), in the trees in which a user gave them."""
        x, targets, weights = self.split(arrays)
        y = _filled(self.y, targets)
        return pack_x_y_sample_weight(x, y, _filled(self.sample_weight, weights))


def places_in(tree: Any, arrays: Sequence[Any]) -> Any:
    """The tree with the number of each of its leaves among `arrays`; None where it is not among them."""
    numbers = {id(array): number for number, array in enumerate(arrays) if array is not None}
    return mapped(lambda leaf: numbers.get(id(leaf)), tree)


def _filled(places: Any, values: Sequence[Any]) -> Any:
    """The tree of numbers with the values that have them."""
    if not any(value is not None for value in values):
        return None
    return mapped(lambda place: None if place is None else values[place], places)


def labels_of(name: str, count: int) -> list[str]:
    """What several arrays of one kind are called in errors."""
    return [name] if count == 1 else [f"{name}[{number}]" for number in range(count)]
