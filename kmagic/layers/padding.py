"""Padding: zeros around sequences, images and volumes."""

from __future__ import annotations

from typing import Any

from kmagic.graph.load import ops
from kmagic.layers import registry
from kmagic.layers.spatial import FormattedLayer


class ZeroPadding(FormattedLayer):
    """Base of layers that put `padding` zeros at the ends of each axis."""

    def padded(self, inputs: Any, ends: Any) -> Any:
        """The input with zeros at the ends of its axes."""
        self.check_rank(inputs)
        return ops.pad(inputs, self.everywhere(ends))


@registry.register(shapes="[batch steps channels] -> [batch more channels]")
class ZeroPadding1D(ZeroPadding):
    """Steps of zeros before and after a sequence.

    Formula: y[n, t, c] = x[n, t − before, c], or 0 outside

    Symbols: padding: one number for both ends, or (before, after)

    Shapes: [batch steps channels] -> [batch more channels], more = steps + before + after

    Example:

    >>> import numpy as np
    >>> ZeroPadding1D((1, 2))(np.array([[[5.0]]])).ravel().tolist()
    [0.0, 5.0, 0.0, 0.0]
    """

    rank = 1

    def __init__(self, padding: Any = 1, data_format: str | None = None, **options: Any) -> None:
        super().__init__(data_format, **options)
        self.padding = self.line_ends(padding, "padding")

    def call(self, inputs: Any) -> Any:
        return self.padded(inputs, (self.padding,))


@registry.register(shapes="[batch height width channels] -> [batch rows columns channels]")
class ZeroPadding2D(ZeroPadding):
    """Rows and columns of zeros around an image.

    Formula: y[n, p, q, c] = x[n, p − top, q − left, c], or 0 outside

    Symbols: padding: a number for all sides, (rows, columns), or ((top, bottom), (left, right))

    Shapes: [batch height width channels] -> [batch rows columns channels]

    Example:

    >>> import numpy as np
    >>> ZeroPadding2D(((0, 1), (1, 0)))(np.array([[[[5.0]]]]))[0, :, :, 0].tolist()
    [[0.0, 5.0], [0.0, 0.0]]
    """

    rank = 2

    def __init__(self, padding: Any = (1, 1), data_format: str | None = None, **options: Any) -> None:
        super().__init__(data_format, **options)
        self.padding = self.ends(padding, "padding")

    def call(self, inputs: Any) -> Any:
        return self.padded(inputs, self.padding)


@registry.register(shapes="[batch depth height width channels] -> [batch planes rows columns channels]")
class ZeroPadding3D(ZeroPadding):
    """Zeros around a volume.

    Formula: y[n, p, q, r, c] = x[n, p − a, q − b, r − d, c], or 0 outside, a, b, d: zeros at the front of each axis

    Symbols: padding: a number for all sides, one for each axis, or (before, after) for each axis

    Shapes: [batch depth height width channels] -> [batch planes rows columns channels]

    Example:

    >>> import numpy as np
    >>> ZeroPadding3D((0, 0, (1, 0)))(np.ones((1, 1, 1, 1, 1))).ravel().tolist()
    [0.0, 1.0]
    """

    rank = 3

    def __init__(self, padding: Any = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None, **options: Any) -> None:
        super().__init__(data_format, **options)
        self.padding = self.ends(padding, "padding")

    def call(self, inputs: Any) -> Any:
        return self.padded(inputs, self.padding)
