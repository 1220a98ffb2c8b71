"""Whether targets and features suit the loss and the output."""

from __future__ import annotations

import numpy as np

from kmagic.base.trees import leaves
from kmagic.models.diagnosis.facts import Facts, first_bad
from kmagic.models.diagnosis.finding import Finding, Fix, rule

_MANY_CLASSES = 1000  # whole numbers up to here are taken for classes, larger ones for quantities


@rule("K101")
def class_numbers_for_one_hot(facts: Facts) -> Finding | None:
    """Class numbers with a loss that wants one-hot rows."""
    if not facts.loss_has("one-hot labels") or facts.labels is None or (facts.units or 1) == 1:
        return None
    return Finding(
        "K101",
        "error",
        f"targets are class numbers, the loss wants one-hot rows of {facts.units}",
        (Fix("Use sparse_categorical_crossentropy", "loss='sparse_categorical_crossentropy'"),),
        is_data=True,
    )


@rule("K102")
def one_hot_for_class_numbers(facts: Facts) -> Finding | None:
    """One-hot rows with a loss that wants class numbers."""
    if facts.y is None or not facts.loss_has("classes", "integer labels"):
        return None
    shape = np.shape(facts.y)
    if facts.units is None or len(shape) != 2 or shape[-1] != facts.units or facts.units == 1:
        return None
    return Finding(
        "K102",
        "error",
        f"targets are rows of {shape[-1]}, the loss wants class numbers",
        (Fix("Use categorical_crossentropy", "loss='categorical_crossentropy'"), Fix("argmax", "y.argmax(-1)")),
        is_data=True,
    )


@rule("K112")
def labels_outside_binary(facts: Facts) -> Finding | None:
    """Targets of a binary crossentropy that are no probabilities."""
    if facts.y is None or not facts.loss_has("binary", "probabilities"):
        return None
    y = np.asarray(facts.y)
    low, high = float(y.min()), float(y.max())
    if low >= 0 and high <= 1 or not np.isfinite([low, high]).all():
        return None
    message = f"targets are {low:g} … {high:g}, binary crossentropy needs 0 … 1"
    return Finding("K112", "error", message, (_suited_to(facts, low, high),), is_data=True)


def _suited_to(facts: Facts, low: float, high: float) -> Fix:
    """What targets in this range are usually meant for."""
    if (low, high) == (-1, 1):
        return Fix("Map to 0 and 1", "y = (y + 1) / 2")
    if facts.has_whole_labels and low >= 0 and high < _MANY_CLASSES:
        return Fix(
            "One output a class", f"Dense({int(high) + 1}, 'softmax') with loss='sparse_categorical_crossentropy'"
        )
    return Fix("Use a loss for numbers", "loss='mse' with a linear output")


@rule("K114")
def label_out_of_range(facts: Facts) -> Finding | None:
    """Class numbers that the output has no unit for."""
    if not facts.loss_has("classes", "integer labels") or facts.labels is None:
        return None
    if not facts.units or facts.label_range is None:
        return None
    low, high = facts.label_range
    ignored = getattr(facts.loss, "ignore_class", None)
    counted = facts.labels if ignored is None else facts.labels[facts.labels != ignored]
    if not counted.size or np.isnan(low):
        return None
    low, high = float(counted.min()), float(counted.max())
    if low >= 0 and high < facts.units:
        return None
    wrong = int(((counted < 0) | (counted >= facts.units)).sum())
    fix = (
        Fix("Subtract 1", "y = y - 1")
        if (low, high) == (1, facts.units)
        else Fix("More units", f"Dense({int(high) + 1})")
    )
    if low < 0:
        fix = Fix("Ignore them", f"SparseCategoricalCrossentropy(ignore_class={int(low)})")
    seen = f"targets are {low:g} … {high:g} ({wrong} of {counted.size} outside)"
    message = f"{seen}, the output has {facts.units} units: 0 … {facts.units - 1}"
    return Finding("K114", "error", message, (fix,), is_data=True)


@rule("K117")
def fractions_for_classes(facts: Facts) -> Finding | None:
    """Fractions where class numbers are wanted."""
    if not facts.loss_has("integer labels") or facts.labels is None or facts.has_whole_labels:
        return None
    if first_bad(facts.labels):
        return None
    return Finding(
        "K117",
        "error",
        "targets have fractions, the loss wants class numbers",
        (Fix("Use a loss for numbers", "loss='mse'"),),
        is_data=True,
    )


@rule("K120")
def one_target_for_many_outputs(facts: Facts) -> Finding | None:
    """One column of numbers for several outputs: all would learn the same."""
    if not facts.loss_has("regression") or facts.labels is None or not facts.units or facts.units == 1:
        return None
    if len(np.shape(facts.y)) != 2:
        return None
    return Finding(
        "K120",
        "error",
        f"1 target column, {facts.units} outputs",
        (Fix("One output", "Dense(1)"),),
        is_data=True,
    )


@rule("K122")
def not_finite(facts: Facts) -> Finding | None:
    """NaN or infinity in features or targets."""
    inputs = leaves(facts.x) if isinstance(facts.x, list | tuple | dict) else [facts.x]
    named = [("x" if len(inputs) == 1 else f"x[{number}]", array) for number, array in enumerate(inputs)]
    for name, array in (*named, ("y", facts.y)):
        place = None if array is None else first_bad(array)
        if place is not None:
            value = np.asarray(array)[place]
            where = f"row {place[0]}" + (f", column {place[1]}" if len(place) > 1 else "")
            return Finding(
                "K122",
                "error",
                f"{name} holds {value} ({where})",
                (
                    Fix(
                        "Drop such rows",
                        f"keep = numpy.isfinite({name}).reshape(len({name}), -1).all(1); x, y = x[keep], y[keep]",
                    ),
                ),
                is_data=True,
            )
    return None
