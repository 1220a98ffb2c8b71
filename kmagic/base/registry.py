"""Registries: parts announce themselves, everything else is read from them.

A part is a class or function with a decorator, in a file of its own in a package of parts. From its registry entry
come the public name, aliases, completion, the panel's lists and fields, the printed reference and the laws in the
tests; there is no second list. Files load on first look-up; other packages add parts through entry points named after
the package (`kmagic.losses`, …).

Chosen: a module class (`Shelf`) for packages of parts instead of `__getattr__` functions, because the import system
binds a submodule over an attribute of the same name, and here each file is named after the function that it defines.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import inspect
import pkgutil
import re
import sys
import types
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NoReturn, TypeVar

from kmagic.base.errors import BadType, Defect, KmagicError, NotAPart, UnknownName
from kmagic.base.excluded import refuse
from kmagic.base.parameters import Parameter, bounded, parameters_of
from kmagic.base.parts import Part, serialize, snake

Target = TypeVar("Target", bound=Callable[..., Any])


@dataclass(frozen=True)
class Entry:
    """What a registry knows of one part.

    `name` is the string that users write, `aliases` other spellings, `target` the class or function, `exports` the
    public names it is imported under, `tags` an ordered tuple, `shapes` its signature in the shape notation.
    """

    name: str
    target: Callable[..., Any]
    aliases: tuple[str, ...] = ()
    exports: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    shapes: str | None = None

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """The typed parameters that a user may set."""
        return parameters_of(self.target)

    @property
    def doc(self) -> str:
        """The cleaned docstring."""
        return inspect.getdoc(self.target) or ""

    @property
    def summary(self) -> str:
        """The first sentence of the docstring."""
        return " ".join(self.doc.split("\n\n")[0].split())

    @property
    def formula(self) -> str | None:
        """The docstring's formula, readable in a terminal."""
        return self.section("Formula")

    def section(self, title: str) -> str | None:
        """The paragraph of the docstring that starts with `title:`."""
        found = re.search(rf"^{title}: *(.*?)(?=\n\s*\n|\Z)", self.doc, re.DOTALL | re.MULTILINE)
        return found.group(1).strip() if found else None


class Registry:
    """The parts of one package, e.g. all losses; with `by_name` classes are importable under their names too."""

    def __init__(self, kind: str, package: str, by_name: bool = False) -> None:
        self.kind = kind
        self.by_name = by_name
        self.package = package
        self._entries: dict[str, Entry] = {}
        self._spellings: dict[str, Entry] = {}
        self._exports: dict[str, Any] = {}
        self._loaded: set[str] = set()
        REGISTRIES[package] = self
        sys.modules[package].__class__ = Shelf

    def add(self, entry: Entry) -> None:
        """Put a part on the shelf; a name used twice or a missing docstring is a defect of the part."""
        if not entry.target.__doc__ and sys.flags.optimize < 2:
            raise Defect(f"{self.kind} {entry.name!r} in {entry.target.__module__} has no docstring")
        spellings = {entry.name, *entry.aliases, *entry.exports}
        for spelling in spellings:
            other = self._spellings.get(spelling)
            # a cell or module that is run again replaces its own part
            if other and (other.target.__module__, other.name) != (entry.target.__module__, entry.name):
                raise Defect(
                    f"{self.kind} {spelling!r} is defined in {other.target.__module__} and {entry.target.__module__}"
                )
        self._entries[entry.name] = entry
        self._spellings.update(dict.fromkeys(spellings, entry))
        self._exports.update(dict.fromkeys(entry.exports, entry.target))

    def register(
        self, *aliases: str, name: str | None = None, tags: Iterable[str] = (), shapes: str | None = None
    ) -> Callable[[Target], Target]:
        """Decorate a class or function as a part; its snake_case name is the default spelling."""

        def decorate(given: Target) -> Target:
            target: Any = given if isinstance(given, type) else bounded(given)
            own = target.__name__
            public = [alias for alias in aliases if alias[:1].isupper() or not isinstance(target, type)]
            exports = (own, *public, *((name or snake(own),) if self.by_name else ()))
            others = tuple(alias for alias in (*aliases, snake(own)) if alias != (name or snake(own)))
            self.add(Entry(name or snake(own), target, others, exports, tuple(tags), shapes))
            registered: Target = target
            return registered

        return decorate

    def export(self, name: str, value: Any) -> None:
        """Make `value` importable from the package under `name`, beside the parts."""
        self._exports[name] = value

    def exclude(self, name: str, base: type, needs: str, instead: str, module: str) -> None:
        """Export a class of `module` that is outside the surface: whoever makes one is told what serves instead."""

        def refused(cls: type, *args: Any, **kwargs: Any) -> NoReturn:
            refuse(name, needs, instead, self.package.rpartition(".")[2])

        about = {"__new__": refused, "__doc__": f"Not offered: needs {needs}.", "__module__": module}
        self.export(name, type(name, (base,), about))

    def names(self) -> list[str]:
        """The names that users write, sorted."""
        self._load_all()
        return sorted(self._entries)

    def entries(self, tag: str | None = None) -> list[Entry]:
        """All parts, sorted by name; with `tag` only those that carry it."""
        return [self._entries[name] for name in self.names() if tag is None or tag in self._entries[name].tags]

    def find(self, name: str) -> Entry:
        """The part called `name` (any spelling), or UnknownName with the closest ones."""
        entry = self._look_up(name)
        if entry is None:
            raise UnknownName(name, self._spellings, kind=self.kind, where=self.package)
        return entry

    def has(self, name: str) -> bool:
        """Whether something is called `name`."""
        return self._look_up(name) is not None or name in self._exports

    def class_called(self, name: str) -> Any:
        """The part called `name`, or the class that is only exported under it; UnknownName if there is neither."""
        entry, exported = self._look_up(name), self._exports.get(name)
        return exported if entry is None and isinstance(exported, type) else self.find(name).target

    def function_called(self, name: str) -> Any:
        """The function called `name`: a part itself, or the formula of one."""
        target = self.find(name).target
        return getattr(target, "function", target)

    def entry_of(self, target: object) -> Entry | None:
        """The entry of a class, function or instance, if it is registered."""
        kind = target if isinstance(target, type | types.FunctionType) else type(target)
        found = self.loaded_entry(kind)
        if found is None:
            self._load_all()
            found = self.loaded_entry(kind)
        return found

    def loaded_entry(self, kind: object) -> Entry | None:
        """The entry of a class or function that was registered already."""
        return next((entry for entry in self._entries.values() if entry.target is kind), None)

    def get(self, identifier: Any, custom_objects: dict[str, Any] | None = None) -> Any:
        """The part that a name, a config, an instance or a function means; None stays None."""
        return get(identifier, self, custom_objects)

    def serialize(self, part: Any) -> Any:
        """A part as plain data: `{"module", "class_name", "config", "registered_name"}`, a function as its name."""
        described = serialize(part)
        # a metric that is made from a loss is defined in the loss's file
        return {**described, "module": self.package} if isinstance(part, Part) and self.entry_of(part) else described

    def deserialize(self, config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
        """The part that `serialize` described."""
        return deserialize(config, self, custom_objects)

    def attribute(self, name: str) -> Any:
        """The public object called `name` in the package's namespace."""
        if name not in self._exports:
            self._load_file(name)
        if name not in self._exports:
            self._load_all()
        if name not in self._exports:
            raise AttributeError(str(UnknownName(name, self._exports, kind=self.kind, where=self.package)))
        return self._exports[name]

    def exports(self) -> list[str]:
        """All public names of the package."""
        self._load_all()
        return sorted(self._exports)

    def _look_up(self, name: str) -> Entry | None:
        for spelling in (name, name.lower()):
            if spelling not in self._spellings:
                self._load_file(spelling)
            if spelling in self._spellings:
                return self._spellings[spelling]
        self._load_all()
        return self._spellings.get(name) or self._spellings.get(name.lower())

    def has_file(self, name: str) -> bool:
        """Whether the package has a file named after this part."""
        return f"{self.package}.{name}" in self._files()

    def _load_file(self, name: str) -> None:
        """Load the file that is named after the part, if there is one."""
        wanted = name.replace("_", "").lower()
        for module in self._files():
            if module.rpartition(".")[2].replace("_", "") == wanted:
                self._load(module)

    def _load_all(self) -> None:
        for module in self._files():
            self._load(module)
        if "entry points" not in self._loaded:
            self._loaded.add("entry points")
            for point in importlib.metadata.entry_points(group=self.package):
                point.load()

    def _files(self) -> list[str]:
        package = sys.modules[self.package]
        return [f"{self.package}.{info.name}" for info in pkgutil.iter_modules(package.__path__)]

    def _load(self, module: str) -> None:
        if module not in self._loaded:
            importlib.import_module(module)
            self._loaded.add(module)


REGISTRIES: dict[str, Registry] = {}


class Shelf(types.ModuleType):
    """A package of parts as a module: attributes are looked up in its registry."""

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":  # `from kmagic.layers import *` takes the parts too
            return [public for public in dir(self) if not public.startswith("_")]
        if name.startswith("__"):
            raise AttributeError(name)
        return REGISTRIES[self.__name__].attribute(name)

    def __setattr__(self, name: str, value: Any) -> None:
        # the import system binds each loaded file here; the part of that name keeps its place
        if isinstance(value, types.ModuleType):
            value = REGISTRIES[self.__name__]._exports.get(name, value)
        super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        own = [name for name in vars(self) if not isinstance(vars(self)[name], types.ModuleType)]
        return sorted({*own, *REGISTRIES[self.__name__].exports()})


def deserialize(config: Any, registry: Registry, custom_objects: dict[str, Any] | None = None) -> Any:
    """The part that `serialize` described."""
    if config is None:
        return None
    own = custom_objects or {}
    if isinstance(config, str):
        return get(config, registry, own)
    name = config.get("class_name")
    if name == "function":  # as Keras writes functions
        return own.get(config["config"]) or registry.function_called(config["config"])
    cls: Any = own.get(name) or _home(config, registry).class_called(name)
    # parts that hold other parts look for those among the user's own too
    further = {"custom_objects": custom_objects} if custom_objects and _takes_custom_objects(cls.from_config) else {}
    return cls.from_config(config.get("config") or {}, **further)


def _home(config: dict[str, Any], registry: Registry) -> Registry:
    """The registry of the module that a config names, as of a layer in an activation's place, or the one asked."""
    named = REGISTRIES.get(re.sub(r"^keras\b", "kmagic", str(config.get("module") or "")), registry)
    return named if named.has(str(config.get("class_name"))) else registry


def _takes_custom_objects(from_config: Callable[..., Any]) -> bool:
    return "custom_objects" in inspect.signature(from_config).parameters


def get(identifier: Any, registry: Registry, custom_objects: dict[str, Any] | None = None) -> Any:
    """A part from whatever a user wrote: a name, a config, an instance or a function; None stays None."""
    if (
        identifier is None
        or (callable(identifier) and not isinstance(identifier, type))
        or isinstance(identifier, Part)
    ):
        return identifier
    if isinstance(identifier, dict):
        return deserialize(identifier, registry, custom_objects)
    if isinstance(identifier, type):
        return identifier()
    if not isinstance(identifier, str):
        raise NotAPart(
            f"{identifier!r} is no {registry.kind}",
            where=registry.package,
            expected=f"a name, an instance or a function; names: {', '.join(registry.names())}",
        )
    target = (custom_objects or {}).get(identifier) or registry.find(identifier).target
    return _made(target, registry) if isinstance(target, type) else target


def _made(cls: type, registry: Registry) -> Any:
    required = [parameter.name for parameter in parameters_of(cls) if parameter.required]
    if required:
        arguments = ", ".join(f"{name}=…" for name in required)
        raise BadType(
            f"{registry.kind} {cls.__name__} cannot be made from its name alone",
            expected=f"an instance with {', '.join(required)}",
            fix=f"{cls.__name__}({arguments})",
        )
    return cls()


def describe(error: Exception) -> str:
    """The text of an error for a user: ours as it stands, others with their type."""
    return str(error) if isinstance(error, KmagicError) else f"{type(error).__name__}: {error}"
