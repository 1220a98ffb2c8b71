"""Images made brighter and darker, pale and vivid, negative, and with fewer shades."""

from __future__ import annotations

from typing import Any

from kmagic.base.parameters import Count
from kmagic.graph.draw import randint
from kmagic.graph.load import ops
from kmagic.layers import registry
from kmagic.layers.images import Factor, ImageLayer, RandomImageLayer, Seed, range_of, rescaled, value_range_of

BYTES = (0, 255)


@registry.register(shapes="[*batch height width channels] -> [*batch height width channels]")
class RandomContrast(RandomImageLayer):
    """While training, each channel of an image is drawn away from its mean, or towards it, by a factor of the image.

    Formula: y = clip((x − mean)·f + mean), f uniform over 1 − lower … 1 + upper

    Symbols: factor: (lower, upper), or one number for (0, number); mean: over the pixels of a channel; clip: to
    `value_range`

    Shapes: [batch height width channels] -> [batch height width channels], or one image

    Example:

    >>> import numpy as np
    >>> RandomContrast((0.5, 0.5), seed=1)(np.full((1, 2, 2, 1), 7.0), training=True).ravel().tolist()
    [7.0, 7.0, 7.0, 7.0]
    """

    stream = "random_contrast"

    def __init__(self, factor: Factor, value_range: Any = BYTES, seed: Seed = None, **options: Any) -> None:
        super().__init__(seed, **options)
        self.factor = range_of(factor, "factor", type(self).__name__, 0.0)
        self.value_range = value_range_of(value_range, type(self).__name__)

    def drawn(self, data: Any, seed: Any) -> Any:
        (factor,) = self.draws(data, (1 - self.factor[0], 1 + self.factor[1]), seed=seed)
        return {"contrast_factor": ops.reshape(factor, (-1, 1, 1, 1))}

    def changed(self, images: Any, transformation: Any) -> Any:
        layout = self.layout(images)
        mean = ops.mean(images, axis=(layout.rows, layout.columns), keepdims=True)
        factor = self.per_image(transformation["contrast_factor"], images)
        return ops.clip((images - mean) * factor + mean, *self.value_range)


@registry.register(shapes="[*batch height width channels] -> [*batch height width channels]")
class RandomBrightness(RandomImageLayer):
    """While training, a number is added to each image: a share of the range of values, drawn for each.

    Formula: y = clip(x + u·(high − low)), u uniform in `factor`

    Symbols: factor: f for −f … f or (lowest, highest), from −1 (black) to 1 (white); (low, high) = value_range, to
    which the result is clipped

    Shapes: [batch height width channels] -> [batch height width channels], or one image

    Example:

    >>> import numpy as np
    >>> RandomBrightness((0.5, 0.5), value_range=(0, 1))(np.array([[[[0.25], [0.75]]]]), training=True).ravel().tolist()
    [0.75, 1.0]
    """

    stream = "random_brightness"

    def __init__(self, factor: Factor, value_range: Any = BYTES, seed: Seed = None, **options: Any) -> None:
        super().__init__(seed, **options)
        self.factor = range_of(factor, "factor", type(self).__name__)
        self.value_range = value_range_of(value_range, type(self).__name__)

    def drawn(self, data: Any, seed: Any) -> Any:
        (share,) = self.draws(data, self.factor, seed=seed)
        low, high = self.value_range
        return {"rgb_delta": ops.reshape(share * (high - low), (-1, 1, 1, 1))}

    def changed(self, images: Any, transformation: Any) -> Any:
        return ops.clip(images + self.per_image(transformation["rgb_delta"], images), *self.value_range)


@registry.register(shapes="[*batch height width channels] -> [*batch height width channels]")
class RandomInvert(RandomImageLayer):
    """While training, images become their negative with a probability that is drawn for each.

    Formula: y = high − x with probability u, u uniform in `factor`; else x

    Symbols: factor: f for 0 … f or (lowest, highest); high: the upper end of value_range

    Shapes: [batch height width channels] -> [batch height width channels], or one image

    Example:

    >>> import numpy as np
    >>> RandomInvert((1.0, 1.0), value_range=(0, 1))(np.array([[[[0.25]]]]), training=True).tolist()
    [[[[0.75]]]]
    """

    stream = "random_invert"

    def __init__(
        self,
        factor: Factor = 1.0,
        value_range: Any = BYTES,
        seed: Seed = None,
        data_format: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(seed, data_format=data_format, **options)
        self.factor = range_of(factor, "factor", type(self).__name__, 0.0)
        self.value_range = value_range_of(value_range, type(self).__name__)

    def drawn(self, data: Any, seed: Any) -> Any:
        return {"apply_inversion": self.chances(data, self.factor, seed)}

    def changed(self, images: Any, transformation: Any) -> Any:
        chosen = ops.reshape(transformation["apply_inversion"], (-1, 1, 1, 1))
        return ops.where(chosen, self.value_range[1] - images, images)


@registry.register(shapes="[*batch height width channels] -> [*batch height width channels]")
class Solarization(RandomImageLayer):
    """While training, a number is added to each image, and what is then above a threshold becomes its negative.

    Formula: z = clip(x + a), y = z where z < t, else 255 − z; a and t uniform in 255 times their factors

    Symbols: addition_factor, threshold_factor: f for 0 … f or (lowest, highest), from 0 to 1; x is brought from
    value_range to 0 … 255 and back

    Shapes: [batch height width channels] -> [batch height width channels], or one image

    Example:

    >>> import numpy as np
    >>> Solarization()(np.array([[[[0.0], [200.0]]]]), training=True).ravel().tolist()
    [255.0, 55.0]
    """

    stream = "solarization"

    def __init__(
        self,
        addition_factor: Factor = 0.0,
        threshold_factor: Factor = 0.0,
        value_range: Any = BYTES,
        seed: Seed = None,
        **options: Any,
    ) -> None:
        super().__init__(seed, **options)
        where = type(self).__name__
        self.addition_factor = range_of(addition_factor, "addition_factor", where, 0.0)
        self.threshold_factor = range_of(threshold_factor, "threshold_factor", where, 0.0)
        self.value_range = value_range_of(value_range, where)

    def drawn(self, data: Any, seed: Any) -> Any:
        ranges = [(255 * low, 255 * high) for low, high in (self.addition_factor, self.threshold_factor)]
        additions, thresholds = (ops.reshape(drawn, (-1, 1, 1, 1)) for drawn in self.draws(data, *ranges, seed=seed))
        return {"additions": additions, "thresholds": thresholds}

    def changed(self, images: Any, transformation: Any) -> Any:
        added = rescaled(images, self.value_range, BYTES) + self.per_image(transformation["additions"], images)
        shades = ops.clip(added, *BYTES)
        low = shades < self.per_image(transformation["thresholds"], images)
        return rescaled(ops.where(low, shades, 255 - shades), BYTES, self.value_range)


@registry.register(shapes="[*batch height width channels] -> [*batch height width channels]")
class AutoContrast(ImageLayer):
    """Each channel of an image stretched over the whole range of values, from its darkest pixel to its brightest.

    Formula: y = (x − min) / (max − min), brought to value_range; x where all pixels are equal

    Symbols: min, max: over the pixels of a channel

    Shapes: [batch height width channels] -> [batch height width channels], or one image

    Example:

    >>> import numpy as np
    >>> AutoContrast(value_range=(0, 1))(np.array([[[[0.25], [0.5], [0.375]]]])).ravel().tolist()
    [0.0, 1.0, 0.5]
    """

    def __init__(self, value_range: Any = BYTES, **options: Any) -> None:
        super().__init__(**options)
        self.value_range = value_range_of(value_range, type(self).__name__)

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        images = self.as_floats(images)
        layout = self.layout(images)
        axes = (layout.rows, layout.columns)
        low, high = ops.min(images, axis=axes, keepdims=True), ops.max(images, axis=axes, keepdims=True)
        spread = ops.where(high > low, high - low, 1)
        first, last = self.value_range
        stretched = ops.clip((images - low) / spread * (last - first) + first, first, last)
        return ops.where(high > low, stretched, images)


@registry.register(shapes="[*batch height width channels] -> [*batch height width channels]")
class Equalization(ImageLayer):
    """While training, the shades of each channel are spread so that each occurs about equally often in the batch.

    Formula: y = 255·(F(x) − F₀) / (F₁ − F₀), rounded

    Symbols: F: how many pixels of the batch are at most in the bin of x, F₀ and F₁: in the first that is not empty and
    in the last; x is brought from value_range to 0 … 255 and back

    Shapes: [batch height width channels] -> [batch height width channels], or one image

    Example:

    >>> import numpy as np
    >>> Equalization()(np.array([[[[1.0], [2.0], [3.0]]]]), training=True).ravel().tolist()
    [0.0, 128.0, 255.0]
    """

    def __init__(
        self, value_range: Any = BYTES, bins: Count = 256, data_format: str | None = None, **options: Any
    ) -> None:
        super().__init__(data_format, **options)
        self.bins, self.value_range = int(bins), value_range_of(value_range, type(self).__name__)

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        images = self.as_floats(images)
        if not training:
            return images
        axis = self.layout(images).channels
        channels = ops.split(rescaled(images, self.value_range, BYTES), ops.shape(images)[axis], axis=axis)
        equal = ops.concatenate([self._equalized(channel) for channel in channels], axis=axis)
        return rescaled(equal, BYTES, self.value_range)

    def _equalized(self, channel: Any) -> Any:
        place = ops.cast(ops.clip(channel * (self.bins - 1) / 255, 0, self.bins - 1), "int32")
        counts = ops.bincount(ops.ravel(place), minlength=self.bins)
        reached = ops.cast(ops.cumsum(counts), self.compute_dtype)
        first = ops.min(ops.where(reached > 0, reached, reached[-1]))
        shades = ops.round((reached - first) * 255 / ops.maximum(reached[-1] - first, 1))
        several = ops.sum(ops.cast(counts > 0, "int32")) > 1
        return ops.where(several, ops.take(ops.clip(shades, *BYTES), place, axis=0), channel)


@registry.register(shapes="[*batch height width channels] -> [*batch height width channels]")
class RandomPosterization(RandomImageLayer):
    """While training, the pixels of each image keep only a few of their eight bits.

    Formula: y = ⌊x / 2ˢ⌋·2ˢ, s = 8 − b, b a whole number from lowest to highest − 1

    Symbols: factor: (lowest, highest) number of bits, from 1 to 8, or one number of bits; x is brought from value_range
    to 0 … 255 and back

    Shapes: [batch height width channels] -> [batch height width channels], or one image

    Example:

    >>> import numpy as np
    >>> RandomPosterization(1)(np.array([[[[100.0], [200.0]]]]), training=True).ravel().tolist()
    [0.0, 128.0]
    """

    stream = "random_posterization"

    def __init__(
        self, factor: Any, value_range: Any = BYTES, data_format: str | None = None, seed: Seed = None, **options: Any
    ) -> None:
        super().__init__(seed, data_format=data_format, **options)
        low, high = range_of(factor, "factor", type(self).__name__, 1, 8)
        self.factor = (low, high)
        self.value_range = value_range_of(value_range, type(self).__name__)

    def drawn(self, data: Any, seed: Any) -> Any:
        rows = self.count(data)
        low, high = map(int, self.factor)
        source = self.source(seed)
        kept = randint((rows,), low, high, seed=source) if high > low else ops.full((rows,), low, "int32")
        return {"shift_factor": 8 - kept}

    def changed(self, images: Any, transformation: Any) -> Any:
        step = 2 ** self.per_image(transformation["shift_factor"], images)
        shades = ops.floor(rescaled(images, self.value_range, BYTES))
        return rescaled(ops.floor(shades / step) * step, BYTES, self.value_range)
