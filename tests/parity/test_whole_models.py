"""Whole models: twenty steps of training and what comes after, in float64 and in float32."""

from __future__ import annotations

from typing import Any

import pytest

from .agreement import check, named
from .experiments import AREAS

# what Keras runs without a word
pytestmark = pytest.mark.filterwarnings("ignore::kmagic.models.diagnosis.finding.DiagnosisWarning")


@pytest.mark.parametrize("case", AREAS["whole models"].cases, ids=named)
def test_float64_agrees(case: Any) -> None:
    check("whole models", case)


@pytest.mark.parametrize("case", AREAS["whole models in float32"].cases, ids=named)
def test_float32_agrees_as_well_as_two_engines_do(case: Any) -> None:
    check("whole models in float32", case)
