"""Training on batches that come one after the other, and the utilities that make them."""

from __future__ import annotations

from typing import Any

import pytest

from .agreement import check, named
from .experiments import AREAS

# what Keras runs without a word
pytestmark = pytest.mark.filterwarnings("ignore::kmagic.models.diagnosis.finding.DiagnosisWarning")


@pytest.mark.parametrize("case", AREAS["training on batches"].cases, ids=named)
def test_training_agrees(case: Any) -> None:
    check("training on batches", case)


@pytest.mark.parametrize("case", AREAS["utilities for data"].cases, ids=named)
def test_utilities_agree(case: Any) -> None:
    check("utilities for data", case)
