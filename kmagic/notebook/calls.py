"""What may stand inside the call of a part on a magic line: `Adam(learning_rate=` goes on with a schedule.

Arguments come from the part's signature, values from the annotation and bound of the argument: a choice of words, yes
or no, or the parts whose base the annotation names.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from kmagic.base.parameters import Parameter, parameters_of
from kmagic.base.registry import REGISTRIES
from kmagic.notebook.namespace import part_called
from kmagic.notebook.words import BRACKETS, CLOSING, QUOTES, LineError, end_of_string, outside

_CALLED = re.compile(r"(?<![\w.])([A-Za-z_]\w*)$")
_NAMED = re.compile(r"\s*(\w+)\s*=(?!=)\s*")
_FRAGMENT = re.compile(r"\w*$")


@dataclass(frozen=True)
class Call:
    """A call that is not closed: who is called, the arguments named before, and the one that is being written."""

    name: str
    used: frozenset[str]
    argument: str | None
    fragment: str


def candidates(text: str, namespace: dict[str, Any]) -> tuple[str, list[str]] | None:
    """The fragment at the end of `text` and what may replace it; None outside of calls of parts."""
    call = open_call(text)
    part = None if call is None else part_called(call.name, namespace)
    if call is None or part is None:
        return None
    parameters = {parameter.name: parameter for parameter in parameters_of(part)}
    if call.argument is None:
        found: Iterable[str] = (f"{name}=" for name in parameters if name not in call.used)
    elif call.argument in parameters:
        found = values(parameters[call.argument])
    else:
        return None
    return call.fragment, sorted(word for word in found if word.startswith(call.fragment))


def open_call(text: str) -> Call | None:
    """The innermost call that `text` leaves open, if its end stands where an argument or a plain value may stand."""
    place = _last_open(text)
    called = _CALLED.search(text[:place]) if place is not None and text[place] == "(" else None
    if place is None or called is None:
        return None
    inside = text[place + 1 :]
    cuts = [at for at, char in outside(inside) if char == ","]
    before, last = inside[: cuts[-1]] if cuts else "", inside[cuts[-1] + 1 :] if cuts else inside
    used = frozenset(found.group(1) for piece in before.split(",") if (found := _NAMED.match(piece)))
    named = _NAMED.match(last)
    value = last[named.end() :] if named else last.lstrip()
    fragment = _FRAGMENT.search(value)
    if fragment is None or fragment.group() != value:
        return None
    return Call(called.group(1), used, named.group(1) if named else None, value)


def _last_open(text: str) -> int | None:
    """The place of the innermost bracket that is open at the end; None where there is none, or inside a string."""
    opened: list[int] = []
    place = 0
    while place < len(text):
        char = text[place]
        if char in QUOTES:
            try:
                place = end_of_string(text, place)
            except LineError:
                return None
            continue
        if char in BRACKETS:
            opened.append(place)
        elif char in CLOSING and opened:
            opened.pop()
        place += 1
    return opened[-1] if opened else None


def values(parameter: Parameter) -> Iterator[str]:
    """What can be written for an argument, as far as its annotation, bound and default say."""
    if parameter.bound is not None and parameter.bound.choices:
        yield from map(repr, parameter.bound.choices)
    if isinstance(parameter.default, bool):
        yield from ("False", "True")
    for kind in (parameter.annotation, *typing.get_args(parameter.annotation)):
        yield from parts_of(kind)


def parts_of(kind: Any) -> Iterator[str]:
    """The classes of the registry in whose package a base class is defined."""
    package = getattr(kind, "__module__", "").rpartition(".")[0]
    if isinstance(kind, type) and package in REGISTRIES:
        targets = [entry.target for entry in REGISTRIES[package].entries()]
        yield from (target.__name__ for target in targets if isinstance(target, type) and issubclass(target, kind))
