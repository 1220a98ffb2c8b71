"""Upsampling: sequences, images and volumes made larger."""

from __future__ import annotations

from typing import Any

from kmagic.base.errors import ShapeMismatch
from kmagic.base.parameters import Count
from kmagic.graph.load import ops
from kmagic.graph.ops.image.resizing import INTERPOLATIONS, resized
from kmagic.layers import registry
from kmagic.layers.spatial import FormattedLayer, SpatialLayer


@registry.register(shapes="[batch steps channels] -> [batch more channels]")
class UpSampling1D(SpatialLayer):
    """Each step of a sequence several times.

    Formula: y[n, t, c] = x[n, ⌊t / size⌋, c]

    Shapes: [batch steps channels] -> [batch more channels], more = steps·size

    Example:

    >>> import numpy as np
    >>> UpSampling1D(2)(np.array([[[1.0], [2.0]]])).ravel().tolist()
    [1.0, 1.0, 2.0, 2.0]
    """

    rank = 1

    def __init__(self, size: Count = 2, **options: Any) -> None:
        super().__init__(**options)
        self.size = int(size)

    def call(self, inputs: Any) -> Any:
        self.check_rank(inputs)
        return ops.repeat(inputs, self.size, axis=1)


@registry.register(shapes="[batch height width channels] -> [batch rows columns channels]")
class UpSampling2D(FormattedLayer):
    """An image with several pixels for each, equal ones or mixtures of neighbours.

    Formula: nearest: y[n, p, q, c] = x[n, ⌊p / a⌋, ⌊q / b⌋, c]; otherwise y = Mᵀ·x·N for weights M, N

    Symbols: a, b: size, interpolation: "nearest", "bilinear", "bicubic", "lanczos3" or "lanczos5"

    Shapes: [batch height width channels] -> [batch rows columns channels]

    Example:

    >>> import numpy as np
    >>> x = np.array([1.0, 2.0]).reshape(1, 1, 2, 1)
    >>> UpSampling2D((1, 2))(x).ravel().tolist()
    [1.0, 1.0, 2.0, 2.0]
    >>> UpSampling2D((1, 2), interpolation="bilinear")(x).ravel().tolist()
    [1.0, 1.25, 1.75, 2.0]
    """

    rank = 2

    def __init__(
        self,
        size: Any = (2, 2),
        data_format: str | None = None,
        interpolation: str = "nearest",
        **options: Any,
    ) -> None:
        super().__init__(data_format, **options)
        self.size = self.sizes(size, "size")
        self.interpolation = self.words(interpolation, "interpolation", *INTERPOLATIONS)

    def call(self, inputs: Any) -> Any:
        self.check_rank(inputs)
        for axis, factor in zip(self.spatial_axes, self.size, strict=True):
            inputs = self._enlarged(inputs, axis, factor)
        return inputs

    def _enlarged(self, x: Any, axis: int, factor: int) -> Any:
        if self.interpolation == "nearest":
            return ops.repeat(x, factor, axis)
        size = ops.shape(x)[axis]
        if not isinstance(size, int):
            raise ShapeMismatch("an axis of unknown size", where=self.path, expected="known sizes, or nearest")
        return resized(x, axis, size * factor, self.interpolation, False, self.path)


@registry.register(shapes="[batch depth height width channels] -> [batch planes rows columns channels]")
class UpSampling3D(FormattedLayer):
    """A volume with several equal voxels for each.

    Formula: y[n, p, q, r, c] = x[n, ⌊p / i⌋, ⌊q / j⌋, ⌊r / k⌋, c], (i, j, k) = size

    Shapes: [batch depth height width channels] -> [batch planes rows columns channels]

    Example:

    >>> import numpy as np
    >>> UpSampling3D((1, 1, 2))(np.ones((1, 1, 1, 1, 1))).ravel().tolist()
    [1.0, 1.0]
    """

    rank = 3

    def __init__(self, size: Any = (2, 2, 2), data_format: str | None = None, **options: Any) -> None:
        super().__init__(data_format, **options)
        self.size = self.sizes(size, "size")

    def call(self, inputs: Any) -> Any:
        self.check_rank(inputs)
        for axis, factor in zip(self.spatial_axes, self.size, strict=True):
            inputs = ops.repeat(inputs, factor, axis)
        return inputs
