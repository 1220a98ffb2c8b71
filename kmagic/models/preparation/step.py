"""Steps, and the order in which a model applies them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kmagic.base.errors import BadData, KmagicError
from kmagic.base.parts import Part
from kmagic.base.trees import filled, is_nested, leaves
from kmagic.training.sources import table_of

Array = np.ndarray[Any, Any]

_MISSING = ("NAType", "NaTType")


@dataclass(frozen=True)
class Bound:
    """Data of one pass on their way to the model: lists of arrays, one for each input, output and weight.

    `training` tells whether the model learns from them, so that rows may go or change places.
    """

    x: tuple[Any, ...]
    y: tuple[Any, ...] = ()
    weights: tuple[Any, ...] = ()
    training: bool = False

    def each(self, change: Callable[[Any], Any]) -> Bound:
        """The data with every array changed."""
        x, y, weights = (
            tuple(None if array is None else change(array) for array in arrays)
            for arrays in (self.x, self.y, self.weights)
        )
        return replace(self, x=x, y=y, weights=weights)

    def rows(self, chosen: Any) -> Bound:
        """Some of the rows, in this order."""
        return self.each(lambda array: as_rows(array)[chosen])


class Step(Part):
    """Base class: override what the step changes; everything is handed on as it came by default.

    `needs_all_rows` says that it means nothing for batches that come one after the other.
    """

    needs_all_rows = False

    def rows(self, data: Bound) -> Bound:
        """Choose rows, or their order."""
        return data

    def features(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """Change the inputs."""
        return inputs

    def targets(self, targets: tuple[Any, ...]) -> tuple[Any, ...]:
        """Change the targets."""
        return targets

    def answers(self, predictions: list[Any]) -> list[Any]:
        """Say what the model predicts in the user's own terms."""
        return predictions

    def class_numbers(self, weights: Mapping[Any, float]) -> Mapping[Any, float]:
        """Weights of classes by the numbers that the model knows them by."""
        return weights

    def class_labels(self, weights: Mapping[Any, float]) -> Mapping[Any, float]:
        """Weights of classes by the user's own labels."""
        return weights


class StepFailed(BadData):
    """Data that a step of `model.preparation` does not take; `part` is what the step was about to change."""

    step: Step | None = None
    part: str = "the data"

    @classmethod
    def of(cls, step: Step, part: str, cause: Exception) -> StepFailed:
        """The error for what a step raised."""
        title = f"model.preparation's step {type(step).__name__} does not take {part}"
        if isinstance(cause, KmagicError):
            error = cls(cause.found, where=title, expected=cause.expected)
        else:
            error = cls(f"{type(cause).__name__}: {cause}", where=title)
        error.step, error.part = step, part
        return error


def _taken_by(step: Step, data: Bound) -> Bound:
    """The data as a step leaves them."""
    part = "the rows"
    try:
        data, part = step.rows(data), "x"
        x, part = step.features(data.x), "y"
        return replace(data, x=x, y=step.targets(data.y))
    except Exception as failure:
        raise StepFailed.of(step, part, failure) from failure


def is_missing(value: Any) -> bool:
    """Whether a Python object stands for no value: None, NaN, and what pandas has for them."""
    return value is None or (isinstance(value, float) and value != value) or type(value).__name__ in _MISSING


def missing_in(array: Array) -> Array:
    """Where an array holds no value."""
    if array.dtype.kind == "O":
        return np.fromiter(map(is_missing, array.flat), bool, array.size).reshape(array.shape)
    return np.isnan(array) if array.dtype.kind == "f" else np.zeros(array.shape, bool)


def as_rows(data: Any) -> Array:
    """An array of what a user gave: rows of different lengths as objects."""
    if hasattr(data, "iloc"):
        return table_of(data)
    try:
        return np.asarray(data)
    except ValueError:
        rows = np.empty(len(data), object)
        rows[:] = data
        return rows


def changed_at(arrays: tuple[Any, ...], place: int, change: Callable[[Array], Array]) -> tuple[Any, ...]:
    """The arrays with the one at a place changed, if there is one."""
    return tuple(
        change(as_rows(array)) if number == place and array is not None else array
        for number, array in enumerate(arrays)
    )


class Preparation:
    """The steps of a model, in order; immutable.

    >>> Preparation().added(Step()).steps
    (Step(),)
    """

    def __init__(self, steps: Sequence[Step] = ()) -> None:
        self.steps = tuple(steps)

    def __bool__(self) -> bool:
        return bool(self.steps)

    def added(self, step: Step) -> Preparation:
        """These steps and one more."""
        return Preparation((*self.steps, step))

    def without(self, number: int) -> Preparation:
        """All steps but one, counted from 0."""
        return Preparation(self.steps[:number] + self.steps[number + 1 :])

    def data(
        self,
        x: Any,
        y: Any,
        sample_weight: Any = None,
        training: bool = False,
        names: tuple[Sequence[str] | None, Sequence[str] | None] = (None, None),
    ) -> tuple[Any, Any, Any]:
        """What the model gets for the user's `x`, `y` and `sample_weight`; `names` are those of inputs and outputs."""
        if not self.steps or (x is None and y is None):
            return x, y, sample_weight
        trees = ((x, names[0]), (y, names[1]), (sample_weight, names[1]))
        inputs, targets, given = (tuple(_leaves(tree, order)) for tree, order in trees)
        bound = Bound(inputs, targets, given, training)
        for step in self.steps:
            bound = _taken_by(step, bound)
        parts = zip(trees, (bound.x, bound.y, bound.weights), strict=True)
        changed_x, changed_y, weights = (_filled(tree, arrays, order) for (tree, order), arrays in parts)
        return changed_x, changed_y, weights

    def held_out(
        self, validation_data: Any, names: tuple[Sequence[str] | None, Sequence[str] | None] = (None, None)
    ) -> Any:
        """What the model gets for `validation_data`."""
        if not self.steps or not isinstance(validation_data, list | tuple) or len(validation_data) not in (2, 3):
            return validation_data
        x, y, sample_weight = (*validation_data, None)[:3]
        return self.data(x, y, sample_weight, names=names)[: len(validation_data)]

    def check_batches(self, where: str) -> None:
        """Raise where a step needs all rows, and data come batch by batch."""
        for step in self.steps:
            if step.needs_all_rows:
                raise BadData(
                    f"model.preparation's step {type(step).__name__} needs all rows, and the data come in batches",
                    where=where,
                    expected="arrays, or steps that change each row alone",
                    fix=f"model.preparation = model.preparation.without({self.steps.index(step)})",
                )

    def features(self, x: Any, names: Sequence[str] | None = None) -> Any:
        """What the model gets for an `x` that it predicts for."""
        inputs = tuple(_leaves(x, names)) if self.steps else ()
        for step in self.steps:
            try:
                inputs = step.features(inputs)
            except Exception as failure:
                raise StepFailed.of(step, "x", failure) from failure
        return _filled(x, inputs, names) if self.steps else x

    def answers(self, predictions: Any) -> Any:
        """What the user gets for the model's predictions."""
        found = leaves(predictions) if self.steps else []
        for step in reversed(self.steps):
            found = step.answers(found)
        return filled(predictions, found) if self.steps else predictions

    def class_numbers(self, weights: Any) -> Any:
        """What the model gets for the user's `class_weight`."""
        for step in self.steps if isinstance(weights, Mapping) else ():
            weights = step.class_numbers(weights)
        return weights

    def class_labels(self, weights: Any) -> Any:
        """What the user writes for weights of the model's classes."""
        for step in reversed(self.steps) if isinstance(weights, Mapping) else ():
            weights = step.class_labels(weights)
        return weights

    def __repr__(self) -> str:
        return f"Preparation({list(self.steps)!r})"


def holds_arrays(data: Any) -> bool:
    """Whether this is a tree of arrays, and not itself rows of numbers."""
    if isinstance(data, dict):
        return True
    return isinstance(data, list | tuple) and any(len(getattr(leaf, "shape", ())) > 0 for leaf in leaves(data))


def _leaves(tree: Any, names: Sequence[str] | None) -> list[Any]:
    """The arrays of a tree; those of a dictionary by names in the order of the names."""
    if tree is None:
        return []
    if _goes_by(names, tree):
        return [tree.get(name) for name in names or ()]
    return leaves(tree) if holds_arrays(tree) else [tree]


def _goes_by(names: Sequence[str] | None, tree: Any) -> bool:
    return isinstance(tree, dict) and names is not None and (set(tree) <= set(names) or set(names) <= set(tree))


def _filled(like: Any, arrays: Sequence[Any], names: Sequence[str] | None) -> Any:
    if like is None:
        return None
    if _goes_by(names, like):
        return {**like, **{name: array for name, array in zip(names or (), arrays, strict=True) if name in like}}
    if is_nested(like) and holds_arrays(like):
        return filled(like, arrays)
    return arrays[0] if len(arrays) == 1 else list(arrays)
