"""User code: functions that users write and this package calls. When one breaks, one message names it and its line."""

from __future__ import annotations

import contextlib
import inspect
import linecache
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any

from kmagic.base.errors import BadType, KmagicError, UserCodeError

_PACKAGE = __name__.partition(".")[0]
_NOT_THEIRS = (_PACKAGE, "numpy", "contextlib", "functools")  # what comes between a user's line and an error
_LONGEST = 90  # characters of a line in a message


def is_own(function: Callable[..., Any]) -> bool:
    """Whether a function belongs to this package."""
    return str(getattr(function, "__module__", "")).partition(".")[0] == _PACKAGE


def title_of(function: Any) -> str:
    """What a function is called, a lambda as such."""
    name = getattr(function, "__qualname__", type(function).__name__)
    return str(name).rpartition("<locals>.")[2].replace("<lambda>", "lambda")


def place_of(function: Any) -> str:
    """A function's name and first line: `weird (cell:3)`."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None:
        return title_of(function)
    return f"{title_of(function)} ({line_at(code.co_filename, code.co_firstlineno, with_text=False)})"


def line_at(file: str, number: int, with_text: bool = True) -> str:
    """A line of code as `file:line: text`, or without the text; a cell of a notebook is called `cell`."""
    text = textwrap.shorten(linecache.getline(file, number), _LONGEST, placeholder=" …")
    place = "cell" if "ipykernel" in file or file.startswith("<") else file.rpartition("/")[2]
    return f"{place}:{number}" + (f": {text}" if text and with_text else "")


def user_line(with_text: bool = True) -> str:
    """The innermost line of code outside this package, as `file:line: text`, or without the text."""
    frame = sys._getframe(1)
    while frame.f_back and str(frame.f_globals.get("__name__", "")).partition(".")[0] in _NOT_THEIRS:
        frame = frame.f_back
    return line_at(frame.f_code.co_filename, frame.f_lineno, with_text)


def check_call(
    function: Callable[..., Any], kind: str, names: Sequence[str], options: Mapping[str, Any] | None = None
) -> None:
    """Raise BadType where a function cannot take these arguments in order, and these options by name."""
    if is_own(function):
        return
    try:
        inspect.signature(function).bind(*names, **(options or {}))
    except TypeError as error:
        raise BadType(
            f"cannot be called with ({', '.join((*names, *(options or {})))}): {error}",
            where=f"{kind} {place_of(function)}",
            expected=f"{title_of(function)}({', '.join((*names, *(options or {})))})",
        ) from None
    except ValueError:  # a function of C has no signature to look at
        return


@contextlib.contextmanager
def explained(function: Callable[..., Any], kind: str, keeps_place: bool = False) -> Iterator[None]:
    """Turn whatever a user's function raises into one message with its line; errors of this package get it too.

    With `keeps_place` these also say where they come from, such as a layer that the function calls.
    """
    try:
        yield
    except Exception as error:
        if is_own(function) or getattr(error, "explained", False):
            raise
        line = _line_in(error.__traceback__)
        where = f"{kind} {title_of(function)} ({line})" if line else f"{kind} {place_of(function)}"
        found: Exception = error
        if isinstance(error, KmagicError):
            is_known = error.where is None or not keeps_place or error.where in where
            error.where = where if is_known else f"{error.where}, in {where}"
        else:
            found = UserCodeError(f"{type(error).__name__}: {error}", where=where)
        found.explained = True  # type: ignore[attr-defined]
        raise found from (None if found is error else error)


def result_of(function: Callable[..., Any], kind: str, *arguments: Any) -> Any:
    """What a user's function gives; nothing at all is a mistake, told with its name."""
    with explained(function, kind):
        result = function(*arguments)
        if result is None:
            raise BadType("it gives None", expected="a value; is `return` missing?")
    return result


def _line_in(traceback: TracebackType | None) -> str | None:
    """The innermost line outside this package and NumPy that an error came through, as `file:line: text`."""
    found = None
    while traceback is not None:
        frame = traceback.tb_frame
        if str(frame.f_globals.get("__name__", "")).partition(".")[0] not in _NOT_THEIRS:
            found = line_at(frame.f_code.co_filename, traceback.tb_lineno)
        traceback = traceback.tb_next
    return found
