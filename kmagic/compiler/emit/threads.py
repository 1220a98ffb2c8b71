"""How many threads matrix products of NumPy's library take: one, where they are too small for a second to pay.

OpenBLAS splits a product from about 64 × 64 × 64 on, and its threads wait for each other in a loop that keeps a core
busy. Beside a thread that draws, or another program, a step of a small network then takes ten times as long.
"""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from kmagic.compiler.cost import largest_product
from kmagic.compiler.emit import openblas
from kmagic.graph.node import Graph

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


def threads_for(graph: Graph, sizes: Mapping[str, int]) -> AbstractContextManager[Any]:
    """Inside, products of a program take one thread, unless one of them is worth more at these sizes."""
    if largest_product(graph, sizes) >= WORTH_A_THREAD:
        return contextlib.nullcontext()
    return _products() or contextlib.nullcontext()


@functools.cache
def _products() -> _Products | None:
    """The setting of OpenBLAS."""
    found = next(openblas.functions("openblas_get_num_threads", "openblas_set_num_threads"), None)
    return _Products(*found[0]) if found else None
