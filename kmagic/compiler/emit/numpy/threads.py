"""How many threads NumPy's matrix products take: one, where they are too small for a second to pay.

OpenBLAS splits a product from about 64 × 64 × 64 on, and its threads wait for each other in a loop that keeps a core
busy. Beside a thread that draws, or another program, a step of a small network then takes ten times as long.
"""

from __future__ import annotations

import ctypes
import functools
import itertools
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

# multiplications and additions of one product from which on a second thread pays, also where it is disturbed
WORTH_A_THREAD = 20_000_000


class _Products:
    """The setting of the library that NumPy uses; it is one for all threads of Python, so runs count themselves."""

    def __init__(self, read: Callable[[], int], write: Callable[[int], Any]) -> None:
        self._read, self._write = read, write
        self._lock = threading.Lock()
        self._inside, self._before = 0, 1

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._before = self._read()
                self._write(1)
            self._inside += 1

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._write(self._before)


def on_one_thread(step: Callable[..., int]) -> Callable[..., int]:
    """The step with products on one thread, where NumPy's library has such a setting."""
    products = _products()
    if products is None:
        return step

    @functools.wraps(step)
    def run(*arguments: Any) -> int:
        with products:
            return step(*arguments)

    return run


@functools.cache
def _products() -> _Products | None:
    """The setting of OpenBLAS, under the names that NumPy's wheels and other builds give it."""
    for library, (before, behind) in itertools.product(_libraries(), itertools.product(("scipy_", ""), ("64_", ""))):
        names = [f"{before}openblas_{what}_num_threads{behind}" for what in ("get", "set")]
        if all(hasattr(library, name) for name in names):
            read, write = (getattr(library, name) for name in names)
            return _Products(read, write)
    return None


def _libraries() -> list[ctypes.CDLL]:
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
