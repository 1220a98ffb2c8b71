"""Columns that help too much or not at all, and numbers that an Embedding has no vector for."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from kmagic.models import preparation
from kmagic.models.diagnosis.facts import ArrayFacts, Facts
from kmagic.models.diagnosis.facts.rows import distinct, labels_of
from kmagic.models.diagnosis.finding import Finding, Fix, rule
from kmagic.models.diagnosis.fixes.data import also, attach, drop_columns
from kmagic.models.diagnosis.fixes.layers import set_size

Array = np.ndarray[Any, Any]

_ENOUGH = 20  # rows from which on equality is no chance
_SAMPLE = 1000
_MOST_COLUMNS = 2000
_MOST_CLASSES = 20
_LISTED = 8  # columns that code lists by number
_OF_SEQUENCES = ("Embedding", "Masking")
_NAMES_OF_NUMBERS = ("id", "index", "nr", "no", "number", "row", "unnamed: 0")


@rule("K161", "numbers that an Embedding has no vector for", always=True)
def outside_embedding(facts: Facts) -> Finding | None:
    """Whole numbers below 0, or from input_dim on, and fractions."""
    for number, found in enumerate(facts.x if facts.output == 0 else []):
        for layer in facts.first_layers(number) or ():
            if type(layer).__name__ != "Embedding" or not found.is_number or found.low is None or found.high is None:
                continue
            if not found.is_whole:
                message = f"{found.name} is {found.low:g} … {found.high:g} with fractions, and {layer.name} takes "
                return Finding("K161", "error", message + "whole numbers", (), is_meaningless=True)
            if found.low < 0 or found.high >= layer.input_dim:
                message = (
                    f"{found.name} is {found.low:.0f} … {found.high:.0f}, and {layer.name} has vectors for "
                    f"0 … {layer.input_dim - 1} (input_dim={layer.input_dim})"
                )
                return Finding("K161", "error", message, _mended(facts, number, layer), is_meaningless=True)
    return None


def _mended(facts: Facts, number: int, layer: Any) -> tuple[Fix, ...]:
    found = facts.x[number]
    low, high = int(found.low or 0), int(found.high or 0)
    larger = set_size(facts, layer, f"Make input_dim {high - min(low, 0) + 1}", input_dim=high - min(low, 0) + 1)
    shift = _shifted(facts, number, low)
    if low < 0:
        return (shift if high - low < layer.input_dim else also(shift, larger) if larger else shift,)
    fits = low > 0 and high - low < layer.input_dim
    return (*((shift,) if fits else ()), *((larger,) if larger else ()))


def _shifted(facts: Facts, number: int, low: int) -> Fix:
    step = preparation.Standardize([float(low)], [1.0], number)
    said = f"Subtract {low}" if low > 0 else f"Add {-low}"
    return attach(
        facts,
        f"{said} so that numbers begin at 0",
        step,
        by_hand=f"x = x {'-' if low > 0 else '+'} {abs(low)}" if len(facts.x) == 1 else "",
    )


# ---- the target among the features ----


@rule("K170", "the target among the features", of_all=True)
def leaking_target(facts: Facts) -> Finding | None:
    """A column that is equal to the target, or tells the class by other numbers."""
    if facts.y is None or not facts.y.is_number or facts.y.rows < _ENOUGH or facts.y.bad is not None:
        return None
    labels = labels_of(facts.y)
    target = labels if labels is not None else facts.y.column
    if target is None or target.min() == target.max():
        return None
    for number, found in enumerate(facts.x):
        if not found.is_number or (found.is_rows_of or 0) < 2 or found.rows != len(target) or found.columns is None:
            continue
        column = facts.answer("the target", [found, facts.y], partial(_leak, found, target, labels is not None))
        if column is not None:
            fix = drop_columns(facts, number, [column])
            message = f"{found.column_title(column)} of {found.name} is the target itself, or tells it in every row"
            return Finding("K170", "warning", message, (fix,) if fix else ())
    return None


def _leak(found: ArrayFacts, target: Array, are_labels: bool) -> int | None:
    assert found.array is not None and found.columns is not None
    step = max(1, len(target) // _SAMPLE)
    rows, seen = found.array[::step], target[::step]
    classes = distinct(seen)
    for column in range(min(found.array.shape[1], _MOST_COLUMNS)):
        if found.columns.low[column] == found.columns.high[column]:
            continue
        if np.array_equal(rows[:, column], seen) and np.array_equal(found.array[:, column], target):
            return column
        may_be_renamed = are_labels and 1 < len(classes) <= _MOST_CLASSES
        if may_be_renamed and all(_is_renamed(part[:, column], t) for part, t in ((rows, seen), (found.array, target))):
            return column
    return None


def _is_renamed(column: Array, target: Array) -> bool:
    """Whether each class goes with one number of its own."""
    classes = len(distinct(target))
    if len(distinct(column)) != classes:
        return False
    return len(np.unique(np.stack([column.astype("float64"), target.astype("float64")]), axis=1).T) == classes


# ---- columns that say nothing ----


@rule("K172", "columns that never change", once=True, of_all=True)
def constant_columns(facts: Facts) -> Finding | None:
    """Columns of a table that are the same in every row."""
    for number, found in enumerate(facts.x):
        if not found.is_number or (found.is_rows_of or 0) < 2 or found.columns is None or found.rows < 2:
            continue
        constant = np.flatnonzero(found.columns.low == found.columns.high).tolist()
        if not constant or len(constant) == found.shape[1] or found.bad is not None or _may_be_padding(facts, number):
            continue
        fix = drop_columns(facts, number, constant, "Drop what never changes", _computed(facts, constant))
        return Finding("K172", "hint", _about_constant(found, constant), (fix,) if fix else ())
    return None


def _may_be_padding(facts: Facts, number: int) -> bool:
    """Whether columns are places in sequences, of which the last are filled up in all of few rows."""
    if any(type(layer).__name__ in _OF_SEQUENCES for layer in facts.first_layers(number) or ()):
        return True
    steps = facts.model.preparation.steps
    return any(isinstance(step, preparation.PadRows) and step.input == number for step in steps)


def _computed(facts: Facts, constant: list[int]) -> str:
    """An expression for so many columns that nobody reads their numbers; '' where `x` is not what the model gets."""
    if len(constant) <= _LISTED or len(facts.x) > 1 or facts.model.preparation or facts.case.x is None:
        return ""
    x = "x" if isinstance(facts.case.x, np.ndarray) else "numpy.asarray(x)"
    return f"numpy.flatnonzero(({x} == {x}[0]).all(0)).tolist()"


def _about_constant(found: ArrayFacts, constant: list[int]) -> str:
    assert found.columns is not None
    if len(constant) == 1:
        return f"{found.column_title(constant[0])} of {found.name} is always {found.columns.low[constant[0]]:g}"
    names = ", ".join(found.column_title(column).removeprefix("column ") for column in constant[:4])
    more = ", …" if len(constant) > 4 else ""
    return f"{len(constant)} columns of {found.name} never change: {names}{more}"


@rule("K204", "features that are the same in every row", once=True, of_all=True)
def same_features(facts: Facts) -> Finding | None:
    """Inputs that tell no row from another."""
    for found in facts.x:
        if not found.is_number or found.array is None or found.rows < _ENOUGH or found.low is None:
            return None
        if not np.array_equal(found.array[1], found.array[0]) or not (found.sample == found.sample[:1]).all():
            return None
    if not facts.x:
        return None
    first = facts.x[0]
    names = " and ".join(found.name for found in facts.x)
    what = "all zeros" if all((found.low, found.high) == (0, 0) for found in facts.x) else "the same"
    seen = f"{names} is all zeros" if what == "all zeros" else f"{names} is the same in all {first.rows} rows"
    return Finding("K204", "error", f"{seen}: nothing can be learnt from it")


@rule("K201", "a column of row numbers", of_all=True)
def row_numbers(facts: Facts) -> Finding | None:
    """A column that counts the rows: it tells each apart, and says nothing of those to come."""
    for number, found in enumerate(facts.x if facts.output == 0 else []):
        if not found.is_number or (found.is_rows_of or 0) < 2 or found.rows < _ENOUGH or found.columns is None:
            continue
        spans = found.columns.high - found.columns.low == found.rows - 1
        for column in np.flatnonzero(spans).tolist():
            assert found.array is not None
            if np.array_equal(found.array[:, column], found.columns.low[column] + np.arange(found.rows)):
                fix = drop_columns(facts, number, [column])
                message = (
                    f"{found.column_title(column)} of {found.name} numbers the rows from "
                    f"{found.columns.low[column]:.0f} to {found.columns.high[column]:.0f}"
                )
                severity = "warning" if _is_no_time(facts, found, column) else "hint"
                return Finding("K201", severity, message, (fix,) if fix else ())
    return None


def _is_no_time(facts: Facts, found: ArrayFacts, column: int) -> bool:
    """Whether the numbers are hardly a time that a trend depends on: by their name, or where classes are learnt."""
    name = found.column_names[column].lower() if found.column_names else ""
    return name in _NAMES_OF_NUMBERS or name.endswith("_id") or labels_of(facts.y) is not None
