"""Recurrent layers, layers around others, attention: outputs, masks, gradients and state, in inference and training."""

from __future__ import annotations

from typing import Any

import pytest

from .agreement import check, named
from .experiments import AREAS

AREAS_HERE = (
    "recurrent layers",
    "recurrent layers of windows",
    "noise in recurrent layers",
    "layers around layers",
    "attention",
)
CASES = [pytest.param(area, case, id=f"{area}-{named(case)}") for area in AREAS_HERE for case in AREAS[area].cases]


@pytest.mark.parametrize(("area", "case"), CASES)
def test_recurrence_agrees(area: str, case: Any) -> None:
    check(area, case)
