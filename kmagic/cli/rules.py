"""`rules`: the mistakes that the diagnosis knows, read from its rules."""

from __future__ import annotations

import argparse
import inspect
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kmagic.base.errors import UnknownName

if TYPE_CHECKING:
    from kmagic.models.diagnosis.finding import Rule


def declare(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("rules", help="list the mistakes that kmagic.diagnose looks for")
    parser.add_argument("codes", nargs="*", metavar="CODE", help="only these, such as K114; all without")
    parser.add_argument("--markdown", action="store_true", help="as Markdown")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Print the rules, or those with the given codes."""
    from kmagic.models.diagnosis.rules import every_rule

    found = every_rule()
    known = sorted({rule.code for rule in found})
    unknown = [code for code in chosen.codes if code not in known]
    if unknown:
        raise UnknownName(unknown[0], known, kind="rule", where="rules")
    listed = [rule for code in chosen.codes or known for rule in found if rule.code == code]
    print("\n".join(as_markdown(listed) if chosen.markdown else as_text(listed)))
    return 0


def as_text(listed: list[Rule]) -> Iterator[str]:
    """A line for each rule, and what it looks for."""
    for rule in listed:
        yield f"{rule.code}  {rule.title}"
        yield from (f"      {line}" for line in _doc(rule).splitlines())


def as_markdown(listed: list[Rule]) -> Iterator[str]:
    """A table."""
    yield "| code | mistake | what is looked for |"
    yield "|---|---|---|"
    for rule in listed:
        cells = (rule.code, rule.title, " ".join(_doc(rule).split()))
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _doc(rule: Rule) -> str:
    return inspect.getdoc(rule.look) or ""
