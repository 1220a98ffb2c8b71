"""Float32, in which models compute: the recorded values of float64 are met up to rounding.

Points where formulas break ("awkward") are left to float64: there rounding decides on which side of a corner they lie.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kmagic

from . import comparison, recording, tolerances
from .agreement import precision, recorded
from .experiments import AREAS

CASES = [
    pytest.param(area, case, id=f"{area}-{case.name}") for area in tolerances.IN_FLOAT32 for case in AREAS[area].cases
]


@pytest.mark.parametrize(("area", "case"), CASES)
def test_rounding_is_all_that_differs(area: str, case: Any) -> None:
    with precision("float32"):
        got = AREAS[area].run(kmagic, case)
    expected = recorded(recording.REFERENCE, area)[case.name]
    faults = [
        f"{field} {fault}"
        for field, value in expected.items()
        if is_compared(area, case.name, field, value)
        for fault in comparison.array_faults(got[field], value, tolerances.IN_FLOAT32[area])
    ]
    assert not faults, "\n".join([f"{area}: {case.name}", *faults])


def is_compared(area: str, case: str, field: str, value: Any) -> bool:
    """Whether float32 can give this result at all."""
    if not isinstance(value, np.ndarray) or value.dtype.kind != "f" or field.startswith("awkward"):
        return False
    if (area, case, field) in tolerances.ENGINES_DISAGREE:
        return False
    return area != "metrics" or case.partition("(")[0] not in tolerances.OTHER_IN_FLOAT32
