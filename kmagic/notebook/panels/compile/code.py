"""A recipe as Python and as a magic line, ready to copy: pasted and run, either gives the same recipe back."""

from __future__ import annotations

from typing import Any

from kmagic.base.parameters import parameters_of
from kmagic.base.parts import Part, serialize
from kmagic.models.recipe import Recipe, written

ONE_LINE = 100


def python_of(recipe: Recipe, name: str) -> str:
    """The call of `compile`, with the import that it needs.

    >>> print(python_of(Recipe("adam", "mse"), "m"))
    m.compile(optimizer='adam', loss='mse')
    """
    arguments = [f"{title}={qualified(choice)}" for title, choice in recipe.chosen().items()]
    line = f"{name}.compile({', '.join(arguments)})"
    if len(line) > ONE_LINE:
        line = "\n".join([f"{name}.compile(", *(f"    {argument}," for argument in arguments), ")"])
    return f"import kmagic\n\n{line}" if "kmagic." in line else line


def magic_of(recipe: Recipe, name: str) -> str:
    """The same as a magic line."""
    return recipe.magic(name)


def qualified(choice: Any) -> str:
    """A choice as Python text, parts under their full names: a loss and a metric may have the same short one.

    >>> from kmagic.losses import Huber
    >>> qualified([Huber(delta=2.0), "mae"])
    "[kmagic.losses.Huber(delta=2.0), 'mae']"
    """
    if isinstance(choice, dict):
        return "{" + ", ".join(f"{key!r}: {qualified(item)}" for key, item in choice.items()) + "}"
    if isinstance(choice, list):
        return f"[{', '.join(map(qualified, choice))}]"
    if not isinstance(choice, Part):
        return written(choice)
    module = serialize(choice)["module"]
    prefix = f"{_package(choice)}." if module else ""
    changed = ", ".join(f"{name}={qualified(value)}" for name, value in _changed(choice).items())
    return f"{prefix}{type(choice).__name__}({changed})"


def _package(part: Part) -> str:
    return type(part).__module__.rpartition(".")[0]


def _changed(part: Part) -> dict[str, Any]:
    """The arguments of a part that differ from their defaults."""
    kind: Any = type(part)
    defaults = {parameter.name: parameter.default for parameter in parameters_of(kind)}
    return {name: value for name, value in part.arguments.items() if not _is_same(value, defaults.get(name, part))}


def _is_same(value: Any, default: Any) -> bool:
    return value is default or (type(value) is type(default) and isinstance(value, str | int | float | bool | tuple)
                                and value == default)  # fmt: skip
