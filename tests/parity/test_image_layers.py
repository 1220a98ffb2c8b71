"""Layers over images: sizes, warps, light, colours and mixtures with given parameters, with their gradients."""

from __future__ import annotations

from typing import Any

import pytest

from .agreement import check, named
from .experiments import AREAS


@pytest.mark.parametrize("case", AREAS["layers of images"].cases, ids=named)
def test_layers_of_images_agree(case: Any) -> None:
    check("layers of images", case)
