"""Fixes of the data: a step that stays with the model, or the same done to the user's arrays by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from kmagic.models import preparation
from kmagic.models.diagnosis.case import Case
from kmagic.models.diagnosis.facts import ArrayFacts, Facts
from kmagic.models.diagnosis.finding import Fix
from kmagic.models.diagnosis.fixes.layers import set_input
from kmagic.models.preparation import Step


def prepare(facts: Facts, label: str, step: Step, code: str) -> Fix:
    """A step between the user's data and the model; `code` does the same by hand."""

    def change(case: Case) -> Case:
        case.model.preparation = case.model.preparation.added(step)
        return case

    return Fix(label, code, change, facts.case)


def attach(facts: Facts, label: str, *steps: Step, by_hand: str = "") -> Fix:
    """Steps between the user's data and the model; `by_hand` does the same where x and y are arrays."""

    def change(case: Case) -> Case:
        for step in steps:
            case.model.preparation = case.model.preparation.added(step)
        return case

    are_arrays = all(isinstance(data, np.ndarray) for data in (facts.case.x, facts.case.y))
    return Fix(label, by_hand if by_hand and are_arrays else added(*steps), change, facts.case)


def added(*steps: Step) -> str:
    """The Python that attaches steps to the model."""
    return "; ".join(
        f"model.preparation = model.preparation.added(kmagic.models.preparation.{step!r})" for step in steps
    )


def also(fix: Fix, other: Fix, label: str = "") -> Fix:
    """Two changes as one fix."""
    return Fix(label or fix.label, f"{fix.code}; {other.code}", lambda case: other.change(fix.change(case)), fix.case)


def give(facts: Facts, label: str, code: str, change: Callable[[Case], Case]) -> Fix:
    """Other arrays in place of the user's own."""
    return Fix(label, code, change, facts.case)


def drop_columns(facts: Facts, number: int, columns: Sequence[int], label: str = "", computed: str = "") -> Fix | None:
    """A table without some columns, and a model that takes one; None where the model's input cannot be changed.

    `computed` is Python that gives the columns, where they are too many to be listed.
    """
    found = facts.x[number]
    names = ", ".join(found.column_title(column) for column in columns[:3])
    narrower = set_input(facts, (found.shape[-1] - len(columns),), number)
    if narrower is None or len(columns) >= found.shape[-1]:
        return None
    step = preparation.DropColumns([int(column) for column in columns], number)
    hand = f"x = numpy.delete(x, {step.columns!r}, 1)"
    fix = attach(facts, label or f"Drop {names}", step, by_hand=hand)
    if computed:
        fix = replace(fix, code=fix.code.replace(repr(step.columns), computed))
    return also(fix, narrower)


def target_name(facts: Facts) -> str:
    """The target of this output as the user's code names it."""
    return facts.y.name if facts.y is not None else "y"


def map_labels(facts: Facts, labels: Sequence[Any], label: str = "", threshold: float = 0.5) -> Fix:
    """Labels as numbers 0, 1, … in this order; `predict` gives the labels back."""
    name = target_name(facts)
    code = f"{name} = {_numbered(name, labels)}"
    step = preparation.MapLabels(list(labels), facts.output, threshold)
    return prepare(facts, label or f"Map {_listed(labels)} to 0 … {len(labels) - 1}", step, code)


def one_hot(facts: Facts, units: int) -> Fix:
    """One-hot rows in place of class numbers."""
    name = target_name(facts)
    is_column = facts.y is not None and facts.output_shape is not None and len(facts.y.shape) == len(facts.output_shape)
    numbers = f"numpy.asarray({name}){'[..., 0]' if is_column else ''}.astype(int)"
    code = f"{name} = numpy.eye({units}, dtype='float32')[{numbers}]"
    return prepare(facts, "One-hot the labels", preparation.OneHot(units, facts.output), code)


def class_numbers(facts: Facts) -> Fix:
    """Class numbers in place of one-hot rows."""
    name = target_name(facts)
    step = preparation.ClassNumbers(facts.output)
    return prepare(facts, "Take the class numbers", step, f"{name} = numpy.argmax({name}, -1)")


def scale_targets(facts: Facts, offset: float, scale: float, label: str = "Scale the targets") -> Fix:
    """Targets in a range that the output reaches; `predict` gives the user's units back."""
    name, moved = target_name(facts), f"numpy.asarray({target_name(facts)})"
    if offset:
        moved = f"({moved} {'-' if offset > 0 else '+'} {abs(offset)!r})"
    step = preparation.ScaleTargets(offset, scale, facts.output)
    return prepare(facts, label, step, f"{name} = {moved} / {scale!r}")


def drop_missing(facts: Facts, found: ArrayFacts) -> Fix:
    """No rows with NaN or infinity."""
    name = found.name
    keep = f"keep = numpy.isfinite({name}).reshape(len({name}), -1).all(1)"
    hand = f"{keep}; x, y = x[keep], y[keep]" if name in ("x", "y") else ""
    return attach(facts, "Drop such rows", preparation.DropMissing(), by_hand=hand)


def fill_missing(facts: Facts, found: ArrayFacts, place: int, values: Sequence[float]) -> Fix:
    """The mean of each column in place of NaN and infinity."""
    name = found.name
    step = preparation.FillMissing([float(f"{value:.7g}") for value in values], place)
    # short where NumPy's own mean leaves out all that is missing
    means = "numpy.nanmean(x, axis=0)" if _has_gaps_alone(found) else repr(step.values)
    hand = f"x = numpy.where(numpy.isfinite(x), x, {means})" if name == "x" else ""
    return attach(facts, "Fill in the mean of the column", step, by_hand=hand)


def _has_gaps_alone(found: ArrayFacts) -> bool:
    """Whether no number is infinite, and no column without any number."""
    if found.array is None or found.columns is None or not np.isfinite(found.columns.mean).all():
        return False
    return not np.isinf(found.array).any()


def shuffle_rows(facts: Facts) -> Fix:
    """Rows in random order, before a part of them is held out."""
    hand = "order = numpy.random.default_rng(0).permutation(len(x)); x, y = x[order], y[order]"
    return attach(facts, "Shuffle before the split", preparation.ShuffleRows(), by_hand=hand)


def take_rows(facts: Facts, rows: int) -> Fix:
    """As many rows as the shortest array has."""
    hand = f"x, y = x[:{rows}], y[:{rows}]"
    return attach(facts, f"Take the first {rows} rows", preparation.TakeRows(), by_hand=hand)


def _numbered(name: str, labels: Sequence[Any]) -> str:
    """The expression that gives 0, 1, … for labels."""
    if all(type(label) in (int, float) for label in labels):
        if list(labels) == [-1, 1]:
            return f"({name} + 1) / 2"
        if list(labels) == [labels[0] + number for number in range(len(labels))]:
            return f"{name} - {labels[0]!r}"
    return f"numpy.vectorize({list(labels)!r}.index, otypes=['int64'])({name})"


def _listed(labels: Sequence[Any]) -> str:
    shown = ", ".join(str(label) for label in labels[:4])
    return f"{shown}, …" if len(labels) > 4 else shown


def drop_label(facts: Facts, label: int) -> Fix:
    """No rows with this label, of a model with one output."""
    code = f"keep = numpy.ravel(y) != {label}; x, y = x[keep], y[keep]"
    return prepare(facts, f"Drop rows with label {label}", preparation.DropLabel(label, facts.output), code)


def as_column(facts: Facts) -> Fix:
    """Targets of one number a row as a column."""
    name = target_name(facts)
    code = f"{name} = numpy.reshape({name}, (-1, 1))"
    return prepare(facts, "Make the targets a column", preparation.Column(facts.output), code)


def split_columns(facts: Facts, widths: Sequence[int]) -> Fix:
    """A target for each output out of the columns of one array."""
    edges = [sum(widths[:number]) for number in range(1, len(widths))]
    code = f"y = numpy.split(y, {edges}, axis=1)"
    return prepare(facts, "Split the columns among the outputs", preparation.SplitColumns(widths), code)


def share_rows(facts: Facts) -> Fix:
    """Rows of targets divided by their sum."""
    name = target_name(facts)
    code = f"{name} = {name} / numpy.sum({name}, axis=-1, keepdims=True)"
    return prepare(facts, "Divide each row by its sum", preparation.Shares(facts.output), code)
