"""What Keras has for tables as one object: whoever makes one is told what to use instead."""

from __future__ import annotations

from typing import Any

from kmagic.base.errors import Unsupported


class FeatureSpace:
    """Not offered: columns are inputs of a model, and the layers that prepare them are part of it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise Unsupported(
            "FeatureSpace",
            where="utils",
            expected="an Input for each column, with Normalization, Discretization, StringLookup or Hashing behind it",
            fix='kmagic.layers.StringLookup()(kmagic.Input((1,), dtype="string", name="city"))',
        )
