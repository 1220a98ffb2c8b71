"""How far Keras on JAX and Keras on torch are apart: every float32 tensor, and float64 ones that really disagree."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import comparison, recording, tolerances
from .experiments import AREAS


def write() -> None:
    """Store the distances of every area that both engines have recorded."""
    for name in AREAS:
        if all(recording.file(engine, name, "json").exists() for engine in recording.ENGINES):
            recording.write_distances(name, between_engines(name))


def between_engines(area: str) -> dict[str, dict[str, Any]]:
    """Case, field -> distance; facts that differ are given as the pair of them."""
    engines = AREAS[area].engines
    reference, other = (recording.read(engine, area) for engine in (engines[0], engines[-1]))
    apart = {}
    for case, results in reference.items():
        found = {
            field: answer
            for field in results.keys() | other[case].keys()
            if (answer := apart_in(area, results.get(field), other[case].get(field))) is not None
        }
        if found:
            apart[case] = found
    return apart


def apart_in(area: str, left: Any, right: Any) -> Any:
    """The distance of one result, or None where the engines agree."""
    if not (isinstance(left, np.ndarray) and isinstance(right, np.ndarray)):
        return None if left is right is None or as_equal(left, right) else [plain(left), plain(right)]
    if AREAS[area].floatx == "float32":
        return comparison.distance(left, right)
    agree = not comparison.array_faults(right, left, tolerances.AREAS[area])
    return None if agree else comparison.distance(left, right)


def as_equal(left: Any, right: Any) -> bool:
    """Whether two facts are equal; an array and a fact never are."""
    return type(left) is type(right) and left == right


def plain(value: Any) -> Any:
    """A fact that goes into a file."""
    return value.tolist() if isinstance(value, np.ndarray) else value
