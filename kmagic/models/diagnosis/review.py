"""All rules applied to a case, and what `compile` and `fit` do about what they find."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from typing import Any

from kmagic.base.errors import BadData, BadValue
from kmagic.models.diagnosis.case import Case, Options
from kmagic.models.diagnosis.facts import Facts, Gathered, Shared
from kmagic.models.diagnosis.finding import SEVERITIES, DiagnosisWarning, Finding, Rule
from kmagic.models.diagnosis.rules import every_rule
from kmagic.models.own import own_steps
from kmagic.models.recipe import Recipe, listed
from kmagic.models.restoring import restoring

VALIDATE = ("warn", "error", False)
HELD_OUT = "validation data"


def diagnose(model: Any, x: Any = None, y: Any = None, **arguments: Any) -> list[Finding]:
    """What is wrong, or likely to be, with a model, a recipe and data together; errors first.

    `arguments` are those of `compile` and of `fit`; without any of `compile` the recipe is the one that the model is
    compiled with. Nothing is trained; a model without an input shape is built for `x`, as `fit` would do.

    >>> import kmagic
    >>> model = kmagic.Sequential([kmagic.layers.Dense(1, "softmax", input_dim=4)])
    >>> [finding.code for finding in kmagic.diagnose(model, loss="binary_crossentropy")]
    ['K103']
    """
    return review(case_of(model, x, y, **arguments))


def case_of(model: Any, x: Any = None, y: Any = None, **arguments: Any) -> Case:
    """The case that arguments of `compile` and `fit` describe."""
    choices = {item.name for item in fields(Recipe)}
    options = {item.name for item in fields(Options)}
    given = {name: value for name, value in arguments.items() if name in choices}
    loose: dict[str, Any] = {}
    for name in ("metrics", "weighted_metrics"):
        if name in given:
            loose |= {name: given[name]} if isinstance(given[name], str) else {}
            given[name] = listed(given[name])
    rest = {name: value for name, value in arguments.items() if name in options}
    other = {name: value for name, value in arguments.items() if name not in choices | options}
    recipe = Recipe(**given) if given or model.recipe is None else model.recipe
    is_chosen = bool(given) or model.recipe is not None
    return Case(model, recipe, x, y, Options(**rest), other, as_given=loose, is_chosen=is_chosen)


def review(case: Case, gathered: Gathered | None = None) -> list[Finding]:
    """All findings for a case, errors first; `gathered` keeps facts of arrays from one review to the next."""
    gathered = gathered or Gathered()
    # what is said of numbers presumes the right shapes
    found = list(_findings(case, gathered, sorted(every_rule(), key=lambda rule: not rule.shapes)))
    found += _held_out(case, gathered, found)
    if case.model.takes_text:
        found = [_of_text(finding) for finding in found]
    return sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))


def _held_out(case: Case, gathered: Gathered, known: Sequence[Finding]) -> Iterator[Finding]:
    """What is wrong with the numbers of `validation_data`, where the training data are right."""
    data = Shared(case, gathered).validation
    if data is None:
        return
    there = {(finding.code, finding.output) for finding in known}
    held_out = replace(case, x=data[0], y=data[1], options=Options(), is_prepared=True)
    for finding in _findings(held_out, gathered, [rule for rule in every_rule() if rule.always or rule.shapes]):
        if (finding.code, finding.output) not in there:
            yield _of(HELD_OUT, finding)


def _of_text(finding: Finding) -> Finding:
    """A finding about what a model makes of text, without fixes that would change numbers in the place of text."""
    return replace(finding, fixes=tuple(fix for fix in finding.fixes if "x = " not in fix.code))


def _of(title: str, finding: Finding) -> Finding:
    """A finding about other data than x and y, which fixes would change."""
    return replace(finding, message=f"{title}: {finding.message}", fixes=())


def _findings(case: Case, gathered: Gathered | None, chosen: Sequence[Rule]) -> Iterator[Finding]:
    shared = Shared(case, gathered)
    if own_steps(case.model):
        chosen = [rule for rule in chosen if rule.any_step]
    for output, name in enumerate(shared.names):
        facts = Facts(shared, output)
        for rule in chosen:
            if (rule.once and output > 0) or (rule.of_all and shared.case.is_sample):
                continue
            finding = rule.look(facts)
            if finding is not None:
                yield _named(finding, name) if len(shared.names) > 1 and not rule.once else finding


def _named(finding: Finding, name: str) -> Finding:
    """A finding that says which of several outputs it is about."""
    return replace(finding, message=f"output {name!r}: {finding.message}", output=name)


# ---- in plain Python ----


def check_data(case: Case, title: str = "") -> None:
    """Raise the first finding about numbers that would make a computation meaningless; cheap enough for each batch.

    `title` is what data are called that are not the user's x and y.
    """
    for finding in _findings(case, None, [rule for rule in every_rule() if rule.always]):
        if finding.is_meaningless:
            raise error_of(_of(title, finding) if title else finding)


def admit(case: Case, validate: Any, where: str) -> list[Finding]:
    """Raise what is found, as `validate` says, and return the rest, which `tell` warns of.

    'warn' raises only what makes the computation meaningless, 'error' raises every error; False looks at nothing.
    """
    check_validate(validate, where)
    if validate is False:
        return []
    with restoring(case.model):  # what is refused leaves nothing behind
        found = review(case)
        _raise_first(found, validate)
    return found


def tell(findings: Sequence[Finding]) -> frozenset[str]:
    """Warn of errors and warnings, and return their codes.

    It comes after everything else was checked, so that what is refused is not told twice.
    """
    told = [finding for finding in findings if finding.severity != "hint"]
    for finding in told:
        warnings.warn(str(finding), DiagnosisWarning, stacklevel=_outside())
    return frozenset(finding.code for finding in told)


def _raise_first(found: Sequence[Finding], validate: Any) -> None:
    """Raise the first that must be, one that can be mended if there is one."""
    refused = [item for item in found if item.is_meaningless or (validate == "error" and item.severity == "error")]
    if refused:
        raise error_of(next((item for item in refused if item.fixes), refused[0]))


def check_validate(validate: Any, where: str) -> None:
    """Refuse what is no way to validate."""
    if validate not in VALIDATE or validate == 0 and validate is not False:
        raise BadValue(f"validate is {validate!r}", where=where, expected="'warn', 'error' or False")


def error_of(finding: Finding) -> BadData:
    """The error that a finding is raised as."""
    fix = finding.fixes[0].code if finding.fixes else None
    return BadData(finding.message, where=finding.code, fix=fix)


def _outside() -> int:
    """How many frames up the user's own line is."""
    frame, level = inspect.currentframe(), 0
    while frame is not None and str(frame.f_globals.get("__name__", "")).partition(".")[0] == "kmagic":
        frame, level = frame.f_back, level + 1
    return level


def errors(findings: Sequence[Finding]) -> list[Finding]:
    """Those that block training in the panel and in magics."""
    return [finding for finding in findings if finding.severity == "error"]
