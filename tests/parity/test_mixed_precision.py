"""Layers and training in 16 bits."""

from __future__ import annotations

from typing import Any

import pytest

from .agreement import check, named
from .areas.mixed_precision import POLICIES
from .experiments import AREAS


@pytest.mark.parametrize(
    ("policy", "case"),
    [
        pytest.param(policy, case, id=f"{policy}-{case.name}")
        for policy in POLICIES
        for case in AREAS[f"layers in {policy}"].cases
    ],
)
def test_layers_of_16_bits_agree(policy: str, case: Any) -> None:
    check(f"layers in {policy}", case)


@pytest.mark.parametrize("case", AREAS["training in mixed precision"].cases, ids=named)
def test_ten_steps_are_as_near_as_the_engines_are(case: Any) -> None:
    check("training in mixed precision", case)
