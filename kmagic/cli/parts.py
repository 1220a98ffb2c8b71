"""`parts`: the reference of all registered parts, read from the registries."""

import argparse
import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import kmagic
from kmagic.base.parameters import Parameter
from kmagic.base.registry import REGISTRIES, Entry, Registry

# They register nothing, and loading them takes the libraries of screens.
SCREENS = {"kmagic.__main__", "kmagic.cli", "kmagic.notebook"}


def declare(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("parts", help="print the reference of layers, losses, metrics, optimizers …")
    parser.add_argument("--markdown", action="store_true", help="as Markdown")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Print every registry."""
    write = markdown if chosen.markdown else text
    print("\n".join(line for registry in registries() for line in write(registry)))
    return 0


def registries() -> list[Registry]:
    """The registries of all packages of parts, sorted by name."""
    for module in pkgutil.iter_modules(kmagic.__path__, "kmagic."):
        if module.name not in SCREENS:
            importlib.import_module(module.name)
    return [REGISTRIES[name] for name in sorted(REGISTRIES)]


def text(registry: Registry) -> Iterator[str]:
    """One registry for a terminal."""
    yield f"{registry.package}\n{'=' * len(registry.package)}"
    for entry in registry.entries():
        yield f"\n{title(entry)}\n    {entry.summary}"
        if entry.formula:
            yield indented(entry.formula)
        yield from (f"        {signature(parameter)}" for parameter in entry.parameters)
    yield ""


def markdown(registry: Registry) -> Iterator[str]:
    """One registry as Markdown."""
    yield f"## {registry.package}\n"
    for entry in registry.entries():
        yield f"### {title(entry)}\n\n{entry.summary}\n"
        if entry.formula:
            yield f"```\n{entry.formula}\n```\n"
        if entry.parameters:
            yield "\n".join(f"- `{signature(parameter)}`" for parameter in entry.parameters) + "\n"


def title(entry: Entry) -> str:
    """The name of a part with its other spellings.

    >>> title(Entry("mean_squared_error", target=print, aliases=("mse",), exports=("MeanSquaredError",)))
    'mean_squared_error (mse, MeanSquaredError)'
    """
    others = dict.fromkeys(name for name in (*entry.aliases, *entry.exports) if name != entry.name)
    return f"{entry.name} ({', '.join(others)})" if others else entry.name


def signature(parameter: Parameter) -> str:
    """A parameter with its default and bounds."""
    start = parameter.name if parameter.required else f"{parameter.name} = {parameter.default!r}"
    return f"{start}   ({parameter.bound})" if parameter.bound else start


def indented(lines: str) -> str:
    """Several lines, each moved to the right."""
    return "\n".join(f"    {line}".rstrip() for line in lines.splitlines())
