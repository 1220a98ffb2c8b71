"""Fixes of the model, which is changed where it stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from kmagic.base.parameters import parameters_of
from kmagic.base.parts import Part
from kmagic.layers.core import Dense
from kmagic.layers.layer import Layer
from kmagic.models import editing
from kmagic.models.diagnosis.case import Case
from kmagic.models.diagnosis.facts import Facts
from kmagic.models.diagnosis.facts.model import width_behind
from kmagic.models.diagnosis.finding import Fix


def use_head(facts: Facts, units: int | None = None, activation: str | None = None, label: str = "") -> Fix | None:
    """Another activation, or another number of units, for the layers that make this output.

    None where these are not known, or have no such argument.
    """
    head, wide = facts.head, width_behind(facts.model, facts.head) if units is not None else None
    if head is None or not hasattr(head, "activation") or (units is not None and wide is None):
        return None
    if wide is not None and wide.units == units:
        units = None
    given = {"units": units, "activation": activation}
    said = ", ".join(f"{name}={value!r}" for name, value in given.items() if value is not None)

    def change(case: Case) -> Case:
        if units is not None:
            editing.set_units(case.model, wide, units)
        if activation is not None and activation != facts.activation:
            editing.set_activation(case.model, head, activation)
        return case

    text = label or f"Make the output {type(wide or head).__name__}({said})"
    return Fix(text, _head_code(facts, wide, units, activation), change, facts.case)


def _head_code(facts: Facts, wide: Any, units: int | None, activation: str | None) -> str:
    """In Keras's own words where there are some."""
    head, known = facts.head, activation or facts.activation
    if units is not None and getattr(facts.model, "_members", [None])[-1] is head and _is_plain_dense(head):
        said = f", activation={known!r}" if known not in ("", "linear") else ""
        return f"model.pop(); model.add(kmagic.layers.Dense({units}{said}))"
    parts = [f"kmagic.models.editing.set_units(model, {wide.name!r}, {units})"] if units is not None else []
    if activation is not None and activation != facts.activation:
        parts.append(_activation_code(head, activation))
    return "; ".join(parts)


def _is_plain_dense(layer: Any) -> bool:
    """Whether a new Dense of the same size would be an equal layer."""
    if type(layer) is not Dense:
        return False
    plain, own = Dense(layer.units, layer.activation).get_config(), layer.get_config()
    is_named = not re.fullmatch(r"dense(_\d+)?", own.pop("name"))
    return not is_named and all(plain.get(title) == value for title, value in own.items())


def _activation_code(layer: Any, activation: str) -> str:
    if "activation" in vars(layer):
        return f"model.get_layer({layer.name!r}).activation = kmagic.activations.{activation}"
    return f"kmagic.models.editing.set_activation(model, {layer.name!r}, {activation!r})"


def activate(facts: Facts, found: Sequence[Any], activation: str) -> Fix:
    """An activation for hidden layers."""

    def change(case: Case) -> Case:
        for layer in found:
            editing.set_activation(case.model, layer, activation)
        return case

    code = "; ".join(_activation_code(layer, activation) for layer in found)
    return Fix(f"Use {activation} there", code, change, facts.case)


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


def give_last_step(facts: Facts, layer: Layer) -> Fix:
    """A recurrent layer that gives its last step in place of all, with the weights that it has."""
    fix = set_option(facts, layer, f"{layer.name}: return_sequences=False", return_sequences=False)
    return replace(fix, code=f"{fix.code}; model.reconnect()")


def insert_first(facts: Facts, layer: Callable[[], Layer], label: str, place: int = 0) -> Fix:
    """A layer between an input and everything that takes it; it must keep the shape."""
    new = layer()

    def change(case: Case) -> Case:
        editing.insert_first(case.model, layer(), place)
        return case

    further = f", {place}" if place else ""
    return Fix(label, f"kmagic.models.editing.insert_first(model, {_made(new)}{further})", change, facts.case)


def insert_before(facts: Facts, layer: Layer, new: Callable[[], Layer], label: str) -> Fix:
    """A layer before another one, which gets fresh weights where its input changes."""

    def change(case: Case) -> Case:
        editing.insert_before(case.model, layer, new())
        return case

    code = f"kmagic.models.editing.insert_before(model, {layer.name!r}, {_made(new())})"
    return Fix(label, code, change, facts.case)


def remove(facts: Facts, layer: Layer) -> Fix:
    """The model without a layer that keeps the shape."""

    def change(case: Case) -> Case:
        editing.remove(case.model, layer)
        return case

    code = f"kmagic.models.editing.remove(model, {layer.name!r})"
    return Fix(f"Remove {layer.name}", code, change, facts.case)


def set_size(facts: Facts, layer: Layer, label: str = "", **sizes: int) -> Fix | None:
    """Other sizes for a layer of the model, which gets fresh weights; None where it stands inside another layer."""
    if layer not in facts.model.layers:
        return None
    said = ", ".join(f"{name}={value!r}" for name, value in sizes.items())

    def change(case: Case) -> Case:
        editing.set_size(case.model, layer, **sizes)
        return case

    code = f"kmagic.models.editing.set_size(model, {layer.name!r}, {said})"
    return Fix(label or f"{layer.name}: {said}", code, change, facts.case)


def set_input(facts: Facts, shape: Sequence[int | None], place: int = 0, label: str = "") -> Fix | None:
    """Another shape of rows for an input; None for a model of the user's own code, and one with models inside."""
    model = facts.model
    if not model.inputs and not hasattr(model, "_members"):
        return None
    if any(hasattr(layer, "compile") for layer in model.layers):
        return None

    def change(case: Case) -> Case:
        editing.set_input(case.model, shape, place)
        return case

    further = f", {place}" if place else ""
    text = label or f"Let the model take rows of {tuple(shape)}"
    return Fix(text, f"kmagic.models.editing.set_input(model, {tuple(shape)}{further})", change, facts.case)


def unfreeze(facts: Facts) -> Fix:
    """All layers trainable."""

    def change(case: Case) -> Case:
        case.model.trainable = True
        return case

    return Fix("Unfreeze all layers", "model.trainable = True", change, facts.case)


def _made(part: Part) -> str:
    """The call that makes a layer."""
    kind: Any = type(part)
    defaults = {parameter.name: parameter.default for parameter in parameters_of(kind)}
    changed = {name: value for name, value in part.arguments.items() if value is not defaults.get(name, part)}
    given = ", ".join(f"{name}={value!r}" for name, value in changed.items() if name != "name")
    return f"kmagic.layers.{type(part).__name__}({given})"
