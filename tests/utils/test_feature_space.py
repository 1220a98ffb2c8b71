"""FeatureSpace is not offered, and says what is."""

import pytest

import kmagic
from kmagic.base.errors import Unsupported


def test_it_names_the_layers_to_use() -> None:
    with pytest.raises(Unsupported, match="FeatureSpace") as caught:
        kmagic.utils.FeatureSpace({"age": "float"}, output_mode="dict")
    assert "StringLookup" in str(caught.value)
