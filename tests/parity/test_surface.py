"""Every public name of Keras is here, and every string that its `get` understands; what is not stands in a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import kmagic
from kmagic.base.errors import BadType, KmagicError, UnknownName, Unsupported
from kmagic.base.parameters import parameters_of

from . import recording, signatures
from .areas.surface import MODULES, Module, described, kind_of
from .tolerances import OUTSIDE, is_outside

RECORDED = recording.read(recording.REFERENCE, "surface")
SIGNED = recording.read(recording.REFERENCE, "signatures")
PLACES = {module.path: module for module in (*MODULES, *signatures.CASES)}


def names() -> Iterator[Any]:
    """Every recorded name that is not in the table, with what it stands for."""
    for module in MODULES:
        for name, kind in RECORDED[module.path]["names"].items():
            if not is_outside(path := f"{module.path}.{name}"):
                yield pytest.param(module, name, kind, id=path)


def strings() -> Iterator[Any]:
    """Every recorded string that is not in the table, with what it means."""
    for module in MODULES:
        for string, meaning in RECORDED[module.path]["strings"].items():
            outside = is_outside(f"{module.path}.{meaning[1]}")
            if not outside and not is_outside(path := f"{module.path}.get({string!r})"):
                yield pytest.param(module, string, meaning, id=path)


@pytest.mark.parametrize(("module", "name", "kind"), list(names()))
def test_every_name_is_here(module: Module, name: str, kind: str) -> None:
    assert kind_of(getattr(module.of(kmagic), name)) == kind


@pytest.mark.parametrize(("module", "string", "meaning"), list(strings()))
def test_every_string_means_the_same(module: Module, string: str, meaning: list[str]) -> None:
    found = module.of(kmagic)
    part = getattr(found, meaning[1])
    assert described(part) == meaning
    if meaning[0] == "function":
        assert found.get(string) is part
    elif any(parameter.required for parameter in parameters_of(part)):
        with pytest.raises(BadType, match=f"{part.__name__} cannot be made from its name alone"):
            found.get(string)
    else:
        assert type(found.get(string)) is part


def is_here(path: str) -> bool:
    """Whether kmagic has what a path of the table means; what only tells an alternative is not here."""
    place, _, name = path.partition(".get(") if ".get(" in path else path.rpartition(".")
    try:
        found = PLACES[place].of(kmagic)
        if ".get(" in path:
            found.get(name.strip("')"))
        else:
            getattr(found, name)("any")
    except (AttributeError, Unsupported, UnknownName):
        return False
    except KmagicError:
        return True
    return True


@pytest.mark.parametrize("path", [path for paths in OUTSIDE.values() for path in paths])
def test_the_table_holds_only_names_of_keras_that_are_not_here(path: str) -> None:
    known = {f"{module}.{name}" for module, facts in RECORDED.items() for name in facts["names"]}
    known |= {f"{module}.{name}" for module, facts in SIGNED.items() for name in facts}
    known |= {f"{module}.get({name!r})" for module, facts in RECORDED.items() for name in facts["strings"]}
    if path.endswith(".*"):
        assert path.removesuffix(".*") in RECORDED and is_outside(path.removesuffix(".*"))
    else:
        assert path in known
        assert not is_here(path)
