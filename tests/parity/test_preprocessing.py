"""Preprocessing layers: numbers and vectors for texts and categories, vocabularies, bins, what is learned."""

from __future__ import annotations

from typing import Any

import pytest

from .agreement import check, named
from .experiments import AREAS


@pytest.mark.parametrize("case", AREAS["preprocessing layers"].cases, ids=named)
def test_preprocessing_layers_agree(case: Any) -> None:
    check("preprocessing layers", case)
