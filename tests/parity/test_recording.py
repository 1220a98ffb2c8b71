"""The recording itself: complete, about the present cases, consistent between engines, and small."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from . import engine_distances, recording, tolerances
from .agreement import named
from .experiments import AREAS

LARGEST = 8_000_000  # bytes


@pytest.mark.parametrize("area", AREAS)
def test_every_case_is_recorded_and_no_other(area: str) -> None:
    for engine in AREAS[area].engines:
        assert set(recording.read(engine, area)) == {case.name for case in AREAS[area].cases}


@pytest.mark.parametrize("area", AREAS)
def test_names_of_cases_are_unique(area: str) -> None:
    names = [case.name for case in AREAS[area].cases]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("area", AREAS)
def test_distances_are_those_of_the_recorded_values(area: str) -> None:
    stored, found = recording.read_distances(area), engine_distances.between_engines(area)
    assert stored.keys() == found.keys()
    for case, fields in found.items():
        assert stored[case].keys() == fields.keys()
        for field, apart in fields.items():
            assert stored[case][field] == (pytest.approx(apart) if isinstance(apart, float) else apart)


def test_engines_disagree_in_float64_only_where_a_reason_is_given() -> None:
    found = {
        (area, case, field)
        for area in AREAS
        if AREAS[area].floatx == "float64"
        for case, fields in recording.read_distances(area).items()
        for field, apart in fields.items()
        if isinstance(apart, float)
    }
    wrong = {name: {key for key in found if name in key[1]} for name in tolerances.WRONG_WITH_TORCH}
    assert all(wrong.values()), "Keras is right with torch too"
    assert found - set().union(*wrong.values()) == set(tolerances.ENGINES_DISAGREE)


@pytest.mark.parametrize("case", AREAS["streams"].cases, ids=named)
def test_inputs_are_made_of_the_recorded_random_numbers(case: Any) -> None:
    drawn = AREAS["streams"].run(None, case)["drawn"]
    assert np.array_equal(drawn, recording.read(recording.REFERENCE, "streams")[case.name]["drawn"])


def test_recorded_numbers_are_finite_where_training_made_them() -> None:
    for area in ("training in float64", "training in float32", "optimizers on a model", "loss gradients"):
        for results in recording.read(recording.REFERENCE, area).values():
            arrays = [value for value in results.values() if isinstance(value, np.ndarray)]
            assert all(np.isfinite(array).all() for array in arrays)


def test_recorded_files_are_small() -> None:
    assert sum(path.stat().st_size for path in recording.RECORDED.rglob("*.*")) < LARGEST
