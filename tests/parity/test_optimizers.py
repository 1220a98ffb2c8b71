"""Optimizers: weights after one and several steps, and what they remember, with names and order."""

from __future__ import annotations

from typing import Any

import pytest

from .agreement import check, named
from .experiments import AREAS


@pytest.mark.parametrize("case", AREAS["optimizers on a model"].cases, ids=named)
def test_training_a_model_agrees(case: Any) -> None:
    check("optimizers on a model", case)


@pytest.mark.parametrize("case", AREAS["optimizers on variables"].cases, ids=named)
def test_applying_gradients_agrees(case: Any) -> None:
    check("optimizers on variables", case)
