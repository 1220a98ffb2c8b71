"""Fixes that make another task of an output: labels, head and loss together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kmagic import losses
from kmagic.models.diagnosis.case import Case
from kmagic.models.diagnosis.facts import Facts
from kmagic.models.diagnosis.facts.targets import holds_bits, is_a_row_each
from kmagic.models.diagnosis.finding import Fix
from kmagic.models.diagnosis.fixes.data import map_labels
from kmagic.models.diagnosis.fixes.layers import use_head
from kmagic.models.diagnosis.fixes.recipe import use_loss

SPARSE, ONE_HOT, BINARY = "sparse_categorical_crossentropy", "categorical_crossentropy", "binary_crossentropy"


def ways(*fixes: Fix | None) -> tuple[Fix, ...]:
    """The fixes that there are."""
    return tuple(fix for fix in fixes if fix is not None)


def together(label: str, *fixes: Fix | None) -> Fix:
    """Several fixes as one."""
    parts = ways(*fixes)

    def change(case: Case) -> Case:
        for part in parts:
            case = part.change(case)
        return case

    return Fix(label, "\n".join(part.code for part in parts if part.code), change, parts[0].case)


def as_classes(facts: Facts, labels: Sequence[Any], label: str = "") -> Fix | None:
    """One unit a class with softmax and sparse categorical crossentropy; labels other than 0, 1, … are numbered."""
    count = max(2, len(labels))
    head = use_head(facts, count, "linear" if facts.from_logits else "softmax")
    if head is None:
        return None
    text = label or f"{count} units with {'logits' if facts.from_logits else 'softmax'} for {count} classes"
    return together(text, _numbered(facts, labels), head, use_loss(facts, named(SPARSE, facts)))


def as_two_classes(facts: Facts, labels: Sequence[Any] = (), label: str = "") -> Fix | None:
    """One unit with sigmoid and binary crossentropy; labels other than 0 and 1 are numbered."""
    head = use_head(facts, 1, "linear" if facts.from_logits else "sigmoid")
    if head is None:
        return None
    text = label or f"1 unit with {'a logit' if facts.from_logits else 'sigmoid'} for 2 classes"
    return together(text, _numbered(facts, labels), head, use_loss(facts, named(BINARY, facts)))


def as_quantities(facts: Facts, columns: int = 1, loss: str = "mse") -> Fix | None:
    """A linear output for each column of numbers, and a loss for numbers."""
    head = use_head(facts, columns, "linear")
    if head is None:
        return None
    units = f"{columns} linear unit{'s' if columns > 1 else ''}"
    return together(f"{units} with {loss} for numbers", head, use_loss(facts, loss))


def as_rows(facts: Facts) -> Fix | None:
    """What rows of targets are usually meant for: exclusive classes, independent labels or quantities."""
    assert facts.y is not None
    width = facts.y.shape[-1]
    sums = facts.y.sample.sum(-1)
    is_shared = (facts.y.low or 0) >= 0 and bool(np.allclose(sums, 1, atol=1e-2))
    if not is_shared and not holds_bits(facts):
        return as_quantities(facts, width)
    loss, activation = (ONE_HOT, "softmax") if is_shared else (BINARY, "sigmoid")
    head = use_head(facts, width, "linear" if facts.from_logits else activation)
    return together(f"{width} units with {loss}", head, use_loss(facts, named(loss, facts))) if head else None


def _numbered(facts: Facts, labels: Sequence[Any]) -> Fix | None:
    """The labels as 0, 1, …, where they are others."""
    if list(labels) == list(range(len(labels))):
        return None
    threshold = 0.0 if facts.from_logits else 0.5
    return map_labels(facts, list(labels), threshold=threshold)


def named(loss: str, facts: Facts) -> Any:
    """A crossentropy by its name, or an object that takes logits as the present one does."""
    return losses.registry.find(loss).target(from_logits=True) if facts.from_logits else loss


def said(facts: Facts) -> str:
    """The loss as the user named it."""
    return facts.chosen_loss if isinstance(facts.chosen_loss, str) else facts.loss_name


def suited_loss(facts: Facts) -> str:
    """The loss that suits an output and its targets."""
    if facts.activation == "softmax":
        return SPARSE if facts.y is None or not is_a_row_each(facts) else "categorical_crossentropy"
    return BINARY if facts.activation == "sigmoid" else "mse"
