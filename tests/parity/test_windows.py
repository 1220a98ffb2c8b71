"""Layers of windows: outputs, masks, gradients and state, in inference and in training."""

from __future__ import annotations

from typing import Any

import pytest

from .agreement import check, named
from .experiments import AREAS


@pytest.mark.parametrize("case", AREAS["layers of windows"].cases, ids=named)
def test_layers_of_windows_agree(case: Any) -> None:
    check("layers of windows", case)
