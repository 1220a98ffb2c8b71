"""How models are put together: names, orders, what is shared and frozen, copies."""

from __future__ import annotations

from typing import Any

import pytest

from .agreement import check, named
from .experiments import AREAS


@pytest.mark.parametrize("case", AREAS["structure of models"].cases, ids=named)
def test_the_structure_of_models_agrees(case: Any) -> None:
    check("structure of models", case)
