"""`parts`: the reference of all registered parts and operations, read from the registries."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from typing import Any

import kmagic
from kmagic.base.errors import UnknownName
from kmagic.base.registry import REGISTRIES, Entry, Registry
from kmagic.cli import markdown, text

# They register nothing, and loading them takes the libraries of screens.
SCREENS = {"kmagic.__main__", "kmagic.cli", "kmagic.notebook"}
# Public functions that are no parts: nothing is chosen by their names.
FUNCTIONS = ("kmagic.ops", "kmagic.random")

Style = Any  # the module `text` or the module `markdown`: both write the same things


def declare(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("parts", help="print the reference of layers, losses, metrics, optimizers …")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="a kind (losses, ops) or a part (huber, metrics.AUC); all without"
    )
    parser.add_argument("--markdown", action="store_true", help="as Markdown")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Print every registry, or what the names mean."""
    style: Style = markdown if chosen.markdown else text
    lines = (line for name in chosen.names for line in named(name, style)) if chosen.names else everything(style)
    print("\n".join(lines))
    return 0


def registries() -> list[Registry]:
    """The registries of all packages of parts, sorted by name."""
    for module in pkgutil.iter_modules(kmagic.__path__, "kmagic."):
        if module.name not in SCREENS:
            importlib.import_module(module.name)
    return [REGISTRIES[name] for name in sorted(REGISTRIES)]


def everything(style: Style) -> Iterator[str]:
    """All parts, then all operations."""
    for registry in registries():
        yield from style.registry(registry)
    for package in FUNCTIONS:
        yield from style.functions(package, functions(package))


def named(name: str, style: Style) -> Iterator[str]:
    """What a name means: all parts of a kind, or each part and operation that is called so, in full."""
    for registry in registries():
        if name in (registry.kind, *_spellings(registry.package)):
            yield from style.registry(registry)
            return
    for package in FUNCTIONS:
        if name in _spellings(package):
            yield from style.functions(package, functions(package))
            return
    home, _, part = name.rpartition(".")
    shelves = [registry for registry in registries() if not home or home in _spellings(registry.package)]
    parts = [(registry, entry) for registry in shelves if (entry := _find(registry, part)) is not None]
    packages = [package for package in FUNCTIONS if not home or home in _spellings(package)]
    called = [(package, names, function) for package in packages for names, function in functions(package)]
    called = [found for found in called if part in found[1]]
    if not parts and not called:
        raise UnknownName(name, _known(), kind="part", where="parts")
    for registry, entry in parts:
        yield from style.part(registry, entry)
    for found in called:
        yield from style.function(*found)


def functions(package: str) -> list[tuple[list[str], Any]]:
    """The public functions of a module, each with all of its names, sorted."""
    module = importlib.import_module(package)
    names: dict[int, tuple[list[str], Any]] = {}
    for name in sorted(getattr(module, "__all__", None) or dir(module)):
        function = getattr(module, name)
        names.setdefault(id(function), ([], function))[0].append(name)
    return list(names.values())


def _spellings(package: str) -> Iterable[str]:
    """How a package may be called: `kmagic.optimizers.schedules`, `optimizers.schedules`, `schedules`."""
    return package, package.partition(".")[2], package.rpartition(".")[2]


def _find(registry: Registry, name: str) -> Entry | None:
    try:
        return registry.find(name)
    except UnknownName:
        return None


def _known() -> Iterator[str]:
    """Everything that may be asked for."""
    for registry in registries():
        yield registry.package.rpartition(".")[2]
        yield from (spelling for entry in registry.entries() for spelling in (entry.name, *entry.aliases))
    for package in FUNCTIONS:
        yield package.rpartition(".")[2]
        yield from (name for names, _ in functions(package) for name in names)
