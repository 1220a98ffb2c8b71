"""Initializers: what is filled in, and the scale of what is drawn."""

from __future__ import annotations

from typing import Any

import pytest

from .agreement import check, named
from .experiments import AREAS


@pytest.mark.parametrize("case", AREAS["fixed initializers"].cases, ids=named)
def test_values_agree(case: Any) -> None:
    check("fixed initializers", case)


@pytest.mark.parametrize("case", AREAS["drawn initializers"].cases, ids=named)
def test_scales_agree(case: Any) -> None:
    check("drawn initializers", case)
