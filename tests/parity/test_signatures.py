"""Arguments: every one of Keras's is there, in its place and with its default."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import kmagic

from . import recording, signatures
from .areas.surface import Module
from .comparison import fact_faults
from .tolerances import FIRST_BY_POSITION, NOT_OFFERED, is_outside

RECORDED = recording.read(recording.REFERENCE, "signatures")
Arguments = list[dict[str, Any]]


def shared() -> Iterator[Any]:
    """Every class and function that both libraries have; that none is missing is told by the test of the surface."""
    for module in signatures.CASES:
        for name in RECORDED[module.name]:
            there = hasattr(module.of(kmagic), name.split(".")[0]) if is_there(module) else False
            if there and not is_outside(f"{module.path}.{name}"):
                yield pytest.param(module, name, id=f"{module.path}.{name}")


def is_there(module: Module) -> bool:
    """Whether kmagic has the module."""
    try:
        module.of(kmagic)
    except AttributeError:
        return False
    return True


def named(arguments: Arguments) -> Arguments:
    """The arguments that have a name of their own and that kmagic offers."""
    groups = ("VAR_POSITIONAL", "VAR_KEYWORD")
    return [entry for entry in arguments if entry.get("kind") not in groups and entry["name"] not in NOT_OFFERED]


def compared(name: str, arguments: Arguments) -> Arguments:
    """The arguments whose names count."""
    return arguments[1:] if name in FIRST_BY_POSITION else arguments


def lenient(own: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """An argument without a default that Keras does not have: who always gives it does not notice."""
    return own if "default" in theirs else {fact: value for fact, value in own.items() if fact != "default"}


@pytest.mark.parametrize(("module", "name"), list(shared()))
def test_arguments_agree(module: Module, name: str) -> None:
    got = compared(name, named(signatures.arguments(kmagic, module, name) or []))
    expected = compared(name, named(RECORDED[module.name][name] or []))
    names = [entry["name"] for entry in expected]
    common = [entry for entry in got if entry["name"] in names]
    assert [entry["name"] for entry in common] == names, "arguments and their order"
    pairs = zip(common, expected, strict=True)
    faults = [f"{own['name']} {fault}" for own, theirs in pairs for fault in fact_faults(lenient(own, theirs), theirs)]
    required = [entry["name"] for entry in got if entry["name"] not in names and "default" not in entry]
    assert not faults, "\n".join(faults)
    assert not required, f"{required} are required here, and Keras has no such arguments"
