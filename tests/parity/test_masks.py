"""Masks on their way through layers, models, losses and metrics."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from .agreement import check, named
from .experiments import AREAS


@pytest.mark.parametrize("case", AREAS["masks"].cases, ids=named)
def test_masks_agree(case: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check("masks", case)
