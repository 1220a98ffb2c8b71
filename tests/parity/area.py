"""An area: cases that go through one experiment, with Keras when recording and with kmagic when testing.

An experiment returns named results. Arrays are compared within tolerances, everything else ("facts": names, shapes,
configurations) must be equal. Only the public surface that both libraries share is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

Arguments = Mapping[str, Any]
Results = dict[str, Any]
Library = ModuleType


@dataclass(frozen=True)
class Area:
    """Cases that go through one experiment, at one precision, with the engines that can run them."""

    name: str
    cases: Sequence[Any]
    run: Callable[[Library, Any], Results]
    floatx: str = "float64"
    engines: tuple[str, ...] = ("jax", "torch")  # the first gives the expected values

    def results(self, library: Library) -> Iterable[tuple[str, Results]]:
        """Every case's name with its results."""
        return ((case.name, self.run(library, case)) for case in self.cases)


def written(part: str, arguments: Arguments) -> str:
    """A case's name, written as the call it makes: `Adam(amsgrad=True)`."""
    return f"{part}({', '.join(f'{name}={value!r}' for name, value in arguments.items())})"
