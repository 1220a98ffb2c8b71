"""Arguments: every one of Keras's is there, in its place and with its default."""

from __future__ import annotations

import ast
import json
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


def parsed(signature: str | None) -> Arguments:
    """The arguments that have a name of their own and that kmagic offers: name, kind and default of each."""
    if signature is None:
        return []
    source = f"def f{signature}: pass"
    values = ast.parse(source).body[0].args  # type: ignore[attr-defined]
    usual = [*values.posonlyargs, *values.args]
    missing: list[Any] = [None] * (len(usual) - len(values.defaults))
    pairs = [*zip(usual, [*missing, *values.defaults], strict=True)]
    only = [*zip(values.kwonlyargs, values.kw_defaults, strict=True)]
    found = [
        {"name": name.arg, **kind} | ({} if value is None else {"default": default(source, value)})
        for kind, group in (({}, pairs), ({"kind": "by name only"}, only))
        for name, value in group
    ]
    return [entry for entry in found if entry["name"] not in NOT_OFFERED]


def default(source: str, value: ast.expr) -> Any:
    """A default, which is written as JSON."""
    return json.loads(ast.get_source_segment(source, value) or "")


def compared(name: str, arguments: Arguments) -> Arguments:
    """The arguments whose names count."""
    return arguments[1:] if name in FIRST_BY_POSITION else arguments


def lenient(own: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """An argument without a default that Keras does not have: who always gives it does not notice."""
    return own if "default" in theirs else {fact: value for fact, value in own.items() if fact != "default"}


@pytest.mark.parametrize(("module", "name"), list(shared()))
def test_arguments_agree(module: Module, name: str) -> None:
    got = compared(name, parsed(signatures.arguments(kmagic, module, name)))
    expected = compared(name, parsed(RECORDED[module.name][name]))
    names = [entry["name"] for entry in expected]
    common = [entry for entry in got if entry["name"] in names]
    assert [entry["name"] for entry in common] == names, "arguments and their order"
    pairs = zip(common, expected, strict=True)
    faults = [f"{own['name']} {fault}" for own, theirs in pairs for fault in fact_faults(lenient(own, theirs), theirs)]
    required = [entry["name"] for entry in got if entry["name"] not in names and "default" not in entry]
    assert not faults, "\n".join(faults)
    assert not required, f"{required} are required here, and Keras has no such arguments"
