"""Fixes of weights: of classes, and of samples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from kmagic.models.diagnosis.case import Case
from kmagic.models.diagnosis.facts import Facts
from kmagic.models.diagnosis.finding import Fix
from kmagic.models.diagnosis.fixes.options import set_options


def balance(facts: Facts, counts: Mapping[int, int]) -> Fix:
    """Weights under which every class counts as much as any other."""
    total, classes = sum(counts.values()), len(counts)
    weights = {number: round(total / (classes * count), 3) for number, count in counts.items()}
    return set_options(facts, "Balance the classes by class_weight", class_weight=weights)


def change_weights(facts: Facts, label: str, change: Callable[[Any], Any], code: str) -> Fix:
    """Other weights of samples; `code` makes them by hand."""

    def apply(case: Case) -> Case:
        return replace(case, options=replace(case.options, sample_weight=change(case.options.sample_weight)))

    return Fix(label, code, apply, facts.case)
