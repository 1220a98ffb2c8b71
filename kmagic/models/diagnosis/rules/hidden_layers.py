"""Layers that do no work, or stand in the way."""

from __future__ import annotations

from typing import Any

from kmagic.layers.reshaping import Flatten
from kmagic.models.diagnosis.facts import Facts
from kmagic.models.diagnosis.facts.model import activation_of, takers, width_behind
from kmagic.models.diagnosis.facts.targets import agree
from kmagic.models.diagnosis.finding import Finding, Fix, rule
from kmagic.models.diagnosis.fixes.layers import activate, insert_before
from kmagic.models.diagnosis.fixes.tasks import ways


@rule("K164", "more axes in the output than in the targets", always=True)
def missing_flatten(facts: Facts) -> Finding | None:
    """One target a row, and an output for each place of the row: Flatten is missing before the head."""
    if facts.y is None or facts.loss_entry is None or not facts.output_shape or len(facts.output_shape) < 3:
        return None
    units, given = facts.output_shape[-1], facts.y.shape
    rows = (None, units) if not facts.loss_has("integer labels") else (None,)
    wholes = [(None,), (None, 1), rows]
    if facts.loss_has("overlap") or not any(agree(given, whole) for whole in wholes) or _fits(facts):
        return None
    message = (
        f"the output has shape {facts.output_shape}, targets have {given}: one for a whole row, so that Flatten is "
        "missing before the last layer"
    )
    return Finding("K164", "error", message, ways(_flattened(facts)), is_meaningless=True)


def _fits(facts: Facts) -> bool:
    """Whether targets have the axes of the output, or of its places."""
    assert facts.y is not None
    shape, given = facts.output_shape, facts.y.shape
    if facts.loss_has("integer labels") or shape[-1] == 1:
        return agree(given, (None, *shape[1:-1])) or agree(given, (None, *shape[1:-1], 1))
    return agree(given, (None, *shape[1:])) or (agree(given, (None, *shape[1:-1])) and not facts.y.is_one_hot)


def _flattened(facts: Facts) -> Fix | None:
    layer = width_behind(facts.model, facts.head)
    if layer is None or any(size is None for size in (layer._built_input_shape or (None, None))[1:]):
        return None
    return insert_before(facts, layer, Flatten, "Insert Flatten before the last layer")


@rule("K165", "layers without activation in a row", once=True)
def linear_stack(facts: Facts) -> Finding | None:
    """Two linear layers in a row can do no more than one."""
    idle = [layer for layer, after in takers(facts.model).items() if _is_linear(layer) and _is_idle(layer, after)]
    if not idle:
        return None
    named = ", ".join(f"{layer.name} = Dense({getattr(layer, 'units', '')})" for layer in idle)
    message = f"{named}: no activation; with the layer behind it amounts to one linear layer"
    return Finding("K165", "hint", message, (activate(facts, idle, "relu"),))


def _is_linear(layer: Any) -> bool:
    return type(layer).__name__ == "Dense" and activation_of(layer) == "linear"


def _is_idle(layer: Any, after: list[Any]) -> bool:
    """Whether nothing but a matrix comes of a layer and those behind it; a narrow one makes a matrix of low rank."""
    if not after or not layer.built or any(type(taker).__name__ != "Dense" for taker in after):
        return False
    return all(layer.units >= min(layer._built_input_shape[-1], taker.units) for taker in after)


@rule("K166", "softmax on a hidden layer", once=True)
def hidden_softmax(facts: Facts) -> Finding | None:
    """Softmax makes the outputs of a hidden layer compete for a sum of 1, and lets hardly any gradient through."""
    squeezed = [layer for layer, after in takers(facts.model).items() if _is_softmax(layer) and _are_dense(after)]
    if not squeezed:
        return None
    units = ", ".join(f"{layer.name} ({_width(layer)} outputs)" for layer in squeezed)
    message = f"softmax on a hidden layer: {units}; it squeezes them into a sum of 1"
    return Finding("K166", "warning", message, (activate(facts, squeezed, "relu"),))


def _are_dense(after: list[Any]) -> bool:
    return bool(after) and all(type(taker).__name__ == "Dense" for taker in after)


def _is_softmax(layer: Any) -> bool:
    return activation_of(layer) == "softmax" and getattr(layer, "axis", -1) == -1


def _width(layer: Any) -> Any:
    shape = layer.output_shape
    return shape[-1] if isinstance(shape, tuple) and shape else "its"
