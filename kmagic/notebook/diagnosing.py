"""Findings in a notebook or a terminal: as text, as HTML, and what stops a magic."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kmagic.base.errors import BadValue
from kmagic.notebook.grammar import Given

if TYPE_CHECKING:
    from kmagic.models.diagnosis import Finding

ICONS = {"error": "✖", "warning": "⚠", "hint": "ℹ"}
FIT = ("batch_size", "epochs", "validation_split", "validation_data", "class_weight", "sample_weight", "callbacks")


class Report:
    """Findings to look at: text in a terminal, a list in a notebook; a fix can be applied from here."""

    def __init__(self, findings: Sequence[Finding], name: str, names: Mapping[str, str]) -> None:
        self.findings = list(findings)
        self.name = name
        self.names = names

    def __repr__(self) -> str:
        return as_text(self.findings, self.names) or f"✔ {self.name}: nothing found that speaks against it"

    def _repr_html_(self) -> str:
        return as_html(self.findings, self.names) or f"<div>✔ {html.escape(repr(self)[2:])}</div>"


def as_text(findings: Sequence[Finding], names: Mapping[str, str]) -> str:
    """A paragraph for each finding: what was seen, then its fixes."""
    from kmagic.models.diagnosis.naming import renamed

    lines = []
    for finding in findings:
        lines.append(f"{ICONS[finding.severity]} {finding.code} {finding.severity}: {finding.message}")
        lines += [f"    {fix.label}: {renamed(fix.code, names)}" for fix in finding.fixes]
    return "\n".join(lines)


def as_html(findings: Sequence[Finding], names: Mapping[str, str]) -> str:
    """The same as a list."""
    from kmagic.models.diagnosis.naming import renamed

    def item(finding: Finding) -> str:
        said = f"{ICONS[finding.severity]} <b>{finding.code} {finding.severity}</b>: {html.escape(finding.message)}"
        ways = "".join(
            f"<li>{html.escape(fix.label)}: <code>{html.escape(renamed(fix.code, names))}</code></li>"
            for fix in finding.fixes
        )
        return f"<div>{said}{f'<ul>{ways}</ul>' if ways else ''}</div>"

    return "".join(map(item, findings))


def diagnose(given: Given) -> Report:
    """`%kdiagnose`: all findings; with `--fix` the first fix of one is applied before."""
    if given.fix is not None:
        _apply(given)
    return Report(_found(given, given.only(*FIT)), given.name, names_of(given))


def _apply(given: Given) -> None:
    wanted = [finding for finding in _found(given, given.only(*FIT)) if finding.code == given.fix and finding.fixes]
    if not wanted:
        raise BadValue(f"no fix for {given.fix}", where="%kdiagnose --fix", expected="the code of a finding with a fix")
    fix = wanted[0].fixes[0]
    mended = fix.apply()
    changed = mended.options.chosen() if mended.options != fix.case.options else {}
    print(f"✔ {fix.label}" + (f"; train with {mended.fit_line()}" if changed else ""))


def _found(given: Given, options: Mapping[str, Any]) -> list[Finding]:
    from kmagic.models.diagnosis import diagnose as look

    return look(given.model, given.x, given.y, **options)


def admit(given: Given, where: str, options: Mapping[str, Any]) -> None:
    """Print what a review of model, recipe and data found; an error stops here, unless the line says --force."""
    found = [finding for finding in _found(given, options) if finding.severity != "hint"]
    blocking = [finding for finding in found if finding.severity == "error"]
    if blocking and not given.force:
        raise refusal(blocking, where, names_of(given))
    if found:
        print(as_text(found, names_of(given)))


def refusal(errors: Sequence[Finding], where: str, names: Mapping[str, str]) -> BadValue:
    """The error that findings stop a magic with: the first of them, and how many there are."""
    from kmagic.models.diagnosis.naming import renamed

    first = errors[0]
    asked = " ".join(["%kdiagnose", *(names[title] for title in ("model", "x", "y") if title in names)])
    more = f" (and {len(errors) - 1} more: {asked})" if len(errors) > 1 else ""
    fix = renamed(first.fixes[0].code, names) if first.fixes else None
    return BadValue(f"{first.code}: {first.message}{more}", where=where, expected=None, fix=fix)


def names_of(given: Given) -> dict[str, str]:
    """What the user calls model and data on this line, where that is a name."""
    texts = {"model": given.name} | {title: given.written[title][0] for title in ("x", "y") if title in given.written}
    return {title: text for title, text in texts.items() if text.isidentifier()}
