"""The copy of OpenBLAS that NumPy brings along: one for all emitters, as there is one in a process."""

from __future__ import annotations

import ctypes
import functools
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

# NumPy's wheels prefix their symbols, and those that count in 64 bits have an ending
_FORMS = tuple(itertools.product(("scipy_", ""), ("64_", "")))


@functools.cache
def libraries() -> list[ctypes.CDLL]:
    """The libraries beside NumPy that may be its OpenBLAS."""
    package = Path(np.__file__).parent
    folders = (package.parent / "numpy.libs", package / ".dylibs")
    found = []
    for path in sorted(path for folder in folders for path in folder.glob("*openblas*")):
        try:
            found.append(ctypes.CDLL(str(path)))
        except OSError:
            continue
    return found


def functions(*names: str) -> Iterator[tuple[list[Any], list[str]]]:
    """Functions of a library that has all of these names in one form, with the names in that form."""
    for library, (before, behind) in itertools.product(libraries(), _FORMS):
        own = [f"{before}{name}{behind}" for name in names]
        if all(hasattr(library, name) for name in own):
            yield [getattr(library, name) for name in own], own
