"""Kinds of values on a magic line: how each is read, and what completion offers for it.

A kind is told the text of a word, the user's namespace, and where the word stands (for messages).
"""

from __future__ import annotations

import builtins
import importlib
import keyword
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kmagic.base.errors import BadType, UnknownName, closest
from kmagic.base.parameters import Bound
from kmagic.base.registry import Entry, Registry
from kmagic.notebook.namespace import data_in, evaluate, models_in
from kmagic.notebook.words import LineError

Namespace = dict[str, Any]


class Kind:
    """A kind of value; `label` stands for it in usage lines."""

    label: str

    def read(self, text: str, namespace: Namespace, where: str) -> Any:
        """The value that `text` stands for."""
        raise NotImplementedError

    def candidates(self, namespace: Namespace) -> Iterable[str]:
        """What can be written here."""
        return ()

    def classes(self) -> Iterable[str]:
        """The classes with which an expression can start here; offered once a capital letter is written."""
        return ()


@dataclass(frozen=True)
class Expression(Kind):
    """A Python expression, evaluated in the user's namespace."""

    label: str = "expression"

    def read(self, text: str, namespace: Namespace, where: str) -> Any:
        """The value of the expression."""
        return evaluate(text, namespace, where)

    def candidates(self, namespace: Namespace) -> Iterable[str]:
        """The user's arrays, tables and lists."""
        return data_in(namespace)


@dataclass(frozen=True)
class Made(Expression):
    """An expression that makes parts of a package: `EarlyStopping(patience=3)`."""

    package: str = ""

    def classes(self) -> Iterable[str]:
        """The classes of the package."""
        return [name for name in importlib.import_module(self.package).registry.exports() if name[:1].isupper()]


@dataclass(frozen=True)
class NewName(Kind):
    """A name that the magic will bind."""

    label: str = "name"

    def read(self, text: str, namespace: Namespace, where: str) -> str:
        """The name itself."""
        value = evaluate(text, namespace, where) if text.startswith("{") else text
        if not isinstance(value, str) or not value.isidentifier() or keyword.iskeyword(value):
            raise LineError(f"{text!r} cannot be a name", where=where, expected="letters, digits and _, no digit first")
        if hasattr(builtins, value):
            raise LineError(f"{value!r} is a built-in name of Python", where=where, expected="another name")
        return value


@dataclass(frozen=True)
class Named:
    """A model and the name that the line called it by."""

    name: str
    model: Any


@dataclass(frozen=True)
class ModelName(Kind):
    """The name of a model, or an expression that gives one."""

    label: str = "model"

    def read(self, text: str, namespace: Namespace, where: str) -> Named:
        """The model and its name."""
        known = models_in(namespace)
        if text in known:
            return Named(text, known[text])
        if text.isidentifier() and text not in namespace:
            raise self._unknown(text, known, where)
        value = evaluate(text, namespace, where)
        if not _is_model(value):
            raise BadType(f"{text} has type {type(value).__name__}", where=where, expected=_one_of(known))
        return Named(text if text.isidentifier() else value.name, value)

    def candidates(self, namespace: Namespace) -> Iterable[str]:
        """The names of the user's models."""
        return models_in(namespace)

    def _unknown(self, text: str, known: Mapping[str, Any], where: str) -> LineError:
        close = closest(text, known)
        fix = f"did you mean {', '.join(map(repr, close))}?" if close else None
        expected = None if close else _one_of(known)
        return LineError(f"no model is called {text!r}", where=where, expected=expected, fix=fix)


def _is_model(value: object) -> bool:
    from kmagic.models import Model

    return isinstance(value, Model)


def _one_of(known: Mapping[str, Any]) -> str:
    return f"a model: {', '.join(known)}" if known else "a model; a %%kmodel cell defines one"


@dataclass(frozen=True)
class Number(Kind):
    """A number within bounds, or an expression that gives one."""

    bound: Bound
    label: str = "number"

    def read(self, text: str, namespace: Namespace, where: str) -> Any:
        """The number, as an int where whole numbers are wanted."""
        value = evaluate(text, namespace, where)
        option = where.rpartition(" ")[2]
        self.bound.check(value, name=option, where=where.removesuffix(option).strip())
        return int(value) if self.bound.whole else value


@dataclass(frozen=True)
class PartOf(Kind):
    """A registered part by name (`adam`), or an expression that gives one (`Adam(learning_rate=0.01)`).

    `words` gives the names that `compile` understands beside those of the registry.
    """

    label: str
    package: str
    words: Callable[[], tuple[str, ...]] = tuple

    def read(self, text: str, namespace: Namespace, where: str) -> Any:
        """The name as it is written if it is known, else the value of the expression."""
        if not text.isidentifier() or _is_own_part(namespace.get(text)):
            # `BinaryCrossentropy(…)` is a metric among metrics and a loss elsewhere
            return evaluate(text, namespace, where, first=(self.package,))
        if text.lower() not in self.words() and not _knows(self._registry(), text):
            raise UnknownName(text, self.candidates(namespace), kind=self.label, where=where)
        return text

    def candidates(self, namespace: Namespace) -> Iterable[str]:
        """All names of the registry, and the short ones that Keras's users write (`mse`)."""
        entries = offered(self._registry())
        names = [name for entry in entries for name in (entry.name, *filter(str.islower, entry.aliases))]
        return [*names, *self.words()]

    def classes(self) -> Iterable[str]:
        """The classes, for an expression that makes a part."""
        targets = [entry.target for entry in self._registry().entries() if "values" not in entry.tags]
        return [target.__name__ for target in targets if isinstance(target, type)]

    def _registry(self) -> Registry:
        return importlib.import_module(self.package).registry


def offered(registry: Registry) -> list[Entry]:
    """The parts that `compile` takes by name: no metric that watches plain values, nothing that needs arguments."""
    named = (entry for entry in registry.entries() if not any(parameter.required for parameter in entry.parameters))
    return [entry for entry in named if "values" not in entry.tags]


def _knows(registry: Registry, name: str) -> bool:
    try:
        registry.find(name)
    except UnknownName:
        return False
    return True


def _is_own_part(value: object) -> bool:
    """Whether the user's variable is a part: then it wins over a registered name, as everywhere."""
    return not isinstance(value, type) and (callable(value) or hasattr(value, "get_config"))


@dataclass(frozen=True)
class Choice(Kind):
    """One of a few words."""

    label: str
    words: Callable[[], Iterable[str]]

    def read(self, text: str, namespace: Namespace, where: str) -> str:
        """The word."""
        known = list(self.words())
        if text in known:
            return text
        raise UnknownName(text, known, kind=self.label, where=where)

    def candidates(self, namespace: Namespace) -> Iterable[str]:
        """The words."""
        return self.words()


@dataclass(frozen=True)
class Flag(Kind):
    """An option that is there or not, and takes no value."""

    label: str = ""
