"""Rows held out, and their order: sorted, repeated, scaled in another way; batches that do not fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kmagic.models import preparation
from kmagic.models.diagnosis.facts import ArrayFacts, Facts
from kmagic.models.diagnosis.facts.rows import (
    are_among,
    are_distinctive,
    count_repeated,
    distinct,
    is_sorted,
    labels_of,
    row_keys,
)
from kmagic.models.diagnosis.finding import Finding, Fix, rule
from kmagic.models.diagnosis.fixes.data import attach, shuffle_rows
from kmagic.models.diagnosis.fixes.options import set_options

Array = np.ndarray[Any, Any]

_BY_CHANCE = 1e-3
_ENOUGH = 40  # rows: below, it is an experiment
_FEW_CLASSES = 50
_REPEATED = 0.05  # a share of equal rows that is no accident
_MANY_REPEATED = 0.2
_SHIFTED = 10.0  # deviations between the means of training and validation data


def split_at(facts: Facts) -> int | None:
    """The row with which `validation_split` begins, None without a split."""
    split = facts.options.validation_split
    if facts.options.validation_data is not None or not isinstance(split, float) or not 0 < split < 1:
        return None
    at = int(np.floor(facts.rows * (1 - split)))
    return at if 0 < at < facts.rows else None


# ---- order ----


@rule("K144", "a split of sorted rows", of_all=True)
def sorted_split(facts: Facts) -> Finding | None:
    """Rows held out at the end whose classes, or numbers, are not those of the rows before."""
    at = split_at(facts)
    if at is None or facts.y is None or facts.y.bad is not None or facts.y.rows != facts.rows:
        return None
    labels = labels_of(facts.y)
    last = f"the last {facts.options.validation_split:.0%} of the rows ({facts.rows - at} rows)".replace("%", " %")
    if labels is not None and len(distinct(labels)) <= _FEW_CLASSES:
        held = distinct(labels[at:])
        if not _is_odd(labels, at):
            return None
        names = ", ".join(f"{label:g}" for label in held[:4])
        more = ", …" if len(held) > 4 else ""
        message = f"{last} hold only class{'es' if len(held) > 1 else ''} {names}{more}: rows are sorted"
    else:
        column = facts.y.column
        if column is None or not is_sorted(column):
            return None
        low, high = column[at:].min(), column[at:].max()
        message = f"{last} hold targets {low:.4g} … {high:.4g} only: targets are sorted"
    return Finding("K144", "warning", message, (shuffle_rows(facts),))


def _is_odd(labels: Array, at: int) -> bool:
    """Whether the classes behind a row are hardly a random part of all."""
    every, held = distinct(labels), distinct(labels[at:])
    if len(held) == len(every):
        return False
    missing = np.isin(labels, held, invert=True).mean()
    by_chance = (1 - missing) ** (len(labels) - at)
    return bool(by_chance < _BY_CHANCE)


@rule("K167", "sorted classes without shuffling", of_all=True)
def sorted_without_shuffle(facts: Facts) -> Finding | None:
    """Classes one after the other, in that order in every epoch."""
    labels = labels_of(facts.y)
    if facts.options.shuffle is not False or labels is None or facts.rows <= facts.batch_size:
        return None
    if not (facts.loss_has("classes") or facts.loss_has("binary") or (facts.y is not None and facts.y.is_one_hot)):
        return None
    if len(distinct(labels)) > _FEW_CLASSES or not is_sorted(labels):
        return None
    message = "classes are sorted, and shuffle=False keeps them so: each batch holds only one or two of them"
    return Finding("K167", "hint", message, (set_options(facts, "Shuffle rows in each epoch", shuffle=True),))


@rule("K168", "a batch larger than the data", once=True, of_all=True)
def large_batch(facts: Facts) -> Finding | None:
    """Every epoch is one step."""
    size = facts.options.batch_size
    if not isinstance(size, int) or not facts.training_rows or size <= facts.training_rows:
        return None
    message = f"batch_size={size} for {facts.training_rows} rows: each epoch is a single step"
    return Finding("K168", "hint", message, (set_options(facts, batch_size=min(32, facts.training_rows)),))


# ---- rows that repeat ----


@rule("K171", "rows of the training data in validation", once=True, of_all=True)
def repeated_in_validation(facts: Facts) -> Finding | None:
    """Validation rows that the model learns from too."""
    at = split_at(facts)
    if not facts.x or facts.rows < _ENOUGH or not facts.x[0].is_number:
        return None
    held_out = facts.validation[0] if facts.validation is not None else []
    if at is None and not held_out:
        return None
    keys = row_keys(facts.x)
    held = row_keys(held_out) if held_out else None if keys is None or at is None else keys[at:]
    if keys is None or held is None:
        return None
    trained = keys if held_out else keys[:at]
    seen = are_among(held, trained)
    count = int(seen.sum())
    if count < 3 or count < _REPEATED * len(held) or not are_distinctive(facts.x):
        return None
    if not held_out:
        split = facts.options.validation_split
        message = f"validation_split={split} holds out {count} of {len(held)} rows that are among the training rows too"
        return Finding("K171", "warning", message, (_unique(facts),))
    message = f"validation: {count} of {len(held)} rows are among the training rows"
    return Finding("K171", "warning", message, (_hold_out(facts) if seen.all() else _fresh(facts, ~seen),))


def _unique(facts: Facts) -> Fix:
    return attach(facts, "Keep the first of equal rows", preparation.UniqueRows())


def _hold_out(facts: Facts) -> Fix:
    return set_options(facts, "Hold out part of the training rows", validation_data=None, validation_split=0.2)


def _fresh(facts: Facts, fresh: Array) -> Fix:
    """Validation without the rows of the training data."""
    given = facts.options.validation_data
    if not all(isinstance(part, np.ndarray) for part in (facts.case.x, *given)):
        return _hold_out(facts)
    kept = tuple(part[fresh] for part in given)
    code = (
        "seen = {row.tobytes() for row in x}; fresh = [row.tobytes() not in seen for row in "
        "validation_data[0].astype(x.dtype)]; validation_data = tuple(part[fresh] for part in validation_data)"
    )
    fix = set_options(facts, "Leave such rows out of validation", validation_data=kept)
    return Fix(fix.label, code, fix.change, fix.case)


@rule("K200", "rows that repeat", once=True, of_all=True)
def repeated_rows(facts: Facts) -> Finding | None:
    """Equal rows in the training data, more than chance makes."""
    if not facts.x or facts.rows < _ENOUGH or not facts.x[0].is_number or facts.y is None:
        return None
    arrays = [*facts.x, facts.y]
    repeated = facts.answer("how many rows repeat", arrays, lambda: _repeated(arrays))
    if repeated < _MANY_REPEATED * facts.rows or not are_distinctive(facts.x):
        return None
    message = f"{repeated} of {facts.rows} rows repeat earlier ones"
    return Finding("K200", "hint", message, (_unique(facts),))


def _repeated(arrays: Sequence[ArrayFacts]) -> int:
    """How many rows there are before; 0 where it would take long to tell."""
    keys = row_keys(arrays)
    return 0 if keys is None else count_repeated(keys)


# ---- scales ----


@rule("K206", "validation data in another scale", once=True, of_all=True)
def other_scale(facts: Facts) -> Finding | None:
    """Validation data that were not scaled as the training data were."""
    for number, (found, held) in enumerate(zip(facts.x, facts.validation[0] if facts.validation else [], strict=False)):
        if not found.is_number or not held.is_number or found.columns is None or held.columns is None:
            continue
        if found.low is None or held.low is None or found.shape[1:] != held.shape[1:]:
            continue
        if _is_of_bytes(held) and 0 <= found.low < (found.high or 0) <= 1:
            seen = f"{held.name} is {held.low:g} … {held.high:g}, and {found.name} is {found.low:g} … {found.high:g}"
            return Finding("K206", "warning", f"validation is scaled otherwise: {seen}", (_divided(facts, number),))
        column = _shifted(found, held)
        if column is not None:
            means = [float(part.columns.mean[column]) for part in (found, held) if part.columns is not None]
            message = (
                f"validation is scaled otherwise: {found.column_title(column)} is about {means[0]:.3g} in training, "
                f"and {means[1]:.3g} in validation"
            )
            return Finding("K206", "warning", message, (_hold_out(facts),))
    return None


def _is_of_bytes(found: ArrayFacts) -> bool:
    return found.is_whole and found.low is not None and found.low >= 0 and 30 < (found.high or 0) <= 255


def _divided(facts: Facts, number: int) -> Fix:
    given = facts.options.validation_data
    if len(facts.x) > 1 or not isinstance(given[0], np.ndarray):
        return _hold_out(facts)
    fix = set_options(facts, "Divide validation by 255 too", validation_data=(given[0] / 255, *given[1:]))
    return Fix(fix.label, "validation_data = (validation_data[0] / 255, *validation_data[1:])", fix.change, fix.case)


def _shifted(found: ArrayFacts, held: ArrayFacts) -> int | None:
    """The column that lies farthest off, where half of all columns do."""
    assert found.columns is not None and held.columns is not None
    with np.errstate(invalid="ignore", divide="ignore"):
        off = abs(held.columns.mean - found.columns.mean) / found.columns.std
    far = (off > _SHIFTED) & (found.columns.std > 0)
    return int(np.argmax(np.where(far, off, 0))) if far.mean() >= 0.5 else None
