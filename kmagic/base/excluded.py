"""Names of Keras that are outside the surface, or not there yet: whoever uses one is told what serves instead.

Each package keeps its own list in a file `excluded.py`. The names can be imported, since an error of an import tells
nothing; calling one, or asking one for an attribute, raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

from kmagic.base.errors import UnknownName, Unsupported

Reasons = Mapping[str, tuple[str, str]]  # name -> what it needs, and what serves instead


class Excluded:
    """What stands in the place of such a function, method or module."""

    def __init__(self, name: str, needs: str, instead: str, where: str) -> None:
        self._told = (name, needs, instead, where)

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        refuse(*self._told)

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):
            raise AttributeError(name)
        refuse(*self._told)


def refuse(name: str, needs: str, instead: str, where: str) -> NoReturn:
    """Say what `name` of the package `where` needs, and what serves instead.

    >>> try:
    ...     refuse("get_file", "a download", "urllib.request.urlretrieve", "utils")
    ... except Unsupported as error:
    ...     print(error)
    utils: get_file needs a download
    expected: urllib.request.urlretrieve
    """
    raise Unsupported(f"{name} needs {needs}", where=where, expected=instead)


def attributes(package: str, excluded: Reasons, known: Iterable[str]) -> Callable[[str], Any]:
    """The `__getattr__` of a package: excluded names, and an error with the closest of `known` for all others."""

    def attribute(name: str) -> Any:
        if name in excluded:
            return Excluded(name, *excluded[name], package.rpartition(".")[2])
        if name.startswith("_"):
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        raise AttributeError(str(UnknownName(name, known, kind="name", where=package)))

    return attribute
