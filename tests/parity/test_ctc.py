"""Connectionist temporal classification: values, gradients and decoded labels."""

from __future__ import annotations

from typing import Any

import pytest

from .agreement import check, named
from .experiments import AREAS

AREA = "connectionist temporal classification"


@pytest.mark.parametrize("case", AREAS[AREA].cases, ids=named)
def test_values_and_gradients_agree(case: Any) -> None:
    check(AREA, case)
