"""Choices as Python text that can be pasted: parts under their full names, with the arguments that were changed."""

from __future__ import annotations

from typing import Any

from kmagic.base.parameters import parameters_of
from kmagic.base.parts import Part


def qualified(choice: Any) -> str:
    """A choice as Python text, parts under their full names: a loss and a metric may have the same short one.

    >>> from kmagic.losses import Huber
    >>> qualified([Huber(delta=2.0), "mae"])
    "[kmagic.losses.Huber(delta=2.0), 'mae']"
    """
    if isinstance(choice, dict):
        return "{" + ", ".join(f"{key!r}: {qualified(item)}" for key, item in choice.items()) + "}"
    if isinstance(choice, list | tuple):
        return f"[{', '.join(map(qualified, choice))}]"
    if isinstance(choice, type) and issubclass(choice, Part):
        return f"{_prefix(choice)}{choice.__name__}"
    if not isinstance(choice, Part):
        return str(getattr(choice, "__name__", repr(choice)))
    changed = ", ".join(f"{name}={qualified(value)}" for name, value in _changed(choice).items())
    return f"{_prefix(type(choice))}{type(choice).__name__}({changed})"


def _prefix(kind: type[Part]) -> str:
    """The package of a class of parts; the user's own have none."""
    module = kind.__module__
    return f"{module.rpartition('.')[0]}." if module.startswith("kmagic.") else ""


def _changed(part: Part) -> dict[str, Any]:
    """The arguments of a part that differ from their defaults."""
    kind: Any = type(part)
    defaults = {parameter.name: parameter.default for parameter in parameters_of(kind)}
    return {name: value for name, value in part.arguments.items() if not _is_same(value, defaults.get(name, part))}


def _is_same(value: Any, default: Any) -> bool:
    return value is default or (type(value) is type(default) and isinstance(value, str | int | float | bool | tuple)
                                and value == default)  # fmt: skip
