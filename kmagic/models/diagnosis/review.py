"""All rules applied to one choice of model, recipe and data."""

from __future__ import annotations

import warnings
from typing import Any

from kmagic.base.errors import BadData
from kmagic.layers.layer import Layer
from kmagic.models.diagnosis import rules
from kmagic.models.diagnosis.facts import Facts
from kmagic.models.diagnosis.finding import RULES, Finding
from kmagic.models.recipe import Recipe


def review(model: Layer, recipe: Recipe, data: Any = None, output: int = 0) -> list[Finding]:
    """All findings for one output of a choice; `data` is (x, y) where it is known. Errors come first."""
    x, y = (data[0], data[1]) if data is not None else (None, None)
    facts = Facts(model, recipe, x, y, output)
    rules.load()
    found = [finding for _, look in sorted(RULES.items()) if (finding := look(facts))]
    return sorted(found, key=lambda finding: ("error", "warning", "hint").index(finding.severity))


def check_data(model: Layer, recipe: Recipe, x: Any, y: Any, output: int = 0) -> None:
    """Raise the first finding about the data of an output that would make training meaningless."""
    for finding in review(model, recipe, (x, y), output):
        if finding.severity == "error" and finding.is_data:
            fix = finding.fixes[0].code if finding.fixes else None
            raise BadData(finding.message, where=f"data ({finding.code})", fix=fix)
        if finding.code == "K153":
            warnings.warn(finding.message, stacklevel=4)
