"""Targets and weights of a batch, or of all rows, brought to the outputs that they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kmagic.base.errors import BadData
from kmagic.base.trees import is_nested, leaves, ordered_keys
from kmagic.models.compiled import Batch
from kmagic.models.network import matched


def by_output(tree: Any, names: Sequence[str] | None, title: str, where: str) -> tuple[Any, ...]:
    """One value for each of the named outputs, None where there is none; without names as they come."""
    if names is None:
        return tuple(leaves(tree))
    if not is_nested(tree):
        if len(names) == 1:
            return (tree,)
        raise BadData(
            f"{title} is one array", where=where, expected=f"one for each output, in a list or dictionary: {names}"
        )
    if isinstance(tree, dict):
        unknown = [key for key in tree if key not in names]
        if unknown:
            raise BadData(f"{title} has the key {unknown[0]!r}", where=where, expected=f"names of outputs: {names}")
        return tuple(tree.get(name) for name in names)
    return tuple(matched(tree, list(names), list(names), f"{where}: {title}"))


def batch_of(model: Any, y: Any, y_pred: Any, sample_weight: Any) -> tuple[list[str], Batch]:
    """The names of a model's outputs, and what belongs to each of them in a batch."""
    names, predictions = names_of(model, y_pred), leaves(y_pred)
    # no target at all: the losses are all added by layers
    targets = [None] * len(names) if y is None else list(_by_output(model, y, names, "y"))
    if len(targets) != len(names):
        raise BadData(
            f"y has {len(targets)} arrays",
            where="fit",
            expected=f"one for each of the {len(names)} outputs: {', '.join(names)}",
        )
    weights = [sample_weight] * len(names)
    if is_nested(sample_weight):
        weights = list(_by_output(model, sample_weight, names, "sample_weight"))
    return names, Batch(targets, predictions, weights)


def _by_output(model: Any, tree: Any, names: Sequence[str], title: str) -> tuple[Any, ...]:
    return by_output(tree, names if names == model.output_names else None, title, "fit")


def names_of(model: Any, prediction: Any) -> list[str]:
    """The names of a model's outputs."""
    known: list[str] | None = model.output_names
    count = len(leaves(prediction))
    if known is not None and len(known) == count:
        return known
    if isinstance(prediction, dict) and count == len(prediction):
        return [str(key) for key in ordered_keys(prediction)]
    return [f"output_{number + 1}" for number in range(count)] if count > 1 else ["output"]
