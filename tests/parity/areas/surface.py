"""The public names of each module, and the strings that its `get` understands."""

from __future__ import annotations

import importlib
import inspect
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from ..area import Area, Library, Results


@dataclass(frozen=True)
class Module:
    """A public module, by its path below the library."""

    path: str

    @property
    def name(self) -> str:
        return self.path

    def of(self, library: Library) -> Any:
        """The module itself."""
        found: Any = library
        for step in self.path.split("."):
            found = getattr(found, step)
        return found


MODULES = tuple(
    Module(path)
    for path in (
        "activations",
        "callbacks",
        "constraints",
        "initializers",
        "losses",
        "metrics",
        "ops",
        "ops.image",
        "ops.linalg",
        "ops.nn",
        "ops.numpy",
        "optimizers",
        "optimizers.schedules",
        "random",
        "regularizers",
    )
)


def public(module: Any) -> list[str]:
    """The names that a module offers."""
    return [name for name in dir(module) if not name.startswith("_")]


def kind_of(value: Any) -> str:
    """What a public name stands for."""
    return "class" if inspect.isclass(value) else "module" if isinstance(value, ModuleType) else "function"


def described(value: Any) -> list[str]:
    """What a string stands for: a class or a function, and its name."""
    return [kind_of(value), value.__name__]


def offered(library: Library, module: Module) -> Results:
    """Names with what they stand for; strings with the class or function that they mean."""
    found = module.of(library)
    names = {name: kind_of(getattr(found, name)) for name in public(found)}
    source = importlib.import_module(f"{library.__name__}.src.{module.path}") if "get" in names else None
    strings = getattr(source, "ALL_OBJECTS_DICT", {})
    return {"names": names, "strings": {name: described(part) for name, part in strings.items()}}


AREAS = (Area("surface", MODULES, offered),)
