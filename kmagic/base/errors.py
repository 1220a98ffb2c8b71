"""Errors that tell a user where, what was found, what was expected, and a fix to paste.

The tree keeps the built-in types that Keras users catch:

    KmagicError
    ├── UnknownName      ValueError           a part, layer or option that does not exist
    ├── BadValue         ValueError           a parameter outside its bounds
    ├── BadType          TypeError            a parameter of the wrong kind
    │   ├── UnknownArgument  also ValueError  an argument that a part does not have
    │   └── NotAPart         also ValueError  a thing that cannot mean a loss, layer, …
    ├── ShapeMismatch    ValueError           shapes that do not fit
    ├── BadData          ValueError           data that the model cannot be trained on
    ├── NotCompiled      ValueError           compile() is missing
    ├── NotFinite        ArithmeticError      NaN or infinity while training
    ├── TraceError       TypeError            a symbol used as if it were a number
    ├── UserCodeError    RuntimeError         a function that the user wrote broke; the cause is kept
    ├── Busy             RuntimeError         the model is training
    ├── Unsupported      NotImplementedError  outside the supported surface
    ├── MissingExtra     ImportError          an optional package is not installed
    └── Defect           RuntimeError         kmagic itself is wrong
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class KmagicError(Exception):
    """A mistake described in at most four short lines.

    `found` says what was wrong, with its value; `where` names the cell, layer or parameter;
    `expected` says what would have been right; `fix` is text that can be pasted.

    >>> print(KmagicError("units is -1", where="Dense", expected="a whole number of at least 1", fix="Dense(32)"))
    Dense: units is -1
    expected: a whole number of at least 1
    fix: Dense(32)
    """

    def __init__(
        self, found: str, *, where: str | None = None, expected: str | None = None, fix: str | None = None
    ) -> None:
        super().__init__(found)
        self.found = found
        self.where = where
        self.expected = expected
        self.fix = fix

    def __str__(self) -> str:
        lines = [f"{self.where}: {self.found}" if self.where else self.found]
        if self.expected:
            lines.append(f"expected: {self.expected}")
        if self.fix:
            lines.append(f"fix: {self.fix}")
        return "\n".join(lines)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.found, self.where, self.expected, self.fix)


def _rebuild(
    kind: type[KmagicError], found: str, where: str | None, expected: str | None, fix: str | None
) -> KmagicError:
    return kind(found, where=where, expected=expected, fix=fix)


class UnknownName(KmagicError, ValueError):
    """A name that nothing is registered under; `name` and `known` say which and among what."""

    def __init__(self, name: object, known: Iterable[str], *, kind: str, where: str | None = None) -> None:
        self.name = str(name)
        self.known = sorted(set(known))
        self.kind = kind
        close = closest(self.name, self.known)
        names = ", ".join(repr(candidate) for candidate in close)
        super().__init__(
            f"unknown {kind} {self.name!r}",
            where=where,
            expected=None if close else f"one of {', '.join(self.known)}",
            fix=f"did you mean {names}?" if close else None,
        )

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild_unknown, (self.name, self.known, self.kind, self.where)


def _rebuild_unknown(name: str, known: list[str], kind: str, where: str | None) -> UnknownName:
    return UnknownName(name, known, kind=kind, where=where)


class BadValue(KmagicError, ValueError):
    """A parameter whose value is outside its bounds."""


class BadType(KmagicError, TypeError):
    """A parameter of the wrong kind."""


class UnknownArgument(BadType, ValueError):
    """An argument that a part does not have (Python's TypeError, and Keras's ValueError)."""


class NotAPart(BadType, ValueError):
    """A thing that cannot mean a part (Python's TypeError, and Keras's ValueError)."""


class ShapeMismatch(KmagicError, ValueError):
    """Shapes that do not fit together; `is_placed` once it names the layer, and what that was called on."""

    is_placed = False


class BadData(KmagicError, ValueError):
    """Data that the model cannot be trained on or applied to."""


class NotCompiled(KmagicError, ValueError):
    """A call that needs `compile()` first."""


class NotFinite(KmagicError, ArithmeticError):
    """NaN or infinity appeared; the update that would have spread it was not applied."""


class TraceError(KmagicError, TypeError):
    """A symbol was used where only a number will do (`if`, `float`, `np.asarray`)."""


class UserCodeError(KmagicError, RuntimeError):
    """A function that the user wrote raised an error; the message names its line, `__cause__` is the error."""


class Busy(KmagicError, RuntimeError):
    """The model is training and cannot be changed now."""


class Unsupported(KmagicError, NotImplementedError):
    """Outside the supported surface; the message names the alternative."""


class MissingExtra(KmagicError, ImportError):
    """An optional package is not installed; the message names the extra that brings it."""


class Defect(KmagicError, RuntimeError):
    """kmagic broke one of its own rules; the message names the stage."""


def closest(name: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """Names that `name` was probably meant to be, best first.

    >>> closest("adamm", ["adam", "sgd", "adamax"]), closest("f1", ["f1_score", "mse"])
    (['adam', 'adamax'], ['f1_score'])
    """
    by_lower = {candidate.lower(): candidate for candidate in known}
    found = difflib.get_close_matches(name.lower(), list(by_lower), n=limit, cutoff=0.6)
    if not found and name:  # shortened
        found = sorted((longer for longer in by_lower if longer.startswith(name.lower())), key=len)[:limit]
    return [by_lower[candidate] for candidate in found]


def unknown_argument(name: str, known: Iterable[str], where: str) -> UnknownArgument:
    """The error for an argument that does not exist, with the one that was probably meant.

    >>> unknown_argument("unit", ["units", "name"], "Dense").fix
    'did you mean units=?'
    """
    names = list(known)
    close = closest(name, names)
    return UnknownArgument(
        f"unknown argument {name!r}",
        where=where,
        expected=f"one of {', '.join(names)}" if names else "no arguments",
        fix=f"did you mean {close[0]}=?" if close else None,
    )
