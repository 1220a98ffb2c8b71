"""Layers that merge: outputs, masks, gradients and state, in inference and in training."""

from __future__ import annotations

from typing import Any

import pytest

from .agreement import check, named
from .experiments import AREAS


@pytest.mark.parametrize("case", AREAS["layers that merge"].cases, ids=named)
def test_layers_that_merge_agree(case: Any) -> None:
    check("layers that merge", case)
