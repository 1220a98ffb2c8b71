"""Fixes of the data: a step that stays with the model, or the same done to the user's arrays by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kmagic.models import preparation
from kmagic.models.diagnosis.case import Case
from kmagic.models.diagnosis.facts import ArrayFacts, Facts
from kmagic.models.diagnosis.finding import Fix
from kmagic.models.preparation import Step


def prepare(facts: Facts, label: str, step: Step, code: str) -> Fix:
    """A step between the user's data and the model; `code` does the same by hand."""

    def change(case: Case) -> Case:
        case.model.preparation = case.model.preparation.added(step)
        return case

    return Fix(label, code, change, facts.case)


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
    code = f"{name} = numpy.eye({units}, dtype='float32')[numpy.ravel({name})]"
    return prepare(facts, "One-hot the labels", preparation.OneHot(units, facts.output), code)


def class_numbers(facts: Facts) -> Fix:
    """Class numbers in place of one-hot rows."""
    name = target_name(facts)
    step = preparation.ClassNumbers(facts.output)
    return prepare(facts, "Take the class numbers", step, f"{name} = numpy.argmax({name}, -1)")


def scale_targets(facts: Facts, offset: float, scale: float) -> Fix:
    """Targets in a range that the output reaches; `predict` gives the user's units back."""
    name = target_name(facts)
    step = preparation.ScaleTargets(offset, scale, facts.output)
    return prepare(facts, "Scale the targets", step, f"{name} = (numpy.asarray({name}) - {offset!r}) / {scale!r}")


def drop_missing(facts: Facts, found: ArrayFacts) -> Fix:
    """No rows with NaN or infinity."""
    name = found.name
    code = f"keep = numpy.isfinite({name}).reshape(len({name}), -1).all(1); x, y = x[keep], y[keep]"
    return prepare(facts, "Drop such rows", preparation.DropMissing(), code)


def fill_missing(facts: Facts, found: ArrayFacts, place: int, values: Sequence[float]) -> Fix:
    """The mean of each column in place of NaN and infinity."""
    name = found.name
    code = f"{name} = numpy.where(numpy.isfinite({name}), {name}, {[float(v) for v in values]!r})"
    step = preparation.FillMissing([float(v) for v in values], place)
    return prepare(facts, "Fill in the mean of the column", step, code)


def shuffle_rows(facts: Facts) -> Fix:
    """Rows in random order, before a part of them is held out."""
    code = "order = numpy.random.default_rng(0).permutation(len(x)); x, y = x[order], y[order]"
    return prepare(facts, "Shuffle before the split", preparation.ShuffleRows(), code)


def take_rows(facts: Facts, rows: int) -> Fix:
    """As many rows as the shortest array has."""
    return prepare(facts, f"Take the first {rows} rows", preparation.TakeRows(), f"x, y = x[:{rows}], y[:{rows}]")


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
