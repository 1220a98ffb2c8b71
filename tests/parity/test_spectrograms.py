"""Spectrograms: outputs and gradients."""

from __future__ import annotations

from typing import Any

import pytest

from .agreement import check, named
from .experiments import AREAS

CASES = [
    pytest.param(area, case, id=f"{area}-{named(case)}")
    for area in ("spectrograms", "spectrograms of pitches")
    for case in AREAS[area].cases
]


@pytest.mark.parametrize(("area", "case"), CASES)
def test_spectrograms_agree(area: str, case: Any) -> None:
    check(area, case)
