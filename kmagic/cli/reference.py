"""What the printed reference says of a part, before it is written in one style or another."""

from __future__ import annotations

import inspect
import re
from typing import Any

from kmagic.base.parameters import Parameter
from kmagic.base.registry import Entry, Registry

# The order in which sections stand, whatever the order in the docstring.
SECTIONS = ("Formula", "Symbols", "Shapes", "Example", "Source")


def title(entry: Entry) -> str:
    """The name of a part with its other spellings.

    >>> title(Entry("mean_squared_error", target=print, aliases=("mse",), exports=("MeanSquaredError",)))
    'mean_squared_error (mse, MeanSquaredError)'
    """
    others = dict.fromkeys(name for name in (*entry.aliases, *entry.exports) if name != entry.name)
    return f"{entry.name} ({', '.join(others)})" if others else entry.name


def default(parameter: Parameter) -> str:
    """A parameter's default as Python; a function by its name."""
    value = parameter.default
    return str(getattr(value, "__name__", None) or repr(value))


def allowed(parameter: Parameter) -> str:
    """What a parameter may be, as far as its annotation says."""
    if parameter.bound is None:
        return ""
    return f"{parameter.bound}{', or None' if parameter.optional or parameter.default is None else ''}"


def sections(doc: str) -> dict[str, str]:
    """The parts of a docstring: under "" the words before the first section, then each section by its title.

    >>> sections("Square.\\n\\nFormula: x²\\n\\nExample:\\n\\n>>> 2**2\\n4")
    {'': 'Square.', 'Formula': 'x²', 'Example': '>>> 2**2\\n4'}
    """
    found: dict[str, str] = {}
    current = ""
    for paragraph in re.split(r"\n\s*\n", doc.strip()):
        start = re.match(rf"({'|'.join(SECTIONS)}): *", paragraph)
        if start:
            current, paragraph = start.group(1), paragraph[start.end() :].strip("\n")
        found[current] = f"{found[current]}\n\n{paragraph}" if found.get(current) else paragraph
    return found


def ordered(entry: Entry) -> list[tuple[str, str]]:
    """The sections of a part in the order of the reference."""
    found = sections(entry.doc)
    return [(name, found[name]) for name in SECTIONS if name in found]


def description(entry: Entry) -> str:
    """The words of a docstring after its first sentence."""
    return sections(entry.doc)[""].partition("\n\n")[2]


def facts(registry: Registry, entry: Entry) -> list[tuple[str, str]]:
    """Where a part is imported from, the strings that mean it, and its tags."""
    strings = dict.fromkeys((entry.name, *entry.aliases, *entry.exports))
    imports = ", ".join(f"{registry.package}.{name}" for name in entry.exports)
    found = [("import", imports), ("strings", ", ".join(map(repr, strings))), ("tags", ", ".join(entry.tags))]
    return [(name, value) for name, value in found if value]


def sentence(function: Any) -> str:
    """The first sentence of a function's docstring."""
    return " ".join((inspect.getdoc(function) or "").split("\n\n")[0].split())


def call(names: list[str], function: Any) -> str:
    """How a function is called: names and defaults of its arguments."""
    signature = inspect.signature(function)
    bare = [parameter.replace(annotation=parameter.empty) for parameter in signature.parameters.values()]
    return f"{names[0]}{signature.replace(parameters=bare, return_annotation=signature.empty)}"
