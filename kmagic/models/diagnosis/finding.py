"""Findings, and the registry of the rules that make them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kmagic.base.errors import Defect
from kmagic.models.diagnosis.facts import Facts


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
