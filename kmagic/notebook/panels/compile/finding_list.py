"""Findings with an icon, their text, and a button for each way to mend them."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets as widgets

from kmagic.models.diagnosis import Finding, Fix
from kmagic.models.diagnosis.naming import renamed

ICONS = {"error": "✖", "warning": "⚠", "hint": "ℹ"}
NOTHING = "✔ nothing speaks against this choice"


class FindingList:
    """The findings of the last review; `apply` is called with the fix whose button is pressed.

    `names` are what the user calls `model`, `x` and `y`, for the code that a fix amounts to.
    """

    def __init__(self, apply: Callable[[Fix], object], names: Mapping[str, str]) -> None:
        self.apply, self.names = apply, names
        self.box = widgets.VBox([])
        self.box.add_class("kmagic-findings")
        self.buttons: list[Any] = []
        self._shown: list[Any] | None = None

    def show(self, findings: Sequence[Finding], problem: str = "") -> None:
        """Show findings, or what keeps the choice from being reviewed."""
        said = [(problem, ())] if problem else [(text_of(finding), finding.fixes) for finding in findings]
        if said == self._shown:
            self._rebind(findings)
            return
        self._shown = said
        for widget in self.box.children:
            _close(widget)
        self.buttons = []
        rows = [self._row(finding) for finding in findings] if not problem else [_said("error", "", problem)]
        self.box.children = rows or [_said("good", "", NOTHING)]

    def _rebind(self, findings: Sequence[Finding]) -> None:
        """The same findings of a new case: the buttons stay, what they do is about the case as it is now."""
        fixes = [fix for finding in findings for fix in finding.fixes]
        for button, fix in zip(self.buttons, fixes, strict=False):
            button.fix = fix

    def _row(self, finding: Finding) -> Any:
        text = _said(finding.severity, finding.code, finding.message)
        if not finding.fixes:
            return text
        buttons = widgets.HBox(
            [self._button(fix) for fix in finding.fixes], layout=widgets.Layout(flex_flow="row wrap")
        )
        buttons.add_class("kmagic-fixes")
        row = widgets.VBox([text, buttons])
        row.add_class(f"kmagic-row-{finding.severity}")
        return row

    def _button(self, fix: Fix) -> Any:
        button = widgets.Button(
            description=fix.label,
            icon="wrench",
            tooltip=renamed(fix.code, self.names),
            layout=widgets.Layout(width="auto"),
        )
        button.fix = fix
        button.on_click(lambda pressed: self.apply(pressed.fix))
        self.buttons.append(button)
        return button


def text_of(finding: Finding) -> str:
    """A finding in one line, with its icon, for those who see no colours."""
    return f"{ICONS[finding.severity]} {finding.severity} {finding.code}: {finding.message}"


def _said(severity: str, code: str, message: str) -> Any:
    said = html.escape(message).replace("\n", "<br>")
    if severity != "good":
        title = f"{severity} {code}".strip()
        said = f"{ICONS[severity]} <b>{html.escape(title)}</b>: {said}"
    return widgets.HTML(f'<div class="kmagic-finding kmagic-{severity}" role="status">{said}</div>')


def _close(widget: Any) -> None:
    for child in getattr(widget, "children", ()):
        _close(child)
    widget.close()
