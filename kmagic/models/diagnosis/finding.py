"""Findings, ways to mend them, and the registry of the rules that make them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kmagic.base.errors import Defect
from kmagic.models.diagnosis.case import Case
from kmagic.models.restoring import restoring

if TYPE_CHECKING:
    from kmagic.models.diagnosis.facts import Facts

SEVERITIES = ("error", "warning", "hint")


class DiagnosisWarning(UserWarning):
    """A finding of `compile` or `fit` that does not stop them."""


@dataclass(frozen=True)
class Fix:
    """A way to mend a finding: what the button says, the Python that it amounts to, and the change itself.

    `code` runs where `model`, `x`, `y`, `kmagic` and `numpy` are known. `change` takes the case and gives the mended
    one; a model is changed where it stands, so that the user's own names keep meaning it.
    """

    label: str
    code: str
    change: Callable[[Case], Case] = field(repr=False, compare=False)
    case: Case = field(repr=False, compare=False)

    def apply(self) -> Case:
        """Mend it: the mended case. A compiled model gets its recipe; a change that fails leaves nothing behind."""
        model = self.case.model
        model.refuse_while_training("a fix is applied")
        with restoring(model):
            mended = self.change(self.case)
            if model.compiled:
                mended = mended.with_fresh_optimizer()
                model.adopt(mended.recipe)
        return mended


@dataclass(frozen=True)
class Finding:
    """A mistake: what was seen, and ways to mend it, the best first.

    `severity` is 'error' (training would be wasted), 'warning' (it runs, and hardly means what it seems to) or 'hint'.
    An error that `is_meaningless` is raised by `compile` and `fit` in plain Python too; other ones warn there.
    """

    code: str
    severity: str
    message: str
    fixes: tuple[Fix, ...] = ()
    is_meaningless: bool = False
    output: str | None = None

    def __post_init__(self) -> None:
        if self.severity not in SEVERITIES or (self.is_meaningless and self.severity != "error"):
            raise Defect(f"{self.code}: severity is {self.severity!r}")

    def __reduce__(self) -> tuple[Any, ...]:
        # a copy says what was found; the fixes mend the model that it was found in
        return Finding, (self.code, self.severity, self.message, (), self.is_meaningless, self.output)

    def __str__(self) -> str:
        fix = f"\n  fix: {self.fixes[0].code}" if self.fixes else ""
        return f"{self.code} {self.severity}: {self.message}{fix}"


Look = Callable[["Facts"], Finding | None]


@dataclass(frozen=True)
class Rule:
    """A rule: its code, a title of one line, and the function that looks at facts.

    One that looks `once` is asked for the case as a whole, others for each output. One that looks `always` is cheap
    and about numbers that make a computation meaningless; it is asked for single batches and evaluations too, and like
    one of `shapes` for validation data. One that tells something `of_all` rows is not asked for a sample of them. One
    of `any_step` holds whatever a step computes; others presume that it is what `compile` chose, and are not asked
    where a user's own step may compute something else.
    """

    code: str
    title: str
    look: Look
    once: bool = False
    always: bool = False
    shapes: bool = False
    of_all: bool = False
    any_step: bool = False


RULES: dict[str, Rule] = {}


def rule(
    code: str,
    title: str,
    once: bool = False,
    always: bool = False,
    shapes: bool = False,
    of_all: bool = False,
    any_step: bool = False,
) -> Callable[[Look], Look]:
    """Decorate a function of facts as a rule with this code; a mistake that shows in several ways has several."""

    def decorate(function: Look) -> Look:
        key = f"{code} {function.__name__}"
        if key in RULES or not function.__doc__:
            raise Defect(f"rule {key} is defined twice or has no docstring")
        RULES[key] = Rule(code, title, function, once, always, shapes, of_all, any_step)
        return function

    return decorate


def describe(findings: list[Finding]) -> list[dict[str, Any]]:
    """Findings as plain data."""
    return [
        {
            "code": finding.code,
            "severity": finding.severity,
            "message": finding.message,
            "output": finding.output,
            "fixes": [{"label": fix.label, "code": fix.code} for fix in finding.fixes],
        }
        for finding in findings
    ]
