"""Models with several outputs: what is measured, weights after training, names and order of layers."""

from __future__ import annotations

from typing import Any

import pytest

from .agreement import check, named
from .experiments import AREAS


@pytest.mark.parametrize("case", AREAS["several outputs"].cases, ids=named)
def test_several_outputs_agree(case: Any) -> None:
    check("several outputs", case)
