"""How long the diagnosis takes: a pass over a gigabyte, opening the compile panel, and a change in it.

    python tests/bench/diagnosis.py

Limits, on a quiet machine: half a second for a gigabyte of float32, a tenth for a change on 100 000 rows of 100.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from kmagic.layers import Dense
from kmagic.models import Sequential
from kmagic.models.diagnosis.facts import gather
from kmagic.notebook.panels.compile import CompilePanel

REPEATS = 3
LOSSES = ("mean_squared_error", "hinge", "binary_crossentropy", "dice", "huber")


def fastest(action: Callable[[], Any]) -> float:
    """Milliseconds of the fastest of several calls."""
    taken = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        action()
        taken.append(time.perf_counter() - start)
    return 1e3 * min(taken)


def passes() -> None:
    """A gigabyte in tables of different widths."""
    generator = np.random.default_rng(0)
    for shape in ((2_684_354, 100), (268_435_456, 1), (342_392, 28, 28)):
        array = generator.random(shape, dtype=np.float32)
        print(f"gather {shape!s:24} {fastest(lambda data=array: gather(data, 'x')):8.0f} ms  (limit 500)")


def panel() -> None:
    """Opening, and one change after the other."""
    generator = np.random.default_rng(0)
    x = generator.normal(size=(100_000, 100)).astype("float32")
    y = (x[:, 0] > 0).astype("int64")
    model = Sequential([Dense(64, "relu", input_dim=100), Dense(1, "sigmoid")])
    print(f"open the panel                  {fastest(lambda: CompilePanel(model, 'm', (x, y))):8.0f} ms")
    opened = CompilePanel(model, "m", (x, y))

    def choose(name: str) -> None:
        opened.outputs[0].loss.list.value = LOSSES[0] if name != LOSSES[0] else LOSSES[1]
        start = time.perf_counter()
        opened.outputs[0].loss.list.value = name
        taken[name] = min(taken.get(name, 1e9), 1e3 * (time.perf_counter() - start))

    taken: dict[str, float] = {}
    for name in REPEATS * LOSSES:
        choose(name)
    for name, milliseconds in taken.items():
        print(f"choose {name:24} {milliseconds:8.0f} ms  (limit 100)")


if __name__ == "__main__":
    passes()
    panel()
