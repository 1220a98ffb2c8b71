"""The reference for a terminal."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from kmagic.base.parameters import Parameter
from kmagic.base.registry import Entry, Registry
from kmagic.cli import reference

Functions = list[tuple[list[str], Any]]


def registry(shelf: Registry) -> Iterator[str]:
    """All parts of a registry: names, sentence, formula and parameters of each."""
    yield _headline(shelf.package)
    for entry in shelf.entries():
        yield f"\n{reference.title(entry)}\n    {entry.summary}"
        if entry.formula:
            yield indented(entry.formula)
        yield from (f"        {signature(parameter)}" for parameter in entry.parameters)
    yield ""


def part(shelf: Registry, entry: Entry) -> Iterator[str]:
    """One part in full."""
    yield f"{_headline(reference.title(entry))}\n{entry.summary}"
    if words := reference.description(entry):
        yield f"\n{words}"
    yield ""
    yield from (f"{name:9}{value}" for name, value in reference.facts(shelf, entry))
    if entry.parameters:
        yield "\nArguments:"
        yield from (f"    {signature(parameter)}" for parameter in entry.parameters)
    for name, content in reference.ordered(entry):
        yield f"\n{name}:\n{indented(content)}"
    yield ""


def functions(package: str, found: Functions) -> Iterator[str]:
    """All functions of a module, a line each."""
    yield _headline(package)
    yield ""
    width = max(len(", ".join(names)) for names, _ in found)
    yield from (f"{', '.join(names):{width}}  {reference.sentence(function)}" for names, function in found)
    yield ""


def function(package: str, names: list[str], target: Any) -> Iterator[str]:
    """One function in full."""
    yield f"{_headline(', '.join(names))}\n{package}.{reference.call(names, target)}\n\n{inspect.getdoc(target)}\n"


def signature(parameter: Parameter) -> str:
    """A parameter with its default and bounds."""
    start = parameter.name if parameter.required else f"{parameter.name} = {reference.default(parameter)}"
    return f"{start}   ({allowed})" if (allowed := reference.allowed(parameter)) else start


def indented(lines: str) -> str:
    """Several lines, each moved to the right."""
    return "\n".join(f"    {line}".rstrip() for line in lines.splitlines())


def _headline(words: str) -> str:
    return f"{words}\n{'=' * len(words)}"
