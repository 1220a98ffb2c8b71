"""Fixes of the call of `fit`."""

from __future__ import annotations

from typing import Any

from kmagic.models.diagnosis.facts import Facts
from kmagic.models.diagnosis.finding import Fix


def set_options(facts: Facts, label: str = "", **options: Any) -> Fix:
    """Other arguments for `fit`, under their names there; the code is the whole line.

    Weights of classes come by the model's numbers, and are said by the user's labels.
    """
    if "class_weight" in options:
        options["class_weight"] = facts.model.preparation.class_labels(options["class_weight"])
    mended = facts.case.with_options(**options)
    said = ", ".join(f"{name}={value!r}" for name, value in options.items())
    return Fix(label or f"fit with {said}", mended.fit_line(), lambda case: case.with_options(**options), facts.case)
