"""Which losses, metrics and optimizers cannot suit a model and its data, each with the reason.

Each one is reviewed in place of the chosen one. What is found whatever is chosen, such as NaN in the data, speaks
against none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from kmagic import losses
from kmagic.models.diagnosis.case import Case
from kmagic.models.diagnosis.facts import Gathered, Shared
from kmagic.models.diagnosis.finding import Finding
from kmagic.models.diagnosis.review import review
from kmagic.models.recipe import Recipe, loss_choices

Reasons = dict[str, str]


def unfit_losses(case: Case, output: int, names: Sequence[str], gathered: Gathered | None = None) -> Reasons:
    """The losses that cannot suit an output; one that fits once it takes logits does suit."""
    outputs = Shared(case, gathered).names

    def variants(name: str) -> list[Recipe]:
        plain = [name, *([_of_logits(name)] if _takes_logits(name) else [])]
        chosen = (_in_place(case.recipe, outputs, output, loss) for loss in plain)
        return [replace(case.recipe, loss=losses, metrics=(), weighted_metrics=()) for losses in chosen]

    return _reasons(case, names, variants, "error", gathered, outputs[output] if len(outputs) > 1 else None)


def unfit_optimizers(case: Case, names: Sequence[str], gathered: Gathered | None = None) -> Reasons:
    """The optimizers that cannot suit."""
    return _reasons(case, names, lambda name: [replace(case.recipe, optimizer=name)], "error", gathered, None)


def unfit_metrics(case: Case, output: int, names: Sequence[str], gathered: Gathered | None = None) -> Reasons:
    """The metrics that say nothing about an output with the loss that is chosen."""
    outputs = Shared(case, gathered).names

    def alone(name: str) -> list[Recipe]:
        chosen: Any = {outputs[output]: [name]} if len(outputs) > 1 else (name,)
        return [replace(case.recipe, metrics=chosen, weighted_metrics=())]

    without = _found(case, replace(case.recipe, metrics=(), weighted_metrics=()), gathered)
    known = {(finding.code, finding.message) for finding in without}
    reasons = {}
    for name in names:
        found = [f for f in _found(case, alone(name)[0], gathered) if (f.code, f.message) not in known]
        if any(finding.severity != "hint" for finding in found):
            reasons[name] = _said(next(finding for finding in found if finding.severity != "hint"))
    return reasons


def _reasons(
    case: Case,
    names: Sequence[str],
    variants: Callable[[str], list[Recipe]],
    severity: str,
    gathered: Gathered | None,
    output: str | None,
) -> Reasons:
    """The first finding of each that none of its variants is without, and that not all share."""
    gathered = gathered or Gathered()
    found: dict[str, list[Finding]] = {}
    for name in names:
        looks = [_counting(_found(case, recipe, gathered), severity, output) for recipe in variants(name)]
        found[name] = min(looks, key=len) if looks else []
    shared = set.intersection(*({finding.code for finding in each} for each in found.values())) if found else set()
    left = {name: [finding for finding in each if finding.code not in shared] for name, each in found.items()}
    return {name: _said(each[0]) for name, each in left.items() if each}


def _counting(findings: Sequence[Finding], severity: str, output: str | None) -> list[Finding]:
    return [finding for finding in findings if finding.severity == severity and finding.output in (output, None)]


def _found(case: Case, recipe: Recipe, gathered: Gathered | None) -> list[Finding]:
    return review(replace(case, recipe=recipe, is_chosen=True), gathered)


def _said(finding: Finding) -> str:
    """What a finding says, without the output that it names."""
    message = finding.message
    return message.removeprefix(f"output {finding.output!r}: ") if finding.output else message


def _takes_logits(name: str) -> bool:
    return any(parameter.name == "from_logits" for parameter in losses.registry.find(name).parameters)


def _of_logits(name: str) -> Any:
    return losses.registry.find(name).target(from_logits=True)


def _in_place(recipe: Recipe, outputs: Sequence[str], output: int, loss: Any) -> Any:
    """The recipe's losses with another one for an output."""
    if len(outputs) == 1:
        return loss
    try:
        chosen = loss_choices(recipe, outputs)
    except ValueError:  # a list that does not fit the outputs
        chosen = [None] * len(outputs)
    return {name: loss if number == output else chosen[number] for number, name in enumerate(outputs)}
