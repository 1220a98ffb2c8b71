"""Images turned, enlarged, moved and slanted."""

from __future__ import annotations

import math
from typing import Any

from kmagic.graph.load import ops
from kmagic.graph.ops.image.layout import known_size
from kmagic.graph.ops.image.sampling import ORDERS, sampled_apart, warped
from kmagic.layers import registry
from kmagic.layers.images import Factor, FillMode, Interpolation, RandomImageLayer, Range, Seed, images_in, range_of


class RandomWarp(RandomImageLayer):
    """Base of layers that move pixels: where each comes from is drawn, and what is between or beyond them chosen."""

    def __init__(
        self,
        fill_mode: FillMode = "reflect",
        interpolation: Interpolation = "bilinear",
        seed: Seed = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(seed, data_format=data_format, **options)
        self.fill_mode, self.interpolation, self.fill_value = fill_mode, interpolation, fill_value

    def sizes(self, images: Any) -> tuple[int, int]:
        """Height and width."""
        layout = self.layout(images)
        return known_size(images, layout.rows, self.path), known_size(images, layout.columns, self.path)

    def places(self, transformation: Any, name: str) -> Any:
        """Numbers that tell where pixels come from, in at least float32."""
        return ops.cast(transformation[name], self.wide)

    def moved(self, x: Any, transformation: Any, order: int) -> Any:
        """Images [n h w c] after what was drawn."""
        raise NotImplementedError

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        return self._moved(self.as_floats(images), transformation, self.interpolation, training)

    def transform_segmentation_masks(self, masks: Any, transformation: Any = None, training: bool = True) -> Any:
        return self.as_masks(lambda x: self._moved(x, transformation, "nearest", training), masks)

    def _moved(self, images: Any, transformation: Any, interpolation: str, training: bool) -> Any:
        if transformation is None or not training:
            return images
        layout = self.layout(images)
        return layout.closed(self.moved(layout.opened(images), transformation, ORDERS[interpolation]))


@registry.register(shapes="[*batch height width channels] -> [*batch height width channels]")
class RandomRotation(RandomWarp):
    """While training, each image is turned about its middle by an angle of its own.

    Formula: y at p = x at R(a)·p, p: a place seen from the middle, R: rotation by a = 2π·u, u uniform in `factor`

    Symbols: factor: a share of a full turn, f for −f … f or (lowest, highest); positive turns against the clock;
    fill_mode: beyond the edge comes the way back ("reflect"), the other side ("wrap"), the edge ("nearest") or
    `fill_value` ("constant"); interpolation: "bilinear" or "nearest" between pixels

    Shapes: [batch height width channels] -> [batch height width channels], or one image

    Example:

    >>> import numpy as np
    >>> x = np.arange(4.0).reshape(1, 2, 2, 1)
    >>> RandomRotation((0.25, 0.25))(x, training=True)[0, :, :, 0].round(3).tolist()
    [[1.0, 3.0], [0.0, 2.0]]
    """

    stream = "random_rotation"

    def __init__(
        self,
        factor: Factor,
        fill_mode: FillMode = "reflect",
        interpolation: Interpolation = "bilinear",
        seed: Seed = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **options)
        self.factor = range_of(factor, "factor", type(self).__name__)

    def drawn(self, data: Any, seed: Any) -> Any:
        images = images_in(data)
        (angle,) = self.draws(data, (360 * self.factor[0], 360 * self.factor[1]), seed=seed)
        return {"angle": angle, "rotation_matrix": rotation(angle, *self.sizes(images))}

    def moved(self, x: Any, transformation: Any, order: int) -> Any:
        return warped(x, self.places(transformation, "rotation_matrix"), order, self.fill_mode, self.fill_value)


def rotation(angle: Any, height: int, width: int) -> Any:
    """The numbers [n 8] of an affine transform that turns images about their middle by degrees [n]."""
    turn = angle * (math.pi / 180)
    cosine, sine = ops.cos(turn), ops.sin(turn)
    x, y, none = (width - 1) / 2, (height - 1) / 2, 0 * cosine
    first = (cosine, -sine, x - x * cosine + y * sine)
    return ops.stack([*first, sine, cosine, y - x * sine - y * cosine, none, none], axis=1)


@registry.register(shapes="[*batch height width channels] -> [*batch height width channels]")
class RandomZoom(RandomWarp):
    """While training, each image is made smaller (above 0) or larger (below 0) by a factor of its own.

    Formula: y at (p, q) = x at (p·v, q·w), seen from the middle; v − 1, w − 1 uniform in their factors

    Symbols: height_factor, width_factor: f for −f … f or (lowest, highest); without the second w = v;
    fill_mode, fill_value, interpolation: as of `RandomRotation`

    Shapes: [batch height width channels] -> [batch height width channels], or one image

    Example:

    >>> import numpy as np
    >>> layer = RandomZoom((-0.5, -0.5), fill_mode="nearest")
    >>> layer(np.array([[[[0.0], [1.0], [2.0]]]]), training=True).ravel().tolist()
    [0.5, 1.0, 1.5]
    """

    stream = "random_zoom"

    def __init__(
        self,
        height_factor: Factor,
        width_factor: Factor | None = None,
        fill_mode: FillMode = "reflect",
        interpolation: Interpolation = "bilinear",
        seed: Seed = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **options)
        self.height_factor, self.width_factor = height_factor, width_factor
        self._ranges = [
            _around_one(range_of(factor, name, type(self).__name__, open_end=True))
            for factor, name in ((height_factor, "height_factor"), (width_factor, "width_factor"))
            if factor is not None
        ]

    def drawn(self, data: Any, seed: Any) -> Any:
        zooms = [ops.expand_dims(zoom, -1) for zoom in self.draws(data, *self._ranges, seed=seed)]
        return {"height_zoom": zooms[0], "width_zoom": zooms[-1]}

    def moved(self, x: Any, transformation: Any, order: int) -> Any:
        rows, columns = (
            _from_the_middle(size, self.places(transformation, name))
            for size, name in zip(ops.shape(x)[1:3], ("height_zoom", "width_zoom"), strict=True)
        )
        return sampled_apart(x, rows, columns, order, self.fill_mode, self.fill_value)


def _from_the_middle(size: int, zoom: Any) -> Any:
    """Where the pixels of an axis come from, for factors [n 1] of their distance from the middle: [n size]."""
    return ops.arange(size, dtype=zoom.dtype) * zoom + (size - 1) / 2 * (1 - zoom)


def _around_one(factor: Range) -> Range:
    return 1 + factor[0], 1 + factor[1]


@registry.register(shapes="[*batch height width channels] -> [*batch height width channels]")
class RandomTranslation(RandomWarp):
    """While training, each image is moved down (above 0) or up, and right (above 0) or left, by shares of its size.

    Formula: y[n, p, q, c] = x[n, p − v·h, q − u·w, c], v and u uniform in height_factor and width_factor

    Symbols: height_factor, width_factor: f for −f … f or (lowest, highest); h, w: height and width;
    fill_mode, fill_value, interpolation: as of `RandomRotation`

    Shapes: [batch height width channels] -> [batch height width channels], or one image

    Example:

    >>> import numpy as np
    >>> layer = RandomTranslation(0.0, (0.25, 0.25), fill_mode="constant", fill_value=9.0)
    >>> layer(np.array([[[[0.0], [1.0], [2.0], [3.0]]]]), training=True).ravel().tolist()
    [9.0, 0.0, 1.0, 2.0]
    """

    stream = "random_translation"

    def __init__(
        self,
        height_factor: Factor,
        width_factor: Factor,
        fill_mode: FillMode = "reflect",
        interpolation: Interpolation = "bilinear",
        seed: Seed = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **options)
        self.height_factor, self.width_factor = height_factor, width_factor
        self._ranges = [
            range_of(factor, name, type(self).__name__)
            for factor, name in ((height_factor, "height_factor"), (width_factor, "width_factor"))
        ]

    def drawn(self, data: Any, seed: Any) -> Any:
        height, width = self.sizes(images_in(data))
        down, right = self.draws(data, *self._ranges, seed=seed)
        return {"translations": ops.stack([right * width, down * height], axis=1)}

    def moved(self, x: Any, transformation: Any, order: int) -> Any:
        steps = self.places(transformation, "translations")
        rows, columns = (
            ops.arange(size, dtype=steps.dtype) - steps[:, place : place + 1]
            for size, place in zip(ops.shape(x)[1:3], (1, 0), strict=True)
        )
        return sampled_apart(x, rows, columns, order, self.fill_mode, self.fill_value)


@registry.register(shapes="[*batch height width channels] -> [*batch height width channels]")
class RandomShear(RandomWarp):
    """While training, each image is slanted: rows are moved against each other, and columns.

    Formula: y[n, p, q, c] = x[n, p + s·v·q, q + s·u·p, c], s = ±1, u and v uniform in x_factor and y_factor

    Symbols: x_factor, y_factor: f for −f … f or (lowest, highest), none below 0; fill_mode, fill_value, interpolation:
    as of `RandomRotation`

    Shapes: [batch height width channels] -> [batch height width channels], or one image

    Example:

    >>> import numpy as np
    >>> y = RandomShear(x_factor=(1.0, 1.0), fill_mode="wrap")(np.arange(4.0).reshape(1, 2, 2, 1), training=True)
    >>> y.ravel().tolist()
    [0.0, 1.0, 3.0, 2.0]
    """

    stream = "random_shear"

    def __init__(
        self,
        x_factor: Factor = 0.0,
        y_factor: Factor = 0.0,
        interpolation: Interpolation = "bilinear",
        fill_mode: FillMode = "reflect",
        fill_value: float = 0.0,
        data_format: str | None = None,
        seed: Seed = None,
        **options: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **options)
        self.x_factor, self.y_factor = (
            _from_zero(factor, name, type(self).__name__)
            for factor, name in ((x_factor, "x_factor"), (y_factor, "y_factor"))
        )

    def drawn(self, data: Any, seed: Any) -> Any:
        way, x, y = self.draws(data, (0.0, 1.0), self.x_factor, self.y_factor, seed=seed)
        sign = ops.where(way > 0.5, -1.0, 1.0)
        return {"shear_factor": ops.stack([x * sign, y * sign], axis=1)}

    def moved(self, x: Any, transformation: Any, order: int) -> Any:
        shear = self.places(transformation, "shear_factor")
        across, down = shear[:, 0], shear[:, 1]
        none = 0 * across
        transform = ops.stack([none + 1, across, none, down, none + 1, none], axis=1)
        return warped(x, transform, order, self.fill_mode, self.fill_value)


def _from_zero(factor: Any, name: str, where: str) -> Range:
    """The range of a factor; one read from a configuration of a single number may begin below 0."""
    low, high = range_of(factor, name, where) if _is_symmetric(factor) else range_of(factor, name, where, 0.0)
    return (-high, high) if isinstance(factor, int | float) else (low, high)


def _is_symmetric(factor: Any) -> bool:
    return isinstance(factor, list | tuple) and len(factor) == 2 and factor[0] == -factor[1]
