"""Everything public is documented, and what documents mention exists."""

import functools
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from types import ModuleType

import kmagic
from tests.architecture import tree

DOTTED = re.compile(r"\bkmagic(?:\.[A-Za-z_]\w*)+")
SOURCE = re.compile(r"\b(?:kmagic|tests|notebooks)/[\w/.-]*\w")


@functools.cache
def modules() -> tuple[ModuleType, ...]:
    """Every module of the package but `__main__`, which runs."""
    names = [found.name for found in pkgutil.walk_packages(kmagic.__path__, "kmagic.")]
    return (kmagic, *(importlib.import_module(name) for name in names if not name.endswith("__main__")))


def is_public(name: str) -> bool:
    """Whether no part of a dotted name starts with an underscore."""
    return not any(part.startswith("_") for part in name.split("."))


def defined_here(module: ModuleType) -> Iterator[tuple[str, object]]:
    """The public classes and functions that a module defines itself."""
    for name, value in vars(module).items():
        if is_public(name) and getattr(value, "__module__", None) == module.__name__ and callable(value):
            yield f"{module.__name__}.{name}", value


def members(name: str, owner: type) -> Iterator[tuple[str, object]]:
    """The public methods and properties that a class defines itself."""
    for member, value in vars(owner).items():
        if is_public(member) and (inspect.isroutine(value) or isinstance(value, property)):
            yield f"{name}.{member}", getattr(owner, member)


def is_documented(value: object) -> bool:
    """Whether a thing, or what it overrides, has a docstring of its own (dataclasses write a signature)."""
    text = inspect.getdoc(value) or ""
    return bool(text) and not text.startswith(f"{getattr(value, '__name__', '')}(")


def test_everything_public_is_documented() -> None:
    silent: list[str] = []
    for module in filter(lambda module: is_public(module.__name__), modules()):
        for name, value in defined_here(module):
            silent += [] if is_documented(value) else [name]
            if inspect.isclass(value):
                silent += [member for member, found in members(name, value) if not is_documented(found)]
    assert not silent, tree.listed(silent)


def test_every_file_says_what_it_is() -> None:
    """Tests included. A file that is named after its part needs no words beside those of the part."""
    silent = [
        path
        for path in tree.python_files()
        if tree.read(path).strip()
        and not tree.docstring_lines(tree.syntax(path))
        and not tree.is_named_after_its_part(path)
    ]
    assert not silent, tree.listed(silent)


def exists(dotted: str) -> bool:
    """Whether a dotted name can be reached by imports and attributes."""
    value: object = kmagic
    path = "kmagic"
    for part in dotted.split(".")[1:]:
        path = f"{path}.{part}"
        try:
            value = getattr(value, part)
        except AttributeError:
            try:
                value = importlib.import_module(path)
            except ImportError:
                return False
    return True


def mentions(pattern: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Where a pattern stands in the package, the notebooks and the README: place and what was found."""
    for path in tree.text_files():
        if path.parts[0] in ("kmagic", "notebooks", "README.md"):
            for number, line in enumerate(tree.read(path).splitlines(), start=1):
                for found in pattern.findall(line):
                    yield f"{path}:{number}", found


def test_mentioned_names_exist() -> None:
    missing = [f"{place} {name}" for place, name in mentions(DOTTED) if not exists(name)]
    assert not missing, tree.listed(missing)


def test_mentioned_files_exist() -> None:
    missing = [
        f"{place} {name}"
        for place, name in mentions(SOURCE)
        if not (tree.ROOT / name).exists() and not (tree.ROOT / name).with_suffix(".py").exists()
    ]
    assert not missing, tree.listed(missing)
