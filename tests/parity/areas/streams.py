"""The random numbers that inputs are made of: the same on every machine, or no recorded value can be met."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .. import inputs
from ..area import Area, Library, Results


@dataclass(frozen=True)
class Stream:
    """A kind of draw that inputs are made of."""

    name: str
    draw: Callable[[np.random.Generator], np.ndarray]


STREAMS = (
    Stream("normal", lambda stream: stream.standard_normal(200)),
    Stream("uniform", lambda stream: stream.uniform(0.1, 5.0, 50)),
    Stream("integers", lambda stream: stream.integers(0, 10, 50)),
    Stream("choice", lambda stream: stream.choice([-1.0, 1.0], 50)),
)


def drawn(library: Library, case: Stream) -> Results:
    """The first numbers of a stream: the same on every machine, or no recorded value can be met."""
    return {"drawn": case.draw(inputs.generator("streams"))}


AREAS = (Area("streams", STREAMS, drawn),)
