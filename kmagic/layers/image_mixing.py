"""Images mixed with each other, with their labels, and images of which a piece is missing."""

from __future__ import annotations

from typing import Any

from kmagic.base.errors import BadValue
from kmagic.base.parameters import Positive
from kmagic.graph.draw import beta, normal, shuffle, uniform
from kmagic.graph.load import ops
from kmagic.layers import registry
from kmagic.layers.image_light import BYTES
from kmagic.layers.images import Factor, RandomImageLayer, Range, Seed, expect_rows, images_in, range_of, value_range_of


class MixingLayer(RandomImageLayer):
    """Base of layers that mix each image with another one of the batch, and their labels as much."""

    def order(self, images: Any, source: Any) -> Any:
        """Which image each is mixed with."""
        return shuffle(ops.arange(ops.shape(images)[0]), seed=source)

    def others(self, values: Any, transformation: Any) -> Any:
        """What belongs to the other image of each."""
        return ops.take(values, transformation["permutation_order"], axis=0)

    def transform_labels(self, labels: Any, transformation: Any = None, training: bool = True) -> Any:
        if not training or transformation is None:
            return labels
        expect_rows(labels, self.path)
        labels = self.as_floats(labels)
        rank = len(ops.shape(labels))
        weight = ops.cast(ops.reshape(transformation["mix_weight"], (-1, *[1] * (rank - 1))), self.compute_dtype)
        return weight * labels + (1 - weight) * self.others(labels, transformation)


@registry.register()
class MixUp(MixingLayer):
    """While training, each image is a mixture of itself and another one of the batch, and so is its label.

    Formula: y = w·x + (1 − w)·x′, w ~ Beta(α, α)

    Symbols: x′: another image; α: alpha, small for mixtures that are mostly one of the two

    Shapes: [batch height width channels] -> [batch height width channels]; labels: a row of numbers for each image

    Example:

    >>> import numpy as np
    >>> batch = {"images": np.ones((2, 1, 1, 1)), "labels": np.eye(2)}
    >>> mixed = MixUp(seed=1)(batch, training=True)
    >>> mixed["images"].ravel().tolist(), mixed["labels"].sum(1).round(3).tolist()
    ([1.0, 1.0], [1.0, 1.0])

    Source: H. Zhang et al., ICLR 2018
    """

    stream = "mix_up"

    def __init__(
        self, alpha: Positive = 0.2, data_format: str | None = None, seed: Seed = None, **options: Any
    ) -> None:
        super().__init__(seed, data_format=data_format, **options)
        self.alpha = alpha

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        images = images_in(data)
        if not training or self.layout(images).single:
            return None
        source = self.source(seed)
        weight = beta(ops.shape(images)[:1], self.alpha, self.alpha, dtype=self.wide, seed=source)
        return {"mix_weight": weight, "permutation_order": self.order(images, source)}

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        return self._mixed(self.as_floats(images), transformation, training)

    def transform_segmentation_masks(self, masks: Any, transformation: Any = None, training: bool = True) -> Any:
        return self._mixed(self.as_floats(masks), transformation, training)

    def _mixed(self, x: Any, transformation: Any, training: bool) -> Any:
        if not training or transformation is None:
            return x
        weight = self.per_image(transformation["mix_weight"], x)
        return weight * x + (1 - weight) * self.others(x, transformation)


def box(layer: RandomImageLayer, images: Any, shares: tuple[Any, Any], corners: tuple[Any, Any]) -> tuple[Any, Any]:
    """Which pixels lie in a rectangle, and its area: of shares [batch] of height and width, at a corner from 0 to 1."""
    layout = layer.layout(images)
    shape, rank = ops.shape(images), len(ops.shape(images))
    inside: Any = True
    area: Any = 1.0
    for axis, share, corner in zip((layout.rows, layout.columns), shares, corners, strict=True):
        size = shape[axis]
        length = share * size
        start = ops.reshape(corner * (size - length), (-1, *[1] * 3))
        stop = start + ops.reshape(length, (-1, *[1] * 3))
        along = ops.reshape(ops.arange(size, dtype=length.dtype), [size if i == rank + axis else 1 for i in range(4)])
        within = ops.logical_and(along >= start, along < stop)
        inside = within if inside is True else ops.logical_and(inside, within)
        area = area * length
    return inside, area


@registry.register()
class CutMix(MixingLayer):
    """While training, a rectangle of each image is cut out and filled from another one; labels are mixed by area.

    Formula: y = x′ inside the rectangle, else x; label = w·l + (1 − w)·l′, 1 − w: the share of the rectangle

    Symbols: x′, l′: another image and its label; the sides are √(1 − v) of those of the image, v ~ Beta(α, α), α
    uniform in `factor` (f for 0 … f or (lowest, highest))

    Shapes: [batch height width channels] -> [batch height width channels]; labels: a row of numbers for each image

    Example:

    >>> import numpy as np
    >>> batch = {"images": np.ones((2, 4, 4, 1)), "labels": np.eye(2)}
    >>> mixed = CutMix(seed=1)(batch, training=True)
    >>> mixed["images"].min().item(), mixed["labels"].sum(1).round(3).tolist()
    (1.0, [1.0, 1.0])

    Source: S. Yun et al., ICCV 2019
    """

    stream = "cut_mix"

    def __init__(self, factor: Factor = 1.0, seed: Seed = None, data_format: str | None = None, **options: Any) -> None:
        super().__init__(seed, data_format=data_format, **options)
        self.factor = range_of(factor, "factor", type(self).__name__, 0.0)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        images = images_in(data)
        layout = self.layout(images)
        if not training or layout.single:
            return None
        source = self.source(seed)
        kind = self.wide
        alpha = uniform((), *self.factor, dtype=kind, seed=source) + 1e-6
        share = ops.sqrt(1 - beta(ops.shape(images)[:1], alpha, alpha, dtype=kind, seed=source))
        corners = self.draws(data, (0.0, 1.0), (0.0, 1.0), seed=source)
        inside, area = box(self, images, (share, share), (corners[1], corners[0]))
        whole = ops.shape(images)[layout.rows] * ops.shape(images)[layout.columns]
        return {
            "permutation_order": self.order(images, source),
            "batch_masks": inside,
            "mix_weight": 1 - area / whole,
        }

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        return self._mixed(self.as_floats(images), transformation, training)

    def transform_segmentation_masks(self, masks: Any, transformation: Any = None, training: bool = True) -> Any:
        return self._mixed(masks, transformation, training)

    def _mixed(self, x: Any, transformation: Any, training: bool) -> Any:
        if not training or transformation is None:
            return x
        return ops.where(transformation["batch_masks"], self.others(x, transformation), x)


@registry.register(shapes="[*batch height width channels] -> [*batch height width channels]")
class RandomErasing(RandomImageLayer):
    """While training, a rectangle of an image is replaced by noise or a colour, with a probability drawn for each.

    Formula: y = fill inside the rectangle with probability u, u uniform in `factor`; else x

    Symbols: the sides are √v and √v′ of those of the image, v and v′ uniform in `scale`; fill: fill_value, or three, or
    (None) normal numbers times the upper end of value_range, to which they are clipped; factor, scale: f for 0 … f or
    (lowest, highest)

    Shapes: [batch height width channels] -> [batch height width channels], or one image

    Example:

    >>> import numpy as np
    >>> y = RandomErasing((1.0, 1.0), scale=(0.25, 0.25), fill_value=9.0)(np.zeros((1, 4, 4, 1)), training=True)
    >>> y.sum().item()
    36.0

    Source: Z. Zhong et al., AAAI 2020
    """

    stream = "random_erasing"

    def __init__(
        self,
        factor: Factor = 1.0,
        scale: Any = (0.02, 0.33),
        fill_value: Any = None,
        value_range: Any = BYTES,
        seed: Seed = None,
        data_format: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(seed, data_format=data_format, **options)
        where = type(self).__name__
        self.factor = range_of(factor, "factor", where, 0.0)
        self.scale: Range = range_of(scale, "scale", where, 0.0)
        self.value_range = value_range_of(value_range, where)
        self.fill_value = fill_value
        if isinstance(fill_value, list | tuple) and len(fill_value) != 3:
            raise BadValue(f"fill_value is {fill_value!r}", where=where, expected="None, a number or three")

    def drawn(self, data: Any, seed: Any) -> Any:
        images = images_in(data)
        source = self.source(seed)
        shares = self.draws(data, self.scale, self.scale, (0.0, 1.0), (0.0, 1.0), seed=source)
        columns, rows = (ops.sqrt(share) for share in shares[:2])
        batch = ops.expand_dims(images, 0) if self.layout(images).single else images
        inside, _ = box(self, batch, (rows, columns), (shares[3], shares[2]))
        return {
            "apply_erasing": self.chances(data, self.factor, source),
            "batch_masks": inside,
            "fill_value": ops.clip(self._filling(batch, source), *self.value_range),
        }

    def _filling(self, images: Any, source: Any) -> Any:
        if self.fill_value is None:
            drawn = normal(ops.shape(images), dtype=self.wide, seed=source)
            return ops.cast(drawn, self.compute_dtype) * self.value_range[1]
        value = ops.convert_to_tensor(self.fill_value, self.compute_dtype)
        if not isinstance(self.fill_value, list | tuple):
            return value
        return ops.reshape(value, [3 if i == 4 + self.layout(images).channels else 1 for i in range(4)])

    def changed(self, images: Any, transformation: Any) -> Any:
        chosen = ops.reshape(transformation["apply_erasing"], (-1, 1, 1, 1))
        erased = ops.logical_and(chosen, transformation["batch_masks"])
        return ops.where(erased, ops.cast(transformation["fill_value"], self.compute_dtype), images)
