"""Layers that only arrange values differently."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kmagic.base.config import image_data_format
from kmagic.base.errors import BadValue, ShapeMismatch
from kmagic.base.parameters import Count
from kmagic.base.shapes import size, written
from kmagic.graph.load import ops
from kmagic.layers import registry
from kmagic.layers.layer import Layer, known


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


@registry.register(shapes="[batch *d] -> [batch *e]")
class Permute(Layer):
    """The axes of each sample in another order; the first after the batch is 1.

    Formula: y[b, i, j] = x[b, j, i] for dims = (2, 1)

    Shapes: [batch *d] -> [batch *e], e: d in the order of dims

    Example:

    >>> import numpy as np
    >>> Permute((2, 1))(np.zeros((5, 2, 3))).shape
    (5, 3, 2)
    """

    def __init__(self, dims: Sequence[int], **options: Any) -> None:
        super().__init__(**options)
        self.dims = tuple(dims)
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise BadValue(f"dims is {dims!r}", where="Permute", expected="each of 1, 2, … once")

    def call(self, inputs: Any) -> Any:
        if len(inputs.shape) != len(self.dims) + 1:
            raise _other_axes(self, inputs, len(self.dims) + 1)
        return ops.transpose(inputs, (0, *self.dims))


def _other_axes(layer: Layer, inputs: Any, rank: int) -> ShapeMismatch:
    return ShapeMismatch(
        f"input of shape {written(known(inputs.shape))}", where=layer.path, expected=f"{rank} axes, the batch first"
    )


@registry.register(shapes="[batch features] -> [batch n features]")
class RepeatVector(Layer):
    """Each sample n times, as the steps of a sequence.

    Formula: y[b, t, :] = x[b, :], t = 0 … n − 1

    Shapes: [batch features] -> [batch n features]

    Example:

    >>> import numpy as np
    >>> RepeatVector(2)(np.array([[1.0, 2.0]])).tolist()
    [[[1.0, 2.0], [1.0, 2.0]]]
    """

    def __init__(self, n: Count, **options: Any) -> None:
        super().__init__(**options)
        self.n = int(n)

    def call(self, inputs: Any) -> Any:
        if len(inputs.shape) != 2:
            raise _other_axes(self, inputs, 2)
        return ops.repeat(ops.expand_dims(inputs, 1), self.n, axis=1)
