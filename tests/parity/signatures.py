"""Names and defaults of arguments, read off a library's own functions and classes."""

from __future__ import annotations

import inspect
import json
from typing import Any

from .area import Library, Results
from .areas.surface import MODULES, Module, kind_of, public
from .reading import plain

# Methods of models whose arguments and defaults users type.
MODEL = (
    "Sequential",
    "Sequential.compile",
    "Sequential.fit",
    "Sequential.evaluate",
    "Sequential.predict",
    "Sequential.train_on_batch",
    "Sequential.test_on_batch",
    "Sequential.predict_on_batch",
    "Sequential.summary",
    "Sequential.get_layer",
)
LAYERS, MODELS = Module("layers"), Module("models")
# The modules below `ops` give the same functions once more.
CASES = (*(module for module in MODULES if not module.path.startswith("ops.")), LAYERS, MODELS)


def read(library: Library, module: Module) -> Results:
    """The arguments of every class and function of a module."""
    found = module.of(library)
    callables = [name for name in public(found) if kind_of(getattr(found, name)) != "module"]
    names = MODEL if module == MODELS else callables
    return {name: arguments(library, module, name) for name in names}


def arguments(library: Library, module: Module, name: str) -> list[dict[str, Any]] | None:
    """The arguments of a callable in order: name, kind and default; None where Python cannot tell."""
    target = module.of(library)
    for step in name.split("."):
        target = getattr(target, step)
    try:
        parameters = inspect.signature(target).parameters.values()
    except ValueError:
        return None
    return [describe(parameter) for parameter in parameters if parameter.name != "self"]


def describe(parameter: inspect.Parameter) -> dict[str, Any]:
    """One argument as data; a required one has no default, an ordinary one no kind."""
    described = {"name": parameter.name}
    if parameter.kind is not parameter.POSITIONAL_OR_KEYWORD:
        described["kind"] = parameter.kind.name
    if parameter.default is not inspect.Parameter.empty:
        described["default"] = written(parameter.default)
    return described


def written(default: Any) -> Any:
    """A default as a file keeps it; an object by its kind."""
    try:
        return json.loads(json.dumps(plain(default)))
    except TypeError:
        return f"<{type(default).__name__}>"
