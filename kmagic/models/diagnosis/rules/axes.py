"""Whether targets have the axes of the output."""

from __future__ import annotations

import numpy as np

from kmagic.base.errors import ShapeMismatch
from kmagic.layers.reshaping import Flatten
from kmagic.losses.loss import align, check_shapes
from kmagic.models.diagnosis.facts import Facts
from kmagic.models.diagnosis.facts.model import giving_steps, width_behind
from kmagic.models.diagnosis.facts.targets import agree, is_a_number_each, is_a_row_each
from kmagic.models.diagnosis.finding import Finding, Fix, rule
from kmagic.models.diagnosis.fixes.layers import give_last_step, insert_before
from kmagic.models.diagnosis.fixes.tasks import said, ways


@rule("K164", "more axes in the output than in the targets", always=True)
def missing_flatten(facts: Facts) -> Finding | None:
    """One target a row, and an output for each place of the row: Flatten is missing before the head."""
    if facts.y is None or not _is_of_whole_rows(facts):
        return None
    walking = giving_steps(facts.model, facts.head)
    reason = "Flatten is missing before the last layer"
    if walking is not None:
        reason = f"{walking.name} should give its last step only, and has return_sequences=True"
    message = f"the output has shape {facts.output_shape}, targets have {facts.y.shape}: one for a whole row, so that "
    last = give_last_step(facts, walking) if walking is not None else None
    return Finding("K164", "error", message + reason, ways(last, _flattened(facts)), is_meaningless=True)


def _is_of_whole_rows(facts: Facts) -> bool:
    """Whether there are targets for rows, and outputs for places in them."""
    if facts.y is None or facts.loss_entry is None or not facts.output_shape or len(facts.output_shape) < 3:
        return False
    if facts.loss_has("overlap") or facts.loss_has("sequences") or not facts.y.is_number:
        return False
    return len(facts.y.shape) in (1, 2) and not _fits(facts)


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


@rule("K187", "shapes that the loss does not take", always=True)
def other_axes(facts: Facts) -> Finding | None:
    """Targets and outputs of other axes or sizes than the loss compares, where no other rule knows the reason."""
    entry, output = facts.loss_entry, facts.output_shape
    if entry is None or entry.shapes is None or facts.y is None or not facts.y.is_number or facts.y.bad:
        return None
    others_know = (is_a_number_each(facts) or is_a_row_each(facts)) and not facts.loss_has("overlap")
    if not output or None in output[1:] or others_know or _is_of_whole_rows(facts) or not facts.y.rows:
        return None
    rows = 2  # as many as any: numbers that take no memory
    target, prediction = (np.broadcast_to(np.float32(0), (rows, *shape[1:])) for shape in (facts.y.shape, output))
    try:
        check_shapes(entry.shapes, *align(target, prediction, facts.loss_has("integer labels")), facts.loss_name)
    except ShapeMismatch:
        message = f"targets have shape {facts.y.shape}, the output {output}: {said(facts)} cannot compare them"
        return Finding("K187", "error", message, is_meaningless=True)
    return None
