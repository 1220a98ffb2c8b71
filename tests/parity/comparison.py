"""Comparing results with recorded ones; every disagreement of a case is told, not only the first."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import tolerances
from .recording import as_json

Results = dict[str, Any]


def distance(left: np.ndarray, right: np.ndarray) -> float:
    """The Euclidean norm of a difference, in float64; equal infinities and NaNs are no difference."""
    left, right = left.astype(np.float64), right.astype(np.float64)
    same = (left == right) | (np.isnan(left) & np.isnan(right))
    return float(np.linalg.norm((left - np.where(same, left, right))[~same])) if not same.all() else 0.0


def close(got: np.ndarray, expected: np.ndarray, tolerance: tolerances.Tolerance) -> np.ndarray:
    """Which elements agree; not a number agrees with itself, and an infinity too."""
    with np.errstate(invalid="ignore", over="ignore"):
        near = np.abs(got - expected) <= tolerance.allowed(expected)
    return near | (got == expected) | (np.isnan(got) & np.isnan(expected))


def describe(label: str, got: Any, expected: Any) -> str:
    """One disagreement in words."""
    return f"{label}: got {got!r}, Keras gives {expected!r}"


def array_faults(
    got: Any, expected: np.ndarray, tolerance: tolerances.Tolerance, other: np.ndarray | None = None
) -> list[str]:
    """What is wrong with an array; where a second engine's values are given, each element may agree with either."""
    got = np.asarray(got)
    if got.shape != expected.shape:
        return [describe("shape", got.shape, expected.shape)]
    got = got.astype(np.float64)
    agrees = close(got, expected.astype(np.float64), tolerance)
    if other is not None:
        agrees |= close(got, other.astype(np.float64), tolerance)
    places = np.argwhere(~agrees)
    told = [tuple(map(int, place)) for place in places[:3]]
    faults = [describe(f"at {place}", float(got[place]), float(expected[place])) for place in told]
    return faults + [f"… and {len(places) - 3} more of {expected.size} elements"] * (len(places) > 3)


def missing_faults(got: Results, expected: Results) -> list[str]:
    """Results that are missing, or that Keras does not have."""
    missing = [f"{field}: missing" for field in expected if field not in got]
    return missing + [f"{field}: Keras has no such thing" for field in got if field not in expected]


def fact_faults(got: Any, expected: Any) -> list[str]:
    """What is wrong with a fact; of dictionaries only the entries that differ are told."""
    got = as_json(got)
    if got == expected:
        return []
    if not (isinstance(got, dict) and isinstance(expected, dict)):
        return [describe("fact", got, expected)]
    shared = sorted(got.keys() & expected.keys())
    different = [f"[{name!r}] {fault}" for name in shared for fault in fact_faults(got[name], expected[name])]
    return [f"of the fact: {fault}" for fault in missing_faults(got, expected)] + different
