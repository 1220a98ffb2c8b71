"""The layer that does nothing."""

from __future__ import annotations

from typing import Any

from kmagic.layers import registry
from kmagic.layers.layer import Layer


@registry.register(shapes="[batch *d] -> [batch *d]")
class Identity(Layer):
    """Gives what it gets: for a place where a layer is expected and nothing is to happen.

    Formula: y = x

    Shapes: [batch *d] -> [batch *d]

    Example:

    >>> import numpy as np
    >>> Identity()(np.array([[-1.0, 2.0]])).tolist()
    [[-1.0, 2.0]]
    """

    supports_masking = True

    def call(self, inputs: Any) -> Any:
        return inputs
