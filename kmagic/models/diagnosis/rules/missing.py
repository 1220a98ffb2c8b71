"""Numbers that are missing, infinite, or stand for what is missing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kmagic.models import preparation
from kmagic.models.diagnosis.facts import ArrayFacts, Facts
from kmagic.models.diagnosis.finding import Finding, Fix, rule
from kmagic.models.diagnosis.fixes.data import attach, drop_missing, fill_missing

_STAND_INS = (-99.0, -999.0, -9999.0, -99999.0, 999.0, 9999.0, 99999.0, 999999.0)
_FAR = 5.0  # so many times as far from zero as every other number of its column
_COUNTED = 1 << 22


@rule("K122", "NaN or infinity in the data", always=True)
def not_finite(facts: Facts) -> Finding | None:
    """NaN or infinity in features or targets, of training or of validation."""
    inputs = list(enumerate(facts.x)) if facts.output == 0 else []
    held_out, held_target = facts.validation if facts.validation is not None else ([], None)
    inputs += list(enumerate(held_out)) if facts.output == 0 else []
    for number, found in inputs:
        if found.is_number and found.bad is not None:
            return _finding(facts, found, _filled(facts, number, found))
    for target in (facts.y, held_target):
        if target is not None and target.is_number and target.bad is not None:
            finding = _finding(facts, target, [])
            return _left_to_the_user(finding) if _is_masked(facts, target) else finding
    return None


def _is_masked(facts: Facts, target: ArrayFacts) -> bool:
    """Whether a loss of the user's own may leave out targets that are NaN."""
    return facts.loss is not None and facts.loss_entry is None and _what(target) == "NaN"


def _left_to_the_user(finding: Finding) -> Finding:
    message = f"{finding.message}; your loss has to leave them out"
    return replace(finding, severity="hint", message=message, is_meaningless=False)


def _finding(facts: Facts, found: ArrayFacts, fixes: list[Fix]) -> Finding:
    assert found.bad is not None
    where = f"row {found.bad[0]}" + _place_in_row(found)
    first = "" if found.bad_count == 1 else "the first in "
    message = f"{found.name} holds {found.bad_count} {_what(found)}: {first}{where}"
    dropped = [drop_missing(facts, found)] if found.bad_count < found.rows else []
    return Finding("K122", "error", message, (*fixes, *dropped), is_meaningless=True)


def _place_in_row(found: ArrayFacts) -> str:
    assert found.bad is not None
    if len(found.bad) == 2:
        return f", {found.column_title(found.bad[1])}"
    return f", at {found.bad[1:]}" if len(found.bad) > 2 else ""


def _what(found: ArrayFacts) -> str:
    assert found.array is not None and found.bad is not None
    if found.array.size <= _COUNTED:
        missing = int(np.isnan(found.array).sum())
    else:
        missing = int(np.isnan(found.array[found.bad])) * found.bad_count if found.bad_count == 1 else -1
    if missing == found.bad_count:
        return "NaN"
    values = "value" if found.bad_count == 1 else "values"
    return f"{'infinite' if missing == 0 else 'NaN and infinite'} {values}"


def _filled(facts: Facts, number: int, found: ArrayFacts) -> list[Fix]:
    """The means of the training data in place of what is missing."""
    columns = facts.x[number].columns
    if columns is None:
        return []
    means = np.where(np.isfinite(columns.mean), columns.mean, 0.0)
    return [fill_missing(facts, found, number, means.tolist())]


@rule("K122", "labels that are missing")
def missing_labels(facts: Facts) -> Finding | None:
    """Text labels with None, NaN or pandas.NA among them, of training or of validation."""
    for target in (facts.y, facts.validation[1] if facts.validation is not None else None):
        if target is not None and target.kind == "text" and 0 < target.bad_count < target.rows:
            count = f"{target.bad_count} missing label{'' if target.bad_count == 1 else 's'}"
            first = "" if target.bad_count == 1 else "the first in "
            where = f": {first}row {target.bad[0]}" if target.bad is not None else ""
            fix = attach(facts, "Drop rows without a label", preparation.DropMissing())
            return Finding("K122", "error", f"{target.name} holds {count}{where}", (fix,), is_meaningless=True)
    return None


@rule("K208", "a number that stands for what is missing", once=True)
def stand_in(facts: Facts) -> Finding | None:
    """A column in which -999 or 9999 stands for what is missing: far from everything else, and more than once."""
    for number, found in enumerate(facts.x):
        if not found.is_number or found.is_rows_of is None or found.columns is None:
            continue
        extremes = np.stack([found.columns.low, found.columns.high])
        for column in np.flatnonzero(np.isin(extremes, _STAND_INS).any(0)):
            seen = _stand_in_of(found.sample[:, column].astype("float64"))
            if seen is not None:
                return _about_stand_in(facts, number, int(column), *seen)
    return None


def _stand_in_of(column: np.ndarray) -> tuple[float, int, float] | None:
    """The number, how often it stands there, and the mean of the others."""
    column = column[np.isfinite(column)]
    for number in _STAND_INS:
        others = column[column != number]
        count = len(column) - len(others)
        if count > 1 and len(others) > count and abs(number) >= _FAR * max(abs(others).max(), 1e-12):
            return number, count, float(f"{others.mean():.7g}")
    return None


def _about_stand_in(facts: Facts, number: int, column: int, stand_in: float, count: int, mean: float) -> Finding:
    found = facts.x[number]
    step = preparation.ReplaceNumber(column, stand_in, mean, number)
    hand = f"x = numpy.where((x == {stand_in!r}) & (numpy.arange(x.shape[1]) == {column}), {mean!r}, x)"
    return Finding(
        "K208",
        "warning",
        f"{found.column_title(column)} of {found.name} holds {stand_in:g} {count} times, far from all other numbers: "
        "it seems to stand for what is missing",
        (attach(facts, f"Put the mean {mean:.3g} in its place", step, by_hand=hand),),
    )
