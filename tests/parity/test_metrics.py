"""Metrics: running results over batches, and metrics given to compile by name."""

from __future__ import annotations

from typing import Any

import pytest

from .agreement import check, named
from .experiments import AREAS

# what Keras runs without a word
pytestmark = pytest.mark.filterwarnings("ignore::kmagic.models.diagnosis.finding.DiagnosisWarning")


@pytest.mark.parametrize("case", AREAS["metrics"].cases, ids=named)
def test_updates_agree(case: Any) -> None:
    check("metrics", case)


MEASURED = [
    pytest.param(area, case, id=named(case))
    for area in ("metrics at thresholds", "metrics of overlap", "metrics of scores")
    for case in AREAS[area].cases
]


@pytest.mark.parametrize(("area", "case"), MEASURED)
def test_measures_agree(area: str, case: Any) -> None:
    check(area, case)


@pytest.mark.parametrize("case", AREAS["compiled metrics"].cases, ids=named)
def test_metrics_named_in_compile_agree(case: Any) -> None:
    check("compiled metrics", case)
