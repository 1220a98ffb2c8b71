"""Activations: values and gradients on a grid with corners, ties and far ends."""

from __future__ import annotations

from typing import Any

import pytest

from .agreement import check, named
from .experiments import AREAS


@pytest.mark.parametrize("case", AREAS["activations"].cases, ids=named)
def test_values_and_gradients_agree(case: Any) -> None:
    check("activations", case)
