"""Emitters: each makes a plan and prints it in its own way, and runs what it printed on arrays that NumPy holds."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kmagic.base.config import executor
from kmagic.compiler.order import Schedule
from kmagic.compiler.place import Plan
from kmagic.graph.node import Graph


@dataclass(frozen=True)
class Emitter:
    """How one kind of device is served.

    `tile` chooses forms of operations that suit the device, `place` gives values memory, `emit` prints a plan, and
    `bind(printed, binding)` gives the step that runs it on a binding's arrays. `run`, where there is one, runs many
    steps in one call: `run(steps, given, numbers, size)`, with the step for full batches and that for a smaller last
    one, arrays to take rows from and to put them into, and the rows' numbers.
    """

    name: str
    tile: Callable[[Graph], Graph]
    place: Callable[[Schedule], Plan]
    emit: Callable[[Plan], Any]
    bind: Callable[[Any, Any], Callable[[], int]]
    run: Callable[..., int] | None = None


def chosen() -> Emitter:
    """The emitter that `kmagic.config.set_executor` asks for."""
    return named(executor())


def named(name: str) -> Emitter:
    """The emitter of this name."""
    found: Emitter = importlib.import_module(f"kmagic.compiler.emit.{name}").EMITTER
    return found
