"""Layers that are outside say so, and what serves instead."""

import pytest

from kmagic import layers
from kmagic.base.errors import Unsupported
from kmagic.layers.excluded import EXCLUDED


@pytest.mark.parametrize("name", EXCLUDED)
def test_whoever_makes_one_is_told_what_to_use(name: str) -> None:
    with pytest.raises(Unsupported, match=f"layers: {name} needs") as caught:
        getattr(layers, name)(3, factor=0.5)
    named = [word.strip(",.") for word in str(caught.value.expected).split() if word[:1].isupper()]
    assert all(hasattr(layers, word) for word in named)
