"""All rules applied to one choice of model, recipe and data."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

from kmagic.base.errors import BadData
from kmagic.models.diagnosis import rules
from kmagic.models.diagnosis.facts import Facts
from kmagic.models.diagnosis.finding import RULES, Finding
from kmagic.models.recipe import Recipe


def review(model: Any, recipe: Recipe, data: Any = None) -> list[Finding]:
    """All findings for a choice; `data` is (x, y) where it is known. Errors come first."""
    x, y = (data[0], data[1]) if data is not None else (None, None)
    names = getattr(model, "output_names", None) or ["output"]
    found: list[Finding] = []
    for output, name in enumerate(names):
        prefix = f"output {name!r}: " if len(names) > 1 else ""
        target = _target(y, output, name) if len(names) > 1 else y
        found += [replace(item, message=prefix + item.message) for item in _look(model, recipe, x, target, output)]
    return sorted(found, key=lambda finding: ("error", "warning", "hint").index(finding.severity))


def _target(y: Any, output: int, name: str) -> Any:
    """The targets of one output among several, None where they cannot be told."""
    if isinstance(y, dict):
        return y.get(name)
    return y[output] if isinstance(y, list | tuple) and output < len(y) else None


def _look(model: Any, recipe: Recipe, x: Any, y: Any, output: int) -> list[Finding]:
    facts = Facts(model, recipe, x, y, output)
    rules.load()
    return [finding for _, rule in sorted(RULES.items()) if (finding := rule(facts))]


def check_data(model: Any, recipe: Recipe, x: Any, y: Any, output: int = 0) -> None:
    """Raise the first finding about the data of an output that would make training meaningless."""
    for finding in _look(model, recipe, x, y, output):
        if finding.severity == "error" and finding.is_data:
            fix = finding.fixes[0].code if finding.fixes else None
            raise BadData(finding.message, where=f"data ({finding.code})", fix=fix)
        if finding.code == "K153":
            warnings.warn(finding.message, stacklevel=4)
