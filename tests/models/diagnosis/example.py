"""Examples for the diagnosis: right and wrong combinations of model, data and recipe, as fresh objects each time.

Files in `cases/` are loaded by `load`; the decorators `correct` and `wrong` collect what they hold.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.models.diagnosis import cases


@dataclass
class Example:
    """A model, data, the arguments of `compile` and those of `fit`.

    `trains=False`: the mended case is not trained, as there is nothing to learn or nothing to run.
    """

    model: Any
    x: Any = None
    y: Any = None
    recipe: dict[str, Any] = field(default_factory=dict)
    fit: dict[str, Any] = field(default_factory=dict)
    trains: bool = True


@dataclass(frozen=True)
class Wrong:
    """A mistake: the code and severity of its finding, and texts that the message must hold.

    `fixes`: how many at least there must be.
    """

    make: Callable[[], Example]
    code: str
    severity: str
    says: tuple[str, ...]
    fixes: int


@dataclass(frozen=True)
class Correct:
    """A combination that nothing is wrong with."""

    make: Callable[[], Example]
    title: str


WRONG: dict[str, Wrong] = {}
CORRECT: dict[str, Correct] = {}


def wrong(code: str, severity: str, *says: str, fixes: int = 1) -> Callable[..., Any]:
    """Decorate a function that makes an example with this mistake."""

    def decorate(make: Callable[[], Example]) -> Callable[[], Example]:
        name = f"{code} {make.__name__}"
        assert name not in WRONG or is_loaded_again(WRONG[name].make, make), name
        WRONG[name] = Wrong(make, code, severity, says, fixes)
        return make

    return decorate


def correct(title: str) -> Callable[..., Any]:
    """Decorate a function that makes a right example."""

    def decorate(make: Callable[[], Example]) -> Callable[[], Example]:
        assert title not in CORRECT or is_loaded_again(CORRECT[title].make, make), title
        CORRECT[title] = Correct(make, title)
        return make

    return decorate


def is_loaded_again(old: Callable[..., Any], new: Callable[..., Any]) -> bool:
    """Whether both come of one line: pytest loads files once more to look for doctests."""
    return (old.__code__.co_filename, old.__code__.co_name) == (new.__code__.co_filename, new.__code__.co_name)


def load() -> None:
    """Load all files of cases."""
    for info in pkgutil.iter_modules(cases.__path__):
        importlib.import_module(f"{cases.__name__}.{info.name}")
