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
# Of the modules below `ops` the others give the same functions once more.
CASES = (*(m for m in MODULES if not m.path.startswith("ops.") or m.path == "ops.image"), LAYERS, MODELS)


def read(library: Library, module: Module) -> Results:
    """The arguments of every class and function of a module."""
    found = module.of(library)
    callables = [name for name in public(found) if kind_of(getattr(found, name)) != "module"]
    names = MODEL if module == MODELS else callables
    return {name: arguments(library, module, name) for name in names}


def arguments(library: Library, module: Module, name: str) -> str | None:
    """The arguments of a callable as Python writes them, defaults as JSON; None where Python cannot tell."""
    target = module.of(library)
    for step in name.split("."):
        target = getattr(target, step)
    try:
        signature = inspect.signature(target)
    except ValueError:
        return None
    bare = [described(parameter) for parameter in signature.parameters.values() if parameter.name != "self"]
    return str(inspect.Signature(bare))


def described(parameter: inspect.Parameter) -> inspect.Parameter:
    """A parameter without its annotation, its default as data."""
    bare = parameter.replace(annotation=parameter.empty)
    return bare if parameter.default is parameter.empty else bare.replace(default=Written(parameter.default))


class Written:
    """A default as a file keeps it: JSON, or the kind of an object in angles."""

    def __init__(self, default: Any) -> None:
        self.default = default

    def __repr__(self) -> str:
        try:
            return json.dumps(plain(self.default))
        except TypeError:
            return json.dumps(f"<{type(self.default).__name__}>")
