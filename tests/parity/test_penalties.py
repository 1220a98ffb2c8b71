"""Regularizers and constraints: values, and steps of a model that has them."""

from __future__ import annotations

from typing import Any

import pytest

from .agreement import check, named
from .experiments import AREAS


@pytest.mark.parametrize("case", AREAS["penalties"].cases, ids=named)
def test_values_agree(case: Any) -> None:
    check("penalties", case)


@pytest.mark.parametrize("case", AREAS["penalties while training"].cases, ids=named)
def test_steps_agree(case: Any) -> None:
    check("penalties while training", case)
