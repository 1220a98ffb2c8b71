"""Names and defaults of arguments, read off a library's own functions and classes."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from . import cases
from .reading import plain


@dataclass(frozen=True)
class Signature:
    """A callable of the public surface: `losses.Hinge`, or a method `models.Sequential.fit`."""

    path: str

    @property
    def name(self) -> str:
        return self.path


SIGNATURES = tuple(Signature(f"{module}.{part}") for module, names in cases.parts().items() for part in names) + tuple(
    Signature(f"models.Sequential.{method}") for method in cases.MODEL_METHODS
)


def read(library: ModuleType, case: Signature) -> dict[str, Any]:
    """The arguments of a callable in order: name, kind and default."""
    target: Any = library
    for step in case.path.split("."):
        target = getattr(target, step)
    parameters = [entry for entry in inspect.signature(target).parameters.values() if entry.name != "self"]
    return {"arguments": [describe(parameter) for parameter in parameters]}


def describe(parameter: inspect.Parameter) -> dict[str, Any]:
    """One argument as data; a required one has no default."""
    described = {"name": parameter.name, "kind": parameter.kind.name}
    if parameter.default is not inspect.Parameter.empty:
        described["default"] = plain(parameter.default)
    return described
