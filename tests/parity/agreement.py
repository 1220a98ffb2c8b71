"""Does kmagic agree with Keras on a case? Runs the case's experiment with kmagic and tells every disagreement."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from typing import Any

import numpy as np

import kmagic

from . import comparison, recording, tolerances
from .area import Area
from .experiments import AREAS

Results = dict[str, Any]

recorded = functools.cache(recording.read)
distances = functools.cache(recording.read_distances)


@contextlib.contextmanager
def precision(floatx: str) -> Iterator[None]:
    """Compute in another float, and afterwards as before."""
    before = kmagic.config.floatx()
    kmagic.config.set_floatx(floatx)
    try:
        yield
    finally:
        kmagic.config.set_floatx(before)


def results(area: str, case: Any) -> tuple[Results, Results]:
    """What kmagic gives for a case, and what Keras gave."""
    with precision(AREAS[area].floatx):
        got = AREAS[area].run(kmagic, case)
    return got, recorded(AREAS[area].engines[0], area)[case.name]


def check(area: str, case: Any) -> None:
    """Fail with all disagreements of a case."""
    got, expected = results(area, case)
    faults = comparison.missing_faults(got, expected)
    for field in expected.keys() & got.keys():
        found = field_faults(AREAS[area], case.name, field, got[field], expected[field])
        faults += [f"{field} {fault}" for fault in found]
    assert not faults, "\n".join([f"{area}: {case.name}", *sorted(faults)])


def field_faults(area: Area, case: str, field: str, got: Any, expected: Any) -> list[str]:
    """What is wrong with one result."""
    if not isinstance(expected, np.ndarray):
        return comparison.fact_faults(shared_part(got, expected), offered(expected))
    if area.floatx == "float32":
        alone = any(part in case for part in tolerances.WRONG_WITH_TORCH)
        return float32_faults(got, expected, None if alone else distances(area.name)[case][field])
    disagree = (area.name, case, field) in tolerances.ENGINES_DISAGREE
    other = recorded(area.engines[-1], area.name)[case][field] if disagree else None
    return comparison.array_faults(got, expected, tolerances.AREAS[area.name], other)


def float32_faults(got: Any, expected: np.ndarray, between_engines: float | None) -> list[str]:
    """What is wrong with a tensor trained in float32: how far it is from the expected one, as a whole."""
    got = np.asarray(got)
    if got.shape != expected.shape:
        return [comparison.describe("shape", got.shape, expected.shape)]
    apart, allowed = comparison.distance(got, expected), tolerances.allowed_distance(expected, between_engines)
    if apart <= allowed:
        return []
    torch = "" if between_engines is None else f", torch is {between_engines:.2e} away"
    return [f"is {apart:.2e} from Keras on JAX; allowed are {allowed:.2e}{torch}"]


def shared_part(got: Any, expected: Any) -> Any:
    """What kmagic says, without what it offers beyond Keras."""
    kept = offered(got)
    if isinstance(kept, dict) and isinstance(expected, dict):
        beyond = tolerances.OFFERED_BEYOND.keys() - expected.keys()
        return {name: entry for name, entry in kept.items() if name not in beyond}
    return kept


def offered(fact: Any) -> Any:
    """A fact without the configuration of what kmagic does not offer."""
    if isinstance(fact, dict):
        return {name: offered(entry) for name, entry in fact.items() if name not in tolerances.NOT_OFFERED}
    return [offered(entry) for entry in fact] if isinstance(fact, list | tuple) else fact


def named(case: Any) -> str:
    """How a case is called in the list of tests."""
    return case.name
