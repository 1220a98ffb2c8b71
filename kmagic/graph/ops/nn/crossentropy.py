"""Crossentropies, one value for each element or class axis; `kmagic.losses` adds smoothing, weights and means."""

from __future__ import annotations

from typing import Any

from kmagic.base import shapes
from kmagic.base.config import epsilon
from kmagic.base.errors import ShapeMismatch
from kmagic.graph.ops.indexing import pick
from kmagic.graph.ops.movement import axis_of, shape_of
from kmagic.graph.table import composite, ops, public


def log_probabilities(output: Any, from_logits: bool, axis: int) -> Any:
    """ln of probabilities, which are scaled to the sum 1 and held within [ε, 1 − ε], or ln softmax of logits."""
    if from_logits:
        return ops.log_softmax(output, axis)
    return ops.log(held_shares(output, axis))


def held_shares(output: Any, axis: int) -> Any:
    """Probabilities scaled to the sum 1, and held within [ε, 1 − ε]."""
    return held(ops.divide(output, ops.sum(output, axis, keepdims=True)))


def held(p: Any) -> Any:
    """Probabilities held within [ε, 1 − ε]."""
    return ops.clip(p, epsilon(), 1 - epsilon())


def _check_alike(where: str, target: Any, output: Any) -> None:
    if shape_of(target) != shape_of(output):
        raise ShapeMismatch(
            f"target {shapes.written(shape_of(target))} and output {shapes.written(shape_of(output))}",
            where=where,
            expected="the same shape for both",
        )


def _logit_gradient(g: Any, y: Any, target: Any, logit: Any) -> tuple[Any, Any]:
    return -g * logit, g * (ops.sigmoid(logit) - target)


@composite(gradient=_logit_gradient)
def _binary_of_logits(target: Any, logit: Any, /) -> Any:
    """ln(1 + eᶻ) − t·z, without overflow."""
    # the small term last, so that it is not lost where the others cancel
    return ops.maximum(logit, 0) - target * logit + ops.log1p(ops.exp(-ops.absolute(logit)))


@public
def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """−t·ln p − (1 − t)·ln(1 − p) of each element, p held within [ε, 1 − ε]; of logits z: ln(1 + eᶻ) − t·z."""
    _check_alike("binary_crossentropy", target, output)
    target, output = ops.convert_to_tensor(target), ops.convert_to_tensor(output)
    if from_logits:
        return _binary_of_logits(target, output)
    p = held(output)
    return -(target * ops.log(p) + (1 - target) * ops.log(1 - p))


@public
def categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    """−Σ t·ln p along an axis, p = p / Σ p held within [ε, 1 − ε]; of logits z: −Σ t·ln softmax(z)."""
    _check_alike("categorical_crossentropy", target, output)
    return -ops.sum(ops.multiply(target, log_probabilities(output, from_logits, axis)), axis)


@public
def sparse_categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    """−ln p_t for class numbers t, p = p / Σ p held within [ε, 1 − ε] along an axis; of logits z: −ln softmax(z)_t."""
    shape = shape_of(output)
    place = axis_of(axis, len(shape))
    given, wanted = shape_of(target), (*shape[:place], *shape[place + 1 :])
    if len(given) == len(shape) and given[-1] == 1:
        target, given = ops.squeeze(target, -1), given[:-1]
    if given != wanted:
        raise ShapeMismatch(
            f"target {shapes.written(given)} and output {shapes.written(shape)}",
            where="sparse_categorical_crossentropy",
            expected=f"target {shapes.written(wanted)}: the same shape but for the axis of classes",
        )
    logs = log_probabilities(output, from_logits, place)
    labels = ops.expand_dims(ops.cast(target, "int32"), place)
    return -ops.squeeze(pick(logs, labels, place), place)
