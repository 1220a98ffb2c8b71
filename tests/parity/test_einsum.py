"""Dense layers by equation: outputs, masks, gradients and state, in inference and in training."""

from __future__ import annotations

from typing import Any

import pytest

from .agreement import check, named
from .experiments import AREAS


@pytest.mark.parametrize("case", AREAS["dense layers by equation"].cases, ids=named)
def test_dense_layers_by_equation_agree(case: Any) -> None:
    check("dense layers by equation", case)
