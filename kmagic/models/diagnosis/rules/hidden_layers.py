"""Hidden layers that do no work, or stand in the way."""

from __future__ import annotations

from typing import Any

from kmagic.models.diagnosis.facts import Facts
from kmagic.models.diagnosis.facts.model import activation_of, takers
from kmagic.models.diagnosis.finding import Finding, rule
from kmagic.models.diagnosis.fixes.layers import activate


@rule("K165", "layers without activation in a row", once=True)
def linear_stack(facts: Facts) -> Finding | None:
    """Two linear layers in a row can do no more than one."""
    idle = [layer for layer, after in takers(facts.model).items() if _is_linear(layer) and _is_idle(layer, after)]
    if not idle:
        return None
    named = ", ".join(f"{layer.name} = Dense({getattr(layer, 'units', '')})" for layer in idle)
    message = f"no activation: {named}; linear layers in a row can do no more than one"
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
