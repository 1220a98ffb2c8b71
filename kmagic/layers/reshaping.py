"""Layers that only arrange values differently."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kmagic.base.config import image_data_format
from kmagic.base.shapes import size
from kmagic.graph.load import ops
from kmagic.layers import registry
from kmagic.layers.layer import Layer


@registry.register(shapes="[batch *d] -> [batch n]")
class Flatten(Layer):
    """Each sample as one row of numbers.

    Formula: y[b, :] = x[b, …] in order; channels_first moves channels last before

    Shapes: [batch *d] -> [batch n], n = Π d

    Example:

    >>> import numpy as np
    >>> Flatten()(np.zeros((2, 3, 4))).shape
    (2, 12)
    """

    def __init__(self, data_format: str | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.data_format = data_format or image_data_format()

    def call(self, inputs: Any) -> Any:
        rank = len(inputs.shape)
        if self.data_format == "channels_first" and rank > 2:
            inputs = ops.transpose(inputs, (0, *range(2, rank), 1))
        return ops.reshape(inputs, (inputs.shape[0], size(inputs.shape[1:])))


@registry.register(shapes="[batch *d] -> [batch *e]")
class Reshape(Layer):
    """Each sample in another shape; one axis may be −1 and is worked out.

    Formula: y[b, …] = x[b, …] in order

    Shapes: [batch *d] -> [batch *e], Π d = Π e

    Example:

    >>> import numpy as np
    >>> Reshape((2, -1))(np.zeros((5, 6))).shape
    (5, 2, 3)
    """

    def __init__(self, target_shape: Sequence[int], **options: Any) -> None:
        super().__init__(**options)
        self.target_shape = tuple(target_shape)

    def call(self, inputs: Any) -> Any:
        return ops.reshape(inputs, (inputs.shape[0], *self.target_shape))
