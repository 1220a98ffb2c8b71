"""Losses: values with every reduction and with masks, and gradients of all weights of a small model."""

from __future__ import annotations

from typing import Any

import pytest

from .agreement import check, named
from .experiments import AREAS


@pytest.mark.parametrize("case", AREAS["loss values"].cases, ids=named)
def test_values_agree(case: Any) -> None:
    check("loss values", case)


@pytest.mark.parametrize("case", AREAS["masked losses"].cases, ids=named)
def test_masks_agree(case: Any) -> None:
    check("masked losses", case)


@pytest.mark.parametrize("case", AREAS["loss gradients"].cases, ids=named)
def test_gradients_agree(case: Any) -> None:
    check("loss gradients", case)
