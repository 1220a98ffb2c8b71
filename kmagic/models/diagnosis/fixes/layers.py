"""Fixes of the model, which is changed where it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kmagic.base.parts import Part
from kmagic.layers.core import Dense
from kmagic.layers.layer import Layer
from kmagic.models import editing
from kmagic.models.diagnosis.case import Case
from kmagic.models.diagnosis.facts import Facts
from kmagic.models.diagnosis.finding import Fix


def use_head(facts: Facts, units: int | None = None, activation: str | None = None, label: str = "") -> Fix | None:
    """Another activation, or another number of units, for the layer that makes this output.

    None where that layer is not known, or has no such argument.
    """
    head = facts.head
    if head is None or not hasattr(head, "activation") or (units is not None and not hasattr(head, "units")):
        return None
    given = {"units": units, "activation": activation}
    said = ", ".join(f"{name}={value!r}" for name, value in given.items() if value is not None)

    def change(case: Case) -> Case:
        editing.set_head(case.model, head, units, activation)
        return case

    text = label or f"Make the output {type(head).__name__}({said})"
    return Fix(text, _head_code(facts, head, units, activation), change, facts.case)


def _head_code(facts: Facts, head: Any, units: int | None, activation: str | None) -> str:
    """In Keras's own words where there are some."""
    if units is None:
        return f"model.get_layer({head.name!r}).activation = kmagic.activations.{activation}"
    given = f"activation={activation!r}" if activation else ""
    if getattr(facts.model, "_members", [None])[-1] is head and type(head) is Dense:
        known = given or (f"activation={facts.activation!r}" if facts.activation not in ("", "linear") else "")
        return f"model.pop(); model.add(kmagic.layers.Dense({units}{', ' + known if known else ''}))"
    return f"kmagic.models.editing.set_head(model, {head.name!r}, units={units}{', ' + given if given else ''})"


def set_option(facts: Facts, layer: Layer, label: str = "", **options: Any) -> Fix:
    """Other values for attributes of a layer that leave its weights alone, such as the rate of a dropout."""
    said = ", ".join(f"{name}={value!r}" for name, value in options.items())
    code = "; ".join(f"model.get_layer({layer.name!r}).{name} = {value!r}" for name, value in options.items())

    def change(case: Case) -> Case:
        for name, value in options.items():
            setattr(layer, name, value)
        case.model.reconnect()
        return case

    return Fix(label or f"{layer.name}: {said}", code, change, facts.case)


def insert_first(facts: Facts, layer: Callable[[], Layer], label: str, place: int = 0) -> Fix:
    """A layer between an input and everything that takes it; it must keep the shape."""
    new = layer()

    def change(case: Case) -> Case:
        editing.insert_first(case.model, layer(), place)
        return case

    further = f", {place}" if place else ""
    return Fix(label, f"kmagic.models.editing.insert_first(model, {_made(new)}{further})", change, facts.case)


def insert_before(facts: Facts, layer: Layer, new: Callable[[], Layer], label: str) -> Fix:
    """A layer before another one of a Sequential; those behind it that no longer fit get fresh weights."""

    def change(case: Case) -> Case:
        layers = case.model.layers
        at = layers.index(layer)
        editing.set_layers(case.model, [*layers[:at], new(), *layers[at:]])
        return case

    code = (
        f"at = model.layers.index(model.get_layer({layer.name!r})); "
        f"kmagic.models.editing.set_layers(model, [*model.layers[:at], {_made(new())}, *model.layers[at:]])"
    )
    return Fix(label, code, change, facts.case)


def unfreeze(facts: Facts) -> Fix:
    """All layers trainable."""

    def change(case: Case) -> Case:
        case.model.trainable = True
        return case

    return Fix("Unfreeze all layers", "model.trainable = True", change, facts.case)


def _made(part: Part) -> str:
    """The call that makes a layer."""
    given = ", ".join(f"{name}={value!r}" for name, value in part.arguments.items() if name != "name")
    return f"kmagic.layers.{type(part).__name__}({given})"
