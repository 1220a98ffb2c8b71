"""Parts as plain data: written as Keras writes them, and read where Keras wrote them."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import pytest

import kmagic

from . import recording
from .agreement import named, offered, precision, shared_part
from .areas import serialized
from .areas.surface import Module
from .comparison import fact_faults

RECORDED = recording.read(recording.REFERENCE, "serialized")


def parts() -> Iterator[Any]:
    """Every class that Keras has written."""
    for module in serialized.MODULES:
        for name in RECORDED[module.name]:
            yield pytest.param(module, name, id=f"{module.path}.{name}")


def faults(got: Any, expected: Any) -> list[str]:
    """Where two descriptions of a part differ; what kmagic keeps beyond Keras is no fault."""
    config = shared_part(got["config"], expected["config"])
    return fact_faults({**got, "config": config}, {**expected, "config": offered(expected["config"])})


@pytest.mark.parametrize(("module", "name"), list(parts()))
def test_a_part_is_written_as_keras_writes_it(module: Module, name: str) -> None:
    with precision("float64"):
        part = serialized.made(kmagic, module, name)
        got = serialized.described(kmagic, module, part)
    assert not (found := faults(got, RECORDED[module.name][name])), "\n".join(found)


@pytest.mark.parametrize(("module", "name"), list(parts()))
def test_what_keras_wrote_is_read(module: Module, name: str) -> None:
    expected = RECORDED[module.name][name]
    with precision("float64"):
        part = module.of(kmagic).deserialize(expected)
        assert type(part) is getattr(module.of(kmagic), name)
        assert not faults(serialized.described(kmagic, module, part), expected)
        assert type(module.of(kmagic).get(expected)) is type(part)


@pytest.mark.parametrize("module", serialized.MODULES, ids=named)
def test_every_class_was_written(module: Module) -> None:
    registry = importlib.import_module(f"kmagic.{module.path}").registry
    surface = recording.read(recording.REFERENCE, "surface")[module.path]["names"]
    targets = {entry.target.__name__ for entry in registry.entries()}
    assert {name for name in targets if name in surface} <= set(RECORDED[module.name])


def functions() -> Iterator[Any]:
    """Every function that is a part or the formula of one."""
    for path in ("activations", "losses"):
        for name, kind in recording.read(recording.REFERENCE, "surface")[path]["names"].items():
            if kind == "function" and name not in ("get", "serialize", "deserialize"):
                yield pytest.param(Module(path).of(kmagic), name, id=f"{path}.{name}")


@pytest.mark.parametrize(("module", "name"), list(functions()))
def test_functions_are_read_in_the_form_that_keras_gives_them(module: Any, name: str) -> None:
    written = {"module": "builtins", "class_name": "function", "config": name, "registered_name": "function"}
    assert module.deserialize(written) is module.deserialize(name) is getattr(module, name)
