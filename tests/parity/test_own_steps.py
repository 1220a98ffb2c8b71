"""Steps of a user's own: losses of ten steps, logs of epochs, and the weights that come of them."""

from __future__ import annotations

from typing import Any

import pytest

from .agreement import check, named
from .experiments import AREAS


@pytest.mark.parametrize("case", AREAS["own steps"].cases, ids=named)
def test_steps_agree(case: Any) -> None:
    check("own steps", case)
