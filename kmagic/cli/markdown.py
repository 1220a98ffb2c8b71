"""The reference as Markdown: headings, tables of arguments, formulas as code."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Sequence
from typing import Any

from kmagic.base.parameters import Parameter
from kmagic.base.registry import Entry, Registry
from kmagic.cli import reference

Functions = list[tuple[list[str], Any]]


def registry(shelf: Registry) -> Iterator[str]:
    """All parts of a registry: names, sentence, formula and parameters of each."""
    yield f"## {shelf.package}\n"
    for entry in shelf.entries():
        yield f"### {escaped(reference.title(entry))}\n\n{escaped(entry.summary)}\n"
        if entry.formula:
            yield _block(entry.formula)
        yield from _arguments(entry.parameters)


def part(shelf: Registry, entry: Entry) -> Iterator[str]:
    """One part in full."""
    yield f"### {escaped(reference.title(entry))}\n\n{escaped(entry.summary)}\n"
    if words := reference.description(entry):
        yield f"{escaped(words)}\n"
    yield from (f"- {name}: {_code(value)}" for name, value in reference.facts(shelf, entry))
    yield ""
    yield from _arguments(entry.parameters)
    for name, content in reference.ordered(entry):
        is_words = name in ("Symbols", "Source")
        yield f"**{name}**" + (f": {escaped(content)}\n" if is_words else f"\n\n{_block(content)}")


def functions(package: str, found: Functions) -> Iterator[str]:
    """All functions of a module, a row each."""
    yield f"## {package}\n"
    rows = [(", ".join(map(_code, names)), escaped(reference.sentence(function))) for names, function in found]
    yield from _table(("function", "what it does"), rows)


def function(package: str, names: list[str], target: Any) -> Iterator[str]:
    """One function in full."""
    call = f"{package}.{reference.call(names, target)}"
    yield f"### {escaped(', '.join(names))}\n\n{_block(call)}\n{_block(inspect.getdoc(target) or '')}"


def escaped(words: str) -> str:
    """Words whose stars, angles and bars mean nothing to Markdown; what stands in backticks stays.

    >>> print(escaped("a * b < |c|, as `a*b`"))
    a \\* b \\< \\|c\\|, as `a*b`
    """
    pieces = re.split(r"(`[^`]*`)", words)
    pieces[::2] = [re.sub(r"([*<>|\[\]\\])", r"\\\1", piece) for piece in pieces[::2]]
    return "".join(pieces)


def _arguments(parameters: Sequence[Parameter]) -> Iterator[str]:
    if parameters:
        rows = [
            (
                _code(parameter.name),
                "required" if parameter.required else _code(reference.default(parameter)),
                escaped(reference.allowed(parameter)),
            )
            for parameter in parameters
        ]
        yield from _table(("argument", "default", "allowed"), rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


def _code(words: str) -> str:
    return f"`{words}`"


def _block(lines: str) -> str:
    return f"```text\n{lines}\n```\n"
