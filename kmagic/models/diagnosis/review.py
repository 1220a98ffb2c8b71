"""Findings, and the rules that make them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kmagic.base.errors import BadData, BadValue, Defect
from kmagic.layers.layer import Layer
from kmagic.models.diagnosis.facts import Facts
from kmagic.models.recipe import Recipe


@dataclass(frozen=True)
class Fix:
    """A way to mend a finding: what the button says, and the code that it amounts to."""

    label: str
    code: str


@dataclass(frozen=True)
class Finding:
    """A mistake: `severity` is error (training would be meaningless), warning or hint.

    `is_data` findings are about the numbers themselves, and are raised by `fit` too.
    """

    code: str
    severity: str
    message: str
    fixes: tuple[Fix, ...] = ()
    is_data: bool = False

    def __str__(self) -> str:
        fix = f"  fix: {self.fixes[0].code}" if self.fixes else ""
        return f"{self.code} {self.severity}: {self.message}{fix}"


Rule = Callable[[Facts], Finding | None]
RULES: dict[str, Rule] = {}


def rule(code: str) -> Callable[[Rule], Rule]:
    """Decorate a function of facts as the rule with this code."""

    def decorate(function: Rule) -> Rule:
        if code in RULES or not function.__doc__:
            raise Defect(f"rule {code} is defined twice or has no docstring")
        RULES[code] = function
        return function

    return decorate


def review(model: Layer, recipe: Recipe, data: Any = None) -> list[Finding]:
    """All findings for a choice; `data` is (x, y) where it is known. Errors come first."""
    x, y = (data[0], data[1]) if data is not None else (None, None)
    facts = Facts(model, recipe, x, y)
    found = [finding for _, look in sorted(_rules().items()) if (finding := look(facts))]
    return sorted(found, key=lambda finding: ("error", "warning", "hint").index(finding.severity))


def _rules() -> dict[str, Rule]:
    # the rules import this module to announce themselves
    from kmagic.models.diagnosis import rules

    rules.load()
    return RULES


def check_data(model: Layer, recipe: Recipe, x: Any, y: Any) -> None:
    """Raise the first finding about the data themselves that would make training meaningless."""
    for finding in review(model, recipe, (x, y)):
        if finding.severity == "error" and finding.is_data:
            fix = finding.fixes[0].code if finding.fixes else None
            raise BadData(finding.message, where=f"data ({finding.code})", fix=fix)
        if finding.code == "K127":
            raise BadValue(finding.message, where="compile", fix=finding.fixes[0].code)
