"""How fast and how large this machine is: measured once, in some hundredths of a second, and kept."""

from __future__ import annotations

import functools
import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

# what a control group may use, in the two forms that Linux has
_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
_REPEATS = 7


@dataclass(frozen=True)
class Machine:
    """What programs take: seconds for a call without work, and work done in a second.

    `product` counts floating-point operations of matrix products, `plain` elements of sums and products, `curved` those
    of exponentials and the like, both in the cache, `stream` bytes that memory moves.
    """

    call: float
    product: float
    plain: float
    curved: float
    stream: float


@functools.cache
def machine() -> Machine:
    """This machine, from the best of a few repetitions each."""
    stream = np.random.default_rng(0)
    wide, weight = stream.random((64, 256), "float32"), stream.random((256, 256), "float32")
    block, many = stream.random(16384, "float32"), stream.random(4_000_000, "float32")
    result, copied = np.empty_like(wide), np.empty_like(many)
    return Machine(
        call=_call_seconds(),
        product=2 * wide.size * 256 / _best(lambda: np.dot(wide, weight, result), 10),
        plain=block.size / _best(lambda: np.multiply(block, block, block), 20),
        curved=block.size / _best(lambda: np.exp(block, copied[: block.size]), 20),
        stream=2 * many.nbytes / _best(lambda: np.copyto(copied, many), 1),
    )


def _call_seconds() -> float:
    """Seconds of a call on very little, as steps have them: sums, products, comparisons and casts of a few rows."""
    rows, weight = np.ones((4, 4), "float32"), np.ones(4, "float32")
    result, column = np.empty_like(rows), np.empty(4, "float32")
    truth, none = np.empty(rows.shape, bool), np.float32(0)

    def calls() -> None:
        np.add(rows, weight, result)
        np.maximum(result, none, out=result)
        np.greater(result, none, truth)
        np.copyto(result, truth, "unsafe")
        np.dot(rows, rows, result)
        np.add.reduce(result, 0, out=column)

    return _best(calls, 50) / 6


def _best(work: Callable[[], object], times: int) -> float:
    """Seconds that one call takes when nothing is in the way."""
    best = math.inf
    for _ in range(_REPEATS):
        start = time.perf_counter()
        for _ in range(times):
            work()
        best = min(best, (time.perf_counter() - start) / times)
    return best


def memory_limit() -> int | None:
    """Bytes that this process may use: those of the machine, or fewer where a control group says so."""
    found = [limit for path in _LIMITS if (limit := _written_limit(Path(path)))]
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    return min(found, default=None)


def _written_limit(path: Path) -> int | None:
    try:
        text = path.read_text().strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None
