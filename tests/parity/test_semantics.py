"""How fit, evaluate, predict, compile and the callbacks behave."""

from __future__ import annotations

from typing import Any

import pytest

from .agreement import check, named
from .experiments import AREAS

# what Keras runs without a word
pytestmark = pytest.mark.filterwarnings("ignore::kmagic.models.diagnosis.finding.DiagnosisWarning")


@pytest.mark.parametrize("case", AREAS["fitting"].cases, ids=named)
def test_fitting_agrees(case: Any) -> None:
    check("fitting", case)


@pytest.mark.parametrize("case", AREAS["callbacks"].cases, ids=named)
def test_callbacks_agree(case: Any) -> None:
    check("callbacks", case)
