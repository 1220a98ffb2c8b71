"""Arrays whose lengths or shapes do not go together with each other or with the model."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmagic.layers.layer import known
from kmagic.models import preparation
from kmagic.models.diagnosis.facts import ArrayFacts, Facts
from kmagic.models.diagnosis.facts.targets import are_swapped
from kmagic.models.diagnosis.finding import Finding, Fix, rule
from kmagic.models.diagnosis.fixes.data import also, attach, take_rows
from kmagic.models.diagnosis.fixes.layers import set_input

_CHANNELS = (1, 3, 4)
_BACK = [0, 2, 3, 1]
Shape = tuple[Any, ...]


def wanted_shapes(facts: Facts) -> list[Shape]:
    """The shape of rows that each input wants; none while they are not known."""
    return [tuple(known(symbol.shape))[1:] for symbol in facts.model.inputs]


def fits(wanted: Shape, shape: Shape) -> bool:
    """Whether rows of a shape can enter where some axes are free; a last axis of 1 may be missing or too much."""
    if len(wanted) != len(shape):
        longer, shorter = (wanted, shape) if len(wanted) > len(shape) else (shape, wanted)
        return len(longer) == len(shorter) + 1 and len(longer) > 1 and longer[-1] == 1 and fits(longer[:-1], shorter)
    return all(w is None or s is None or w == s for w, s in zip(wanted, shape, strict=True))


@rule("K136", "arrays of different lengths", once=True, shapes=True)
def different_lengths(facts: Facts) -> Finding | None:
    """Inputs and targets with different numbers of rows."""
    arrays = [*facts.x, *([facts.y] if facts.y is not None else [])]
    lengths = [(found.name, found.rows) for found in arrays if found.array is not None and found.shape]
    if len({rows for _, rows in lengths}) < 2 or any(rows == 0 for _, rows in lengths) or _is_turned_alone(facts):
        return None
    first, rows = lengths[0]
    other, short = next((name, count) for name, count in lengths if count != rows)
    message = f"{first} has {rows} rows, {other} has {short} (cardinality)"
    return Finding("K136", "error", message, (take_rows(facts, min(count for _, count in lengths)),), True)


@rule("K137", "rows of another shape than the model takes", once=True, shapes=True)
def another_shape(facts: Facts) -> Finding | None:
    """Rows with more or fewer features, or another shape, than the model was built for."""
    for number, (wanted, found) in enumerate(zip(wanted_shapes(facts), facts.x, strict=False)):
        if found.array is None or not found.shape or not found.rows or fits(wanted, found.shape[1:]):
            continue
        if (
            len(found.shape) == 1
            and (found.dtype == "object" or wanted == (1,))
            or _moved_back(wanted, found.shape)
            or are_swapped(facts)
        ):
            continue
        fixes = tuple(fix for fix in _reshaped(facts, number, wanted) if fix is not None)
        message = f"{found.name} has shape {found.shape}, the model wants rows of {_said(wanted)}"
        return Finding("K137", "error", message, fixes, is_meaningless=True)
    return None


def _said(wanted: Shape) -> str:
    if len(wanted) == 1:
        return f"{wanted[0]} feature{'s' if wanted[0] != 1 else ''}"
    return str(wanted)


def _reshaped(facts: Facts, number: int, wanted: Shape) -> list[Fix | None]:
    found, place = facts.x[number], number
    rows = found.shape[1:]
    fixes: list[Fix | None] = []
    open_axes = wanted.count(None)
    if open_axes == 0 and int(np.prod(rows)) == int(np.prod(wanted)):
        step: preparation.Step = preparation.ReshapeRows(list(wanted), place)
        hand = f"x = x.reshape(len(x), {', '.join(map(str, wanted))})"
        fixes.append(attach(facts, f"Reshape each row to {wanted}", step, by_hand=hand))
    elif _is_turned(facts, found, wanted):
        fixes.append(
            attach(facts, "Exchange rows and columns", preparation.Transpose([1, 0], place), by_hand="x = x.T")
        )
    if not fixes and found.is_number and len(rows) == len(wanted) and 0 not in rows:
        fixes.append(set_input(facts, rows, number))
    return fixes


def _is_turned(facts: Facts, found: ArrayFacts, wanted: Shape) -> bool:
    """Whether the columns of a table are what the model and the targets take for rows."""
    targets = facts.y.rows if facts.y is not None and facts.y.shape else None
    return len(found.shape) == 2 and fits(wanted, found.shape[:1]) and targets in (None, found.shape[1])


def _is_turned_alone(facts: Facts) -> bool:
    """Whether rows and columns of the only input are exchanged, which its shape tells better than its length."""
    wanted = wanted_shapes(facts)
    if len(wanted) != 1 or len(facts.x) != 1 or fits(wanted[0], facts.x[0].shape[1:]):
        return False
    return _is_turned(facts, facts.x[0], wanted[0])


# ---- channels ----


def _moved_back(wanted: Shape, shape: Shape) -> bool:
    """Whether pictures fit once their channels stand behind."""
    if len(shape) != 4 or len(wanted) != 3 or shape[1] not in _CHANNELS:
        return False
    return fits(wanted, (shape[2], shape[3], shape[1])) and not fits(wanted, shape[1:])


@rule("K163", "channels before the picture", once=True)
def channels_first(facts: Facts) -> Finding | None:
    """Pictures with their channels first, for a model that takes them last."""
    for number, (wanted, found) in enumerate(zip(wanted_shapes(facts), facts.x, strict=False)):
        if not found.is_number:
            continue
        step = preparation.Transpose(_BACK, number)
        move = attach(facts, "Put the channels last", step, by_hand="x = numpy.moveaxis(x, 1, -1)")
        if _moved_back(wanted, found.shape):
            message = f"{found.name} has shape {found.shape}, channels first; the model wants {wanted}, channels last"
            return Finding("K163", "error", message, (move,), is_meaningless=True)
        layer = _convolution(facts, found) if _looks_turned(found) else None
        if layer is not None:
            rows = (*found.shape[2:], found.shape[1])
            changed = set_input(facts, rows, number)
            message = (
                f"{found.name} has shape {found.shape}: channels seem to come first, and {type(layer).__name__} takes "
                f"the last axis, {found.shape[-1]}, for channels"
            )
            fixes = () if changed is None else (also(move, changed),)
            return Finding("K163", "error", message, fixes)
    return None


def _convolution(facts: Facts, found: ArrayFacts) -> Any:
    """A convolution that takes such pictures, and their last axis for channels."""
    for layer in facts.layers:
        if "Conv2D" in type(layer).__name__ and getattr(layer, "data_format", "") == "channels_last":
            taken = layer.input.shape if getattr(layer, "_own_calls", None) else ()
            if tuple(taken[1:]) == found.shape[1:]:
                return layer
    return None


def _looks_turned(found: ArrayFacts) -> bool:
    """Whether a picture's first axis is as short as channels are, and its last as long as the one before."""
    if len(found.shape) != 4 or found.shape[1] not in _CHANNELS:
        return False
    return bool(found.shape[2] == found.shape[3] > max(_CHANNELS))
