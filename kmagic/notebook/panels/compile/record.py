"""What stays of a panel in a saved notebook: the recipe, why it was suggested, and what was found, as HTML and text.

JupyterLab shows a saved widget as an error once its kernel is gone, whatever else its bundle holds. So the record is an
output of its own below the panel. A rule of style in it hides the dead panel, and one in the live panel hides the
record; where styles are dropped (untrusted notebooks, GitHub) the record stands there in plain HTML. Its own styles
are inline and use no colours of text or ground, so that it suits light and dark pages.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kmagic.models.diagnosis import Finding
from kmagic.models.diagnosis.naming import renamed
from kmagic.notebook.panels.compile.finding_list import NOTHING, text_of
from kmagic.notebook.panels.still import Bundle

BARS = {"error": "#d55e00", "warning": "#e69f00", "hint": "#56b4e9"}
CARD = "border:1px solid rgba(127,127,127,.4);border-radius:4px;padding:8px 12px;max-width:960px"
WRAPPED = "white-space:pre-wrap;overflow-wrap:anywhere"
CODE = f"margin:4px 0;padding:6px 8px;border-left:3px solid rgba(127,127,127,.5);{WRAPPED}"


@dataclass(frozen=True)
class Record:
    """One state of a panel."""

    name: str
    status: str
    reason: str
    python: str
    magic: str
    findings: Sequence[Finding] = ()
    problem: str = ""
    names: Mapping[str, str] = field(default_factory=dict)

    def text(self) -> str:
        """The record for a terminal.

        >>> print(Record("m", "✔ m is compiled", "", "m.compile('adam', 'mse')", "%kcompile m --loss mse").text())
        ✔ m is compiled
        <BLANKLINE>
          %kcompile m --loss mse
        <BLANKLINE>
          m.compile('adam', 'mse')
        <BLANKLINE>
        ✔ nothing speaks against this choice
        """
        lines = [f"{self.status}: {self.reason}" if self.reason else self.status, ""]
        lines += [f"  {self.magic}", "", *(f"  {line}".rstrip() for line in self.python.splitlines()), ""]
        return "\n".join([*lines, *self._found()])

    def _found(self) -> list[str]:
        if self.problem:
            return [f"✖ {self.problem}"]
        texts = []
        for finding in self.findings:
            texts.append(text_of(finding))
            texts += [f"    {fix.label}: {renamed(fix.code, self.names)}" for fix in finding.fixes]
        return texts or [NOTHING]

    def html(self, identity: str) -> str:
        """The record for a page; the panel that it belongs to is found by its identity."""
        because = f": {html.escape(self.reason)}" if self.reason else ""
        code = "".join(f'<pre style="{CODE}">{html.escape(text)}</pre>' for text in (self.python, self.magic))
        found = "".join(self._items()) or f"<div>{html.escape(NOTHING)}</div>"
        return (
            f"<style>{instead_of_dead(identity)}</style>"
            f'<div class="kmagic-record-{identity}" style="{CARD}">'
            f"<div><b>{html.escape(self.status)}</b>{because}</div>{code}{found}</div>"
        )

    def _items(self) -> list[str]:
        if self.problem:
            return [f"<div>✖ {html.escape(self.problem)}</div>"]
        return [_item(finding, self.names) for finding in self.findings]

    def bundle(self, identity: str) -> Bundle:
        """Both."""
        return {"text/html": self.html(identity), "text/plain": self.text()}, {}


def _item(finding: Finding, names: Mapping[str, str]) -> str:
    fixes = "".join(
        f"<br>&nbsp;&nbsp;{html.escape(fix.label)}: "
        f"<code style='{WRAPPED}'>{html.escape(renamed(fix.code, names))}</code>"
        for fix in finding.fixes
    )
    bar = f"margin:4px 0;padding:2px 8px;border-left:3px solid {BARS[finding.severity]}"
    return f'<div style="{bar}">{html.escape(text_of(finding))}{fixes}</div>'


OUTPUT = ".jp-OutputArea-child"


def instead_of_dead(identity: str) -> str:
    """A rule of style: the output before the record is hidden unless it holds the living panel."""
    return f"{OUTPUT}:has(+ {OUTPUT} .kmagic-record-{identity}):not(:has(.kmagic-panel-{identity})){{display:none}}"


def instead_of_record(identity: str) -> str:
    """A rule of style for the living panel: its record is hidden."""
    return f"{OUTPUT}:has(.kmagic-record-{identity}){{display:none}}"
