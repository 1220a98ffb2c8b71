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


@pytest.mark.parametrize("case", AREAS["arguments of all optimizers"].cases, ids=named)
def test_what_surrounds_all_rules_agrees(case: Any) -> None:
    check("arguments of all optimizers", case)


@pytest.mark.parametrize("case", AREAS["optimizers on other shapes"].cases, ids=named)
def test_weights_of_all_shapes_agree(case: Any) -> None:
    check("optimizers on other shapes", case)


@pytest.mark.parametrize("case", AREAS["combined optimizers on variables"].cases, ids=named)
def test_combined_optimizers_agree(case: Any) -> None:
    check("combined optimizers on variables", case)


@pytest.mark.parametrize("case", AREAS["combined optimizers on a model"].cases, ids=named)
def test_training_with_combined_optimizers_agrees(case: Any) -> None:
    check("combined optimizers on a model", case)
