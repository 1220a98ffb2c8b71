"""Upsampling: sequences, images and volumes made larger."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kmagic.base.errors import ShapeMismatch
from kmagic.base.parameters import Count
from kmagic.graph.load import ops
from kmagic.layers import registry
from kmagic.layers.spatial import FormattedLayer, SpatialLayer

Array = np.ndarray[Any, Any]


def _linear(x: Array) -> Array:
    return np.maximum(0, 1 - x)


def _cubic(x: Array) -> Array:
    """R. Keys, IEEE Transactions on Acoustics, Speech, and Signal Processing 29 (1981), a = −½."""
    near = (1.5 * x - 2.5) * x * x + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x < 1, near, np.where(x < 2, far, 0))


def _lanczos(radius: int) -> Callable[[Array], Array]:
    """C. Lanczos' window of a sinc."""
    return lambda x: np.where(x < radius, np.sinc(x) * np.sinc(x / radius), 0)


CURVES = {"bilinear": _linear, "bicubic": _cubic, "lanczos3": _lanczos(3), "lanczos5": _lanczos(5)}


def mixture(size: int, factor: int, interpolation: str) -> Array:
    """How much each entry of an axis counts in each of the `size`·`factor` that it becomes: columns sum to 1."""
    centres = (np.arange(size * factor) + 0.5) / factor - 0.5
    weights = CURVES[interpolation](np.abs(centres - np.arange(size)[:, None]))
    return weights / weights.sum(0)


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
        self.interpolation = self.words(interpolation, "interpolation", "nearest", *CURVES)

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
        weights = ops.cast(mixture(size, factor, self.interpolation), x.dtype)
        return ops.swapaxes(ops.matmul(ops.swapaxes(x, axis, -1), weights), axis, -1)


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
