"""Operations: values, and gradients by their arrays; every area whose name starts so."""

from __future__ import annotations

from typing import Any

import pytest

from .agreement import check
from .experiments import AREAS

CASES = [
    pytest.param(area.name, case, id=f"{area.name}: {case.name}")
    for area in AREAS.values()
    if area.name.startswith("operations")
    for case in area.cases
]


@pytest.mark.parametrize(("area", "case"), CASES)
def test_values_and_gradients_agree(area: str, case: Any) -> None:
    check(area, case)
