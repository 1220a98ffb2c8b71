"""Whether targets and features suit the loss and the output."""

from __future__ import annotations

from kmagic.models.diagnosis.facts import Facts
from kmagic.models.diagnosis.finding import Finding, Fix, rule
from kmagic.models.diagnosis.fixes.data import class_numbers, drop_missing, map_labels
from kmagic.models.diagnosis.fixes.layers import use_head
from kmagic.models.diagnosis.fixes.recipe import remake_loss, use_loss

_MANY_CLASSES = 1000  # whole numbers up to here are taken for classes, larger ones for quantities


@rule("K101", "class numbers for a one-hot loss", always=True)
def class_numbers_for_one_hot(facts: Facts) -> Finding | None:
    """Class numbers with a loss that wants one-hot rows."""
    if not facts.loss_has("one-hot labels") or facts.y is None or facts.y.column is None or (facts.units or 1) == 1:
        return None
    return Finding(
        "K101",
        "error",
        f"targets are class numbers, the loss wants one-hot rows of {facts.units}",
        (use_loss(facts, "sparse_categorical_crossentropy"),),
        is_meaningless=True,
    )


@rule("K102", "one-hot rows for a loss of class numbers", always=True)
def one_hot_for_class_numbers(facts: Facts) -> Finding | None:
    """One-hot rows with a loss that wants class numbers."""
    if facts.y is None or not facts.loss_has("classes", "integer labels"):
        return None
    shape = facts.y.shape
    if facts.units is None or len(shape) != 2 or shape[-1] != facts.units or facts.units == 1:
        return None
    return Finding(
        "K102",
        "error",
        f"targets are rows of {shape[-1]}, the loss wants class numbers",
        (use_loss(facts, "categorical_crossentropy"), class_numbers(facts)),
        is_meaningless=True,
    )


@rule("K112", "labels outside 0 … 1 for a binary loss", always=True)
def labels_outside_binary(facts: Facts) -> Finding | None:
    """Targets of a binary crossentropy that are no probabilities."""
    if facts.y is None or not facts.loss_has("binary", "probabilities"):
        return None
    low, high = facts.y.low, facts.y.high
    if low is None or high is None or (low >= 0 and high <= 1):
        return None
    message = f"targets are {low:g} … {high:g}, binary crossentropy needs 0 … 1"
    return Finding("K112", "error", message, _suited_to(facts, low, high), is_meaningless=True)


def _suited_to(facts: Facts, low: float, high: float) -> tuple[Fix, ...]:
    """What targets in this range are usually meant for."""
    assert facts.y is not None
    if facts.y.values is not None and len(facts.y.values) == 2:
        return (map_labels(facts, list(facts.y.values)),)
    if facts.y.is_whole and low >= 0 and high < _MANY_CLASSES:
        head = use_head(facts, units=int(high) + 1, activation="softmax", label="One output a class")
        return (_with_loss(head, "sparse_categorical_crossentropy"),) if head else ()
    return (use_loss(facts, "mse"),)


def _with_loss(fix: Fix, loss: str) -> Fix:
    """A change of the model together with another loss."""
    code = f"{fix.code}; {fix.case.with_recipe(loss=loss).recipe.python('model')}"
    return Fix(fix.label, code, lambda case: fix.change(case).with_recipe(loss=loss), fix.case)


@rule("K114", "class numbers without a unit", always=True)
def label_out_of_range(facts: Facts) -> Finding | None:
    """Class numbers that the output has no unit for."""
    if not facts.loss_has("classes", "integer labels") or facts.y is None or facts.y.column is None:
        return None
    if not facts.units or facts.y.low is None:
        return None
    ignored = getattr(facts.loss, "ignore_class", None)
    counted = facts.y.column if ignored is None else facts.y.column[facts.y.column != ignored]
    if not counted.size or facts.y.bad:
        return None
    low, high = float(counted.min()), float(counted.max())
    if low >= 0 and high < facts.units:
        return None
    wrong = int(((counted < 0) | (counted >= facts.units)).sum())
    seen = f"targets are {low:g} … {high:g} ({wrong} of {counted.size} outside)"
    message = f"{seen}, the output has {facts.units} units: 0 … {facts.units - 1}"
    return Finding("K114", "error", message, _in_range(facts, low, high), is_meaningless=True)


def _in_range(facts: Facts, low: float, high: float) -> tuple[Fix, ...]:
    if low < 0:
        return (remake_loss(facts, ignore_class=int(low)),)
    more = use_head(facts, units=int(high) + 1)
    mapped = map_labels(facts, [*range(1, int(high) + 1)]) if (low, high) == (1, facts.units) else None
    return tuple(fix for fix in (mapped, more) if fix is not None)


@rule("K117", "fractions for class numbers", always=True)
def fractions_for_classes(facts: Facts) -> Finding | None:
    """Fractions where class numbers are wanted."""
    if not facts.loss_has("integer labels") or facts.y is None or facts.y.column is None or facts.y.is_whole:
        return None
    if facts.y.bad or not facts.y.is_number:
        return None
    return Finding(
        "K117",
        "error",
        "targets have fractions, the loss wants class numbers",
        (use_loss(facts, "mse"),),
        is_meaningless=True,
    )


@rule("K120", "one target for many outputs", always=True)
def one_target_for_many_outputs(facts: Facts) -> Finding | None:
    """One column of numbers for several outputs: all would learn the same."""
    if not facts.loss_has("regression") or facts.y is None or facts.y.column is None:
        return None
    if not facts.units or facts.units == 1 or len(facts.y.shape) != 2:
        return None
    head = use_head(facts, units=1)
    return Finding(
        "K120",
        "error",
        f"1 target column, {facts.units} outputs",
        (head,) if head else (),
        is_meaningless=True,
    )


@rule("K122", "NaN or infinity in the data", always=True)
def not_finite(facts: Facts) -> Finding | None:
    """NaN or infinity in features or targets."""
    for found in (*facts.x, facts.y):
        if found is not None and found.is_number and found.bad is not None and found.array is not None:
            value = found.array[found.bad]
            where = f"row {found.bad[0]}" + (f", column {found.bad[1]}" if len(found.bad) > 1 else "")
            return Finding(
                "K122",
                "error",
                f"{found.name} holds {value} ({where})",
                (drop_missing(facts, found),),
                is_meaningless=True,
            )
    return None
