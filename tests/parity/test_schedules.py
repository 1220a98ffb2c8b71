"""Schedules: values at many steps, and what optimizers make of them."""

from __future__ import annotations

from typing import Any

import pytest

from .agreement import check, named
from .experiments import AREAS


@pytest.mark.parametrize("area", ["schedules", "schedules in float32"])
@pytest.mark.parametrize("case", AREAS["schedules"].cases, ids=named)
def test_values_agree(area: str, case: Any) -> None:
    check(area, case)


@pytest.mark.parametrize("case", AREAS["schedules in optimizers"].cases, ids=named)
def test_steps_at_scheduled_rates_agree(case: Any) -> None:
    check("schedules in optimizers", case)


@pytest.mark.parametrize("case", AREAS["schedules on a model"].cases, ids=named)
def test_training_at_scheduled_rates_agrees(case: Any) -> None:
    check("schedules on a model", case)
