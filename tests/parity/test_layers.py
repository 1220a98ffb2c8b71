"""Layers: outputs, weights and their order, shapes, configurations."""

from __future__ import annotations

from typing import Any

import pytest

from .agreement import check, named
from .experiments import AREAS


@pytest.mark.parametrize("case", AREAS["layers"].cases, ids=named)
def test_layers_agree(case: Any) -> None:
    check("layers", case)
