"""Whether layers that walk along sequences get some."""

from __future__ import annotations

from kmagic.layers.bidirectional import Bidirectional
from kmagic.layers.recurrent import Recurrent
from kmagic.layers.reshaping import Reshape
from kmagic.models.diagnosis.facts import Facts
from kmagic.models.diagnosis.finding import Finding, Fix, rule
from kmagic.models.diagnosis.fixes.layers import insert_first


@rule("K177", "a recurrent layer on rows", once=True)
def rows_without_steps(facts: Facts) -> Finding | None:
    """A table for a layer that takes sequences: an axis of steps is missing."""
    if facts.build_error is None or len(facts.x) != 1 or len(facts.x[0].shape) != 2:
        return None
    layers = facts.model.layers
    where = str(getattr(facts.build_error, "where", ""))
    walking = [layer for layer in layers if isinstance(layer, Recurrent | Bidirectional)]
    stuck = next((layer for layer in walking if layer.name in where.split("/")), None)
    if stuck is None:
        return None
    given = facts.x[0].shape
    message = f"{stuck.name!r} walks along sequences (rows, steps, features), and x has shape {given}: no steps"
    fixes = (_as_steps(facts, given[1]),) if layers[0] is stuck else ()
    return Finding("K177", "error", message, fixes, is_meaningless=True)


def _as_steps(facts: Facts, columns: int) -> Fix:
    """Each column as a step of one number."""
    label = f"Walk along the {columns} columns as steps of one number"
    return insert_first(facts, lambda: Reshape((columns, 1)), label)
