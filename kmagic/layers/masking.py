"""Masking: which steps of a sequence are padding."""

from __future__ import annotations

from typing import Any

from kmagic.base.parameters import Number
from kmagic.graph.load import ops
from kmagic.layers import registry
from kmagic.layers.layer import Layer


@registry.register(shapes="[batch *d n] -> [batch *d n]")
class Masking(Layer):
    """Steps of a sequence all of whose values are mask_value do not count; they become 0, and layers behind skip them.

    Formula: y[b, t, :] = x[b, t, :] where some of it is not mask_value, else 0

    Shapes: [batch *d n] -> [batch *d n]

    Example:

    >>> import numpy as np
    >>> Masking(-1.0)(np.array([[[1.0, -1.0], [-1.0, -1.0]]])).tolist()
    [[[1.0, -1.0], [0.0, 0.0]]]
    """

    def __init__(self, mask_value: Number = 0.0, **options: Any) -> None:
        super().__init__(**options)
        self.mask_value = mask_value

    def call(self, inputs: Any) -> Any:
        return ops.where(ops.expand_dims(self._counts(inputs), -1), inputs, 0)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Where some value is not mask_value."""
        return self._counts(inputs)

    def _counts(self, inputs: Any) -> Any:
        return ops.any(ops.not_equal(inputs, self.mask_value), axis=-1)
