"""Cropping: sequences, images and volumes without their ends."""

from __future__ import annotations

from typing import Any

from kmagic.base.errors import ShapeMismatch
from kmagic.base.shapes import written
from kmagic.graph.load import ops
from kmagic.layers import registry
from kmagic.layers.layer import known
from kmagic.layers.spatial import FormattedLayer, SpatialLayer


def cropped(layer: SpatialLayer, inputs: Any, ends: Any) -> Any:
    """The input of a layer without the ends of its axes, of which something must be left."""
    layer.check_rank(inputs)
    sizes = ops.shape(inputs)
    taken = layer.everywhere(ends)
    if any(isinstance(size, int) and sum(pair) >= size for size, pair in zip(sizes, taken, strict=True) if sum(pair)):
        raise ShapeMismatch(
            f"input of shape {written(known(sizes))}",
            where=layer.path,
            expected=f"more entries than cropping {ends} takes off",
        )
    return inputs[tuple(slice(before, -after or None) for before, after in taken)]


@registry.register(shapes="[batch steps channels] -> [batch fewer channels]")
class Cropping1D(SpatialLayer):
    """A sequence without its first and last steps.

    Formula: y[n, t, c] = x[n, t + before, c]

    Symbols: cropping: one number for both ends, or (before, after)

    Shapes: [batch steps channels] -> [batch fewer channels], fewer = steps − before − after

    Example:

    >>> import numpy as np
    >>> Cropping1D((1, 2))(np.arange(5.0).reshape(1, 5, 1)).ravel().tolist()
    [1.0, 2.0]
    """

    rank = 1

    def __init__(self, cropping: Any = (1, 1), **options: Any) -> None:
        super().__init__(**options)
        self.cropping = self.line_ends(cropping, "cropping")

    def call(self, inputs: Any) -> Any:
        return cropped(self, inputs, (self.cropping,))


@registry.register(shapes="[batch height width channels] -> [batch rows columns channels]")
class Cropping2D(FormattedLayer):
    """An image without its edges.

    Formula: y[n, p, q, c] = x[n, p + top, q + left, c]

    Symbols: cropping: a number for all sides, (rows, columns), or ((top, bottom), (left, right))

    Shapes: [batch height width channels] -> [batch rows columns channels]

    Example:

    >>> import numpy as np
    >>> Cropping2D(((0, 1), (1, 0)))(np.arange(4.0).reshape(1, 2, 2, 1)).ravel().tolist()
    [1.0]
    """

    rank = 2

    def __init__(self, cropping: Any = ((0, 0), (0, 0)), data_format: str | None = None, **options: Any) -> None:
        super().__init__(data_format, **options)
        self.cropping = self.ends(cropping, "cropping")

    def call(self, inputs: Any) -> Any:
        return cropped(self, inputs, self.cropping)


@registry.register(shapes="[batch depth height width channels] -> [batch planes rows columns channels]")
class Cropping3D(FormattedLayer):
    """A volume without its sides.

    Formula: y[n, p, q, r, c] = x[n, p + a, q + b, r + d, c], a, b, d: entries taken off the front of each axis

    Symbols: cropping: a number for all sides, one for each axis, or (before, after) for each axis

    Shapes: [batch depth height width channels] -> [batch planes rows columns channels]

    Example:

    >>> import numpy as np
    >>> Cropping3D((1, 1, (1, 0)))(np.arange(27.0).reshape(1, 3, 3, 3, 1)).ravel().tolist()
    [13.0, 14.0]
    """

    rank = 3

    def __init__(
        self, cropping: Any = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None, **options: Any
    ) -> None:
        super().__init__(data_format, **options)
        self.cropping = self.ends(cropping, "cropping")

    def call(self, inputs: Any) -> Any:
        return cropped(self, inputs, self.cropping)
