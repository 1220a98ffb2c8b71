"""Whether targets are labels as the loss wants them, and the output has a unit for each."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmagic.models.diagnosis.facts import Facts
from kmagic.models.diagnosis.facts.targets import (
    MANY_CLASSES,
    classes,
    columns,
    extent,
    fits_units,
    is_a_number_each,
    is_a_row_each,
    labels,
    number,
    values_of,
)
from kmagic.models.diagnosis.finding import Finding, Fix, rule
from kmagic.models.diagnosis.fixes.data import class_numbers, drop_label, map_labels, one_hot, scale_targets
from kmagic.models.diagnosis.fixes.layers import use_head
from kmagic.models.diagnosis.fixes.recipe import remake_loss, use_loss
from kmagic.models.diagnosis.fixes.tasks import (
    ONE_HOT,
    SPARSE,
    as_classes,
    as_quantities,
    as_rows,
    as_two_classes,
    named,
    together,
    ways,
)

# ---- class numbers and one-hot rows ----


@rule("K101", "class numbers for a loss of one-hot rows", always=True)
def class_numbers_for_one_hot(facts: Facts) -> Finding | None:
    """Class numbers with a loss that wants one-hot rows."""
    if not facts.loss_has("one-hot labels") or (facts.units or 1) == 1 or not is_a_number_each(facts):
        return None
    assert facts.y is not None and facts.units is not None
    kind = "class numbers" if facts.y.is_whole else "numbers"
    message = (
        f"targets are {kind} {extent(facts)} of shape {facts.y.shape}, "
        f"{facts.loss_name} wants one-hot rows of {facts.units}"
    )
    return Finding("K101", "error", message, _one_hot_fixes(facts), is_meaningless=True)


def _one_hot_fixes(facts: Facts) -> tuple[Fix, ...]:
    assert facts.y is not None and facts.units is not None
    if facts.y.low is None or facts.y.high is None:  # not one finite number
        return ()
    found = classes(facts)
    if not facts.y.is_whole and found is None:
        return ways(as_quantities(facts))
    if facts.y.low < 0 or facts.y.high >= facts.units or not facts.y.is_whole:
        return ways(as_classes(facts, found)) if found else ()
    sparse = use_loss(facts, named(SPARSE, facts))
    rows = one_hot(facts, facts.units)
    if not facts.loss_has("probabilities"):
        return (rows,)
    return (
        (rows, sparse)
        if getattr(facts.loss, "label_smoothing", 0)
        else (
            sparse,
            rows,
        )
    )


@rule("K102", "one-hot rows for a loss of class numbers", always=True)
def one_hot_for_class_numbers(facts: Facts) -> Finding | None:
    """One-hot rows with a loss that wants class numbers."""
    if not facts.loss_has("classes", "integer labels") or not is_a_row_each(facts):
        return None
    assert facts.y is not None
    if facts.units != facts.y.shape[-1]:
        return None
    kind = "one-hot rows" if facts.y.is_one_hot else f"rows of {facts.units}"
    loss, numbers = use_loss(facts, named(ONE_HOT, facts)), class_numbers(facts)
    message = f"targets are {kind} (shape {facts.y.shape}), {facts.loss_name} wants class numbers"
    fixes = (loss, numbers) if facts.y.is_one_hot else ways(as_rows(facts))
    return Finding("K102", "error", message, fixes, is_meaningless=True)


@rule("K169", "rows of another width than the output", always=True)
def another_width(facts: Facts) -> Finding | None:
    """As many columns of targets as units are compared with each other; another number of them is a mistake."""
    if facts.loss_entry is None or facts.loss_has("embeddings") or facts.loss_has("sequences"):
        return None
    if not is_a_row_each(facts) or not facts.units:
        return None
    assert facts.y is not None
    if columns(facts) == facts.units:
        return None
    kind = "one-hot rows" if facts.y.is_one_hot else "rows"
    plural = "s" if facts.units > 1 else ""
    message = (
        f"targets are {kind} of {columns(facts)} (shape {facts.y.shape}), the output has {facts.units} unit{plural}"
    )
    return Finding("K169", "error", message, _fitted(facts), is_meaningless=True)


def _fitted(facts: Facts) -> tuple[Fix, ...]:
    """As many units as columns, and another loss where this one does not take such rows."""
    assert facts.y is not None
    takes_rows = not facts.y.is_one_hot or facts.loss_has("one-hot labels") or facts.loss_has("regression")
    suits_head = facts.gives_probabilities or facts.from_logits or not facts.loss_has("probabilities")
    if takes_rows and suits_head and not facts.loss_has("integer labels"):
        return ways(use_head(facts, columns(facts), label=f"Give the output {columns(facts)} units"))
    is_binary = columns(facts) == 2 and facts.units == 1 and facts.loss_has("binary")
    return ways(class_numbers(facts) if is_binary else None, as_rows(facts))


# ---- labels of a binary loss ----


@rule("K112", "targets outside 0 … 1 of a binary loss", always=True)
def outside_binary(facts: Facts) -> Finding | None:
    """Targets of a binary loss that are no probabilities."""
    if not _is_outside_binary(facts) or _are_signs(facts):
        return None
    found = labels(facts)
    counted = f" ({len(found)} values)" if found and len(found) > 1 else ""
    message = f"targets are {extent(facts)}{counted}, {facts.loss_name} needs 0 … 1"
    return Finding("K112", "error", message, _suited_to(facts), is_meaningless=True)


@rule("K116", "signs for a binary loss", always=True)
def signs_for_binary(facts: Facts) -> Finding | None:
    """Targets -1 and 1 with a loss that wants 0 and 1."""
    if not _is_outside_binary(facts) or not _are_signs(facts):
        return None
    message = f"targets are -1 and 1, {facts.loss_name} needs 0 and 1"
    limited = use_head(facts, activation="tanh") if fits_units(facts) else None
    margin = together("Use hinge, with tanh", limited, use_loss(facts, "hinge")) if limited else None
    return Finding("K116", "error", message, ways(_mapped(facts, [-1, 1]), margin), is_meaningless=True)


def _is_outside_binary(facts: Facts) -> bool:
    if facts.y is None or facts.y.low is None or facts.y.bad or not facts.loss_has("binary", "probabilities"):
        return False
    return facts.y.low < 0 or (facts.y.high or 0) > 1


def _are_signs(facts: Facts) -> bool:
    return facts.y is not None and (facts.y.low, facts.y.high) == (-1, 1) and labels(facts) == [-1, 1]


def _mapped(facts: Facts, found: list[Any]) -> Fix:
    return map_labels(facts, found, threshold=0.0 if facts.from_logits else 0.5)


def _suited_to(facts: Facts) -> tuple[Fix, ...]:
    """What targets in this range are usually meant for."""
    assert facts.y is not None and facts.y.high is not None and facts.y.low is not None
    found = labels(facts)
    if found is not None and len(found) == 2:
        return (_mapped(facts, found),)
    few = classes(facts)
    if few and facts.y.is_whole and is_a_number_each(facts):
        return ways(as_classes(facts, few))
    if facts.y.dtype == "uint8":
        return (scale_targets(facts, 0.0, 255.0),)
    return ways(as_quantities(facts, columns(facts)))


@rule("K189", "targets of a hinge that are no signs")
def no_signs(facts: Facts) -> Finding | None:
    """A margin between two classes takes targets -1 and 1."""
    if facts.y is None or not facts.loss_has("binary", "margin") or not fits_units(facts):
        return None
    found = labels(facts)
    if found is not None and (set(found) <= {-1, 1} or set(found) <= {0, 1}):
        return None
    counted = f" ({len(found)} values)" if found and len(found) > 1 else ""
    message = f"targets are {extent(facts)}{counted}, {facts.loss_name} is made for -1 and 1"
    return Finding("K189", "warning", message, _for_a_margin(facts, found))


def _for_a_margin(facts: Facts, found: list[Any] | None) -> tuple[Fix, ...]:
    if found is not None and len(found) == 2:
        low, high = float(found[0]), float(found[1])
        return (scale_targets(facts, (low + high) / 2, (high - low) / 2, f"Map {found[0]}, {found[1]} to -1, 1"),)
    few = classes(facts)
    if few and is_a_number_each(facts) and all(label == int(label) for label in few):
        return ways(as_classes(facts, few))
    return ways(as_quantities(facts, columns(facts)))


@rule("K185", "one label for several units of a binary loss", always=True)
def one_label_for_several_units(facts: Facts) -> Finding | None:
    """A binary loss wants a label for each unit."""
    if not facts.loss_has("binary", "probabilities") or facts.loss_has("overlap") or (facts.units or 1) < 2:
        return None
    if not is_a_number_each(facts):
        return None
    assert facts.y is not None and facts.units is not None
    found = classes(facts)
    message = (
        f"targets are one label each (shape {facts.y.shape}), the output has {facts.units} units, "
        f"and {facts.loss_name} wants a label for each"
    )
    is_binary = found is not None and len(found) <= 2
    exclusive = as_classes(facts, found) if found else None
    one = as_two_classes(facts, found) if is_binary and found else None
    return Finding("K185", "error", message, ways(one, exclusive), is_meaningless=True)


# ---- class numbers and units ----


@rule("K114", "class numbers without a unit", always=True)
def class_without_unit(facts: Facts) -> Finding | None:
    """Class numbers that the output has no unit for."""
    counted = _counted(facts)
    if counted is None or not facts.units or counted.min() < 0 or counted.max() < facts.units:
        return None
    wrong = int((counted >= facts.units).sum())
    message = (
        f"targets are {number(counted.min())} … {number(counted.max())}, the output has {facts.units} units: "
        f"0 … {facts.units - 1} ({wrong} of {counted.size} targets have none)"
    )
    return Finding("K114", "error", message, _in_range(facts, counted), is_meaningless=True)


def _counted(facts: Facts) -> Any:
    """Class numbers that count, None where targets are none or every one of them has its unit."""
    if not facts.loss_has("classes", "integer labels") or not is_a_number_each(facts) or (facts.units or 1) == 1:
        return None
    assert facts.y is not None
    if facts.y.bad or not facts.y.is_whole:
        return None
    ignored = getattr(facts.loss, "ignore_class", None)
    values = values_of(facts)
    if facts.y.low is not None and facts.y.high is not None and facts.y.low >= 0 and facts.y.high < (facts.units or 0):
        return None  # all of them have a unit; large arrays are not looked at again
    counted = values if ignored is None else values[values != ignored]
    return counted if counted.size else None


def _in_range(facts: Facts, counted: Any) -> tuple[Fix, ...]:
    ignored = getattr(facts.loss, "ignore_class", None)
    found = [label for label in labels(facts) or [] if label != ignored]
    highest = int(counted.max())
    head = use_head(facts, highest + 1, label=f"Give the output {highest + 1} units")
    if ignored is not None or not found or len(found) > MANY_CLASSES:
        return ways(head)
    if len(found) <= (facts.units or 0):
        mapped = map_labels(facts, found)
        return ways(mapped, head if highest < 2 * len(found) else None)
    return ways(head if highest < 2 * len(found) else as_classes(facts, found))


@rule("K115", "negative class numbers", always=True)
def negative_class(facts: Facts) -> Finding | None:
    """A negative class number, as a mark of missing labels."""
    counted = _counted(facts)
    if counted is None or counted.min() >= 0:
        return None
    negative = counted[counted < 0]
    low = int(negative.min())
    message = f"label {low} in {negative.size} of {counted.size} targets, classes are counted from 0"
    return Finding("K115", "error", message, _without(facts, sorted({int(v) for v in np.unique(negative)})), True)


def _without(facts: Facts, negative: list[int]) -> tuple[Fix, ...]:
    assert facts.y is not None
    if len(negative) > 1:
        return ways(as_classes(facts, classes(facts) or []) if classes(facts) else None)
    takes = getattr(facts.loss, "ignore_class", 0) is None
    ignored = remake_loss(facts, ignore_class=negative[0]) if takes else None
    dropped = drop_label(facts, negative[0]) if facts.y.column is not None and facts.outputs == 1 else None
    return ways(ignored, dropped)


@rule("K117", "fractions for class numbers", always=True)
def fractions_for_classes(facts: Facts) -> Finding | None:
    """Fractions where class numbers are wanted; they would be cut off."""
    if not facts.loss_has("classes", "integer labels") or not is_a_number_each(facts):
        return None
    assert facts.y is not None
    if facts.y.bad or facts.y.is_whole:
        return None
    sample = facts.y.sample
    first = float(np.abs(sample[sample != np.floor(sample)]).min()) if np.any(sample != np.floor(sample)) else 0.0
    message = f"targets have fractions (such as {number(first)}), {facts.loss_name} wants class numbers"
    found = classes(facts)
    numbered = as_classes(facts, found) if found and len(found) <= MANY_CLASSES else None
    return Finding("K117", "error", message, ways(numbered, as_quantities(facts)), is_meaningless=True)


@rule("K156", "units that no label has", of_all=True)
def units_without_label(facts: Facts) -> Finding | None:
    """More units than classes: the others can never be right."""
    used = _used(facts)
    if used is None or facts.y is None or not facts.units:
        return None
    spare = facts.units - used
    if spare <= used or facts.y.rows < 10 * used:
        return None
    message = f"the output has {facts.units} units, targets hold {used} classes: {spare} units can never be right"
    return Finding("K156", "warning", message, _narrowed(facts, used))


def _used(facts: Facts) -> int | None:
    """How many classes there are where they are numbered without gaps, or fill the first columns of one-hot rows."""
    assert facts.units is None or facts.units >= 0
    if facts.y is None or len(facts.y.shape) > 2 or not facts.loss_has("classes"):
        return None
    if facts.loss_has("one-hot labels") and facts.y.is_one_hot and facts.y.columns is not None:
        there = np.flatnonzero(facts.y.columns.high > 0)
        return len(there) if facts.y.shape[-1] == facts.units and there.tolist() == list(range(len(there))) else None
    if not facts.loss_has("integer labels") or not is_a_number_each(facts) or len(facts.y.shape) > 2:
        return None
    found = labels(facts)
    return len(found) if found is not None and found == list(range(len(found))) else None


def _narrowed(facts: Facts, used: int) -> tuple[Fix, ...]:
    assert facts.y is not None
    if facts.loss_has("integer labels"):
        return ways(use_head(facts, used, label=f"Give the output {used} units"))
    exclusive = as_classes(facts, list(range(used)))
    if exclusive is None:
        return ()
    return (together(f"{used} units, and class numbers for one-hot rows", class_numbers(facts), exclusive),)


# ---- numbers ----


@rule("K120", "one column of numbers for several outputs", always=True)
def one_column_for_several(facts: Facts) -> Finding | None:
    """One column of numbers for several outputs: all would learn the same."""
    return _one_for_several(facts, "K120", has_column=True)


@rule("K121", "one number a row for several outputs", always=True)
def one_number_for_several(facts: Facts) -> Finding | None:
    """One number a row for several outputs, which would meet where the batch is as large as they are many."""
    return _one_for_several(facts, "K121", has_column=False)


def _one_for_several(facts: Facts, code: str, has_column: bool) -> Finding | None:
    if not (facts.loss_has("regression") or facts.loss_has("margin") or facts.loss_has("distributions")):
        return None
    if facts.loss_has("one-hot labels") or (facts.units or 1) == 1 or not is_a_number_each(facts):
        return None
    assert facts.y is not None and facts.units is not None
    if (len(facts.y.shape) == len(facts.output_shape)) != has_column:
        return None
    message = f"targets are one number each (shape {facts.y.shape}), the output has {facts.units} units"
    found = classes(facts)
    is_class = found is not None and facts.gives_probabilities and facts.y.is_whole
    exclusive = as_classes(facts, found) if is_class and found else None
    one = use_head(facts, 1, label="Give the output 1 unit") if facts.activation != "softmax" else as_quantities(facts)
    return Finding(code, "error", message, ways(exclusive, one), is_meaningless=True)
