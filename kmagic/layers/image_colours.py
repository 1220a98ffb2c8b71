"""Images with other colours: grey, of another hue, pale or vivid."""

from __future__ import annotations

from typing import Any

from kmagic.base.config import epsilon
from kmagic.base.parameters import Fraction
from kmagic.graph.load import ops
from kmagic.graph.ops.image.colours import with_channel
from kmagic.layers import registry
from kmagic.layers.image_light import BYTES, RandomBrightness, RandomContrast
from kmagic.layers.images import Factor, RandomImageLayer, Seed, range_of, rescaled, value_range_of


@registry.register(shapes="[*batch height width channels] -> [*batch height width channels]")
class RandomGrayscale(RandomImageLayer):
    """While training, images lose their colours with a probability.

    Formula: y = 0.2989·red + 0.587·green + 0.114·blue in all channels with probability `factor`, else x

    Shapes: [batch height width channels] -> [batch height width channels], or one image; 3 channels

    Example:

    >>> import numpy as np
    >>> RandomGrayscale(1.0, dtype="float64")(np.array([[[[100.0, 0.0, 0.0]]]]), training=True).round(2).tolist()
    [[[[29.89, 29.89, 29.89]]]]
    """

    stream = "random_grayscale"

    def __init__(
        self, factor: Fraction = 0.5, data_format: str | None = None, seed: Seed = None, **options: Any
    ) -> None:
        super().__init__(seed, data_format=data_format, **options)
        self.factor = factor

    def drawn(self, data: Any, seed: Any) -> Any:
        (chance,) = self.draws(data, (0.0, 1.0), seed=seed)
        return ops.reshape(chance < self.factor, (-1, 1, 1, 1))

    def changed(self, images: Any, transformation: Any) -> Any:
        return ops.where(transformation, ops.rgb_to_grayscale(images, self.data_format), images)


@registry.register(shapes="[*batch height width channels] -> [*batch height width channels]")
class RandomColorDegeneration(RandomImageLayer):
    """While training, each image is mixed with its grey self by a share of its own.

    Formula: y = clip(x + u·(grey − x)), u uniform in `factor`

    Symbols: factor: f for −f … f or (lowest, highest): 0 is nothing, 1 grey, below 0 more vivid; clip: to value_range

    Shapes: [batch height width channels] -> [batch height width channels], or one image; 3 channels

    Example:

    >>> import numpy as np
    >>> layer = RandomColorDegeneration((1.0, 1.0), dtype="float64")
    >>> layer(np.array([[[[100.0, 0.0, 0.0]]]]), training=True).round(2).tolist()
    [[[[29.89, 29.89, 29.89]]]]
    """

    stream = "random_color_degeneration"

    def __init__(
        self,
        factor: Factor,
        value_range: Any = BYTES,
        data_format: str | None = None,
        seed: Seed = None,
        **options: Any,
    ) -> None:
        super().__init__(seed, data_format=data_format, **options)
        self.factor = range_of(factor, "factor", type(self).__name__)
        self.value_range = value_range_of(value_range, type(self).__name__)

    def drawn(self, data: Any, seed: Any) -> Any:
        (share,) = self.draws(data, self.factor, seed=seed)
        return {"factor": ops.reshape(share, (-1, 1, 1, 1))}

    def changed(self, images: Any, transformation: Any) -> Any:
        grey = ops.rgb_to_grayscale(images, self.data_format)
        return ops.clip(images + self.per_image(transformation["factor"], images) * (grey - images), *self.value_range)


@registry.register(shapes="[*batch height width channels] -> [*batch height width channels]")
class RandomHue(RandomImageLayer):
    """While training, the colours of each image move along the rainbow by an angle of its own.

    Formula: hue + s·u / 2, s = ±1, u uniform in `factor`

    Symbols: hue: from 0 to 1, a full circle; factor: f for 0 … f or (lowest, highest), from 0 to 1; x is brought from
    value_range to 0 … 1 and back

    Shapes: [batch height width channels] -> [batch height width channels], or one image; 3 channels

    Example:

    >>> import numpy as np
    >>> RandomHue((1.0, 1.0), value_range=(0, 1))(np.array([[[[1.0, 0.0, 0.0]]]]), training=True).round(3).tolist()
    [[[[0.0, 1.0, 1.0]]]]
    """

    stream = "random_hue"

    def __init__(
        self,
        factor: Factor,
        value_range: Any = BYTES,
        data_format: str | None = None,
        seed: Seed = None,
        **options: Any,
    ) -> None:
        super().__init__(seed, data_format=data_format, **options)
        self.factor = range_of(factor, "factor", type(self).__name__, 0.0)
        self.value_range = value_range_of(value_range, type(self).__name__)

    def drawn(self, data: Any, seed: Any) -> Any:
        way, share = self.draws(data, (0.0, 1.0), self.factor, seed=seed)
        return {"factor": ops.where(way > 0.5, -share, share) / 2}

    def changed(self, images: Any, transformation: Any) -> Any:
        turn = self.per_image(transformation["factor"], images)
        axis = self.layout(images).channels
        colours = ops.rgb_to_hsv(rescaled(images, self.value_range, (0, 1)), self.data_format)
        turned = with_channel(colours, axis, 0, lambda hue: ops.mod(hue + turn, 1.0))
        return rescaled(ops.clip(ops.hsv_to_rgb(turned, self.data_format), 0.0, 1.0), (0, 1), self.value_range)


@registry.register(shapes="[*batch height width channels] -> [*batch height width channels]")
class RandomSaturation(RandomImageLayer):
    """While training, the colours of each image become paler or more vivid by a factor of its own.

    Formula: saturation·u / (1 − u + ε), at most 1, u uniform in `factor`

    Symbols: factor: f for −f … f or (lowest, highest): 0 and below is grey, ½ as it is, 1 full colours; ε:
    kmagic.config.epsilon()

    Shapes: [batch height width channels] -> [batch height width channels], or one image; 3 channels

    Example:

    >>> import numpy as np
    >>> RandomSaturation((0.0, 0.0))(np.array([[[[100.0, 50.0, 0.0]]]]), training=True).tolist()
    [[[[100.0, 100.0, 100.0]]]]
    """

    stream = "random_saturation"

    def __init__(
        self,
        factor: Factor,
        value_range: Any = BYTES,
        data_format: str | None = None,
        seed: Seed = None,
        **options: Any,
    ) -> None:
        super().__init__(seed, data_format=data_format, **options)
        self.factor = range_of(factor, "factor", type(self).__name__)
        self.value_range = value_range_of(value_range, type(self).__name__)

    def drawn(self, data: Any, seed: Any) -> Any:
        (share,) = self.draws(data, self.factor, seed=seed)
        return {"factor": share / (1 - share + epsilon())}

    def changed(self, images: Any, transformation: Any) -> Any:
        factor = self.per_image(transformation["factor"], images)
        colours = ops.rgb_to_hsv(images, self.data_format)
        axis = self.layout(images).channels
        return ops.hsv_to_rgb(
            with_channel(colours, axis, 1, lambda s: ops.clip(s * factor, 0.0, 1.0)), self.data_format
        )


@registry.register(shapes="[*batch height width channels] -> [*batch height width channels]")
class RandomColorJitter(RandomImageLayer):
    """While training, brightness, contrast, saturation and hue of each image change, one after the other.

    Formula: RandomHue(RandomSaturation(RandomContrast(RandomBrightness(x)))), without those that have no factor

    Symbols: the factors: as of those layers, None for none

    Shapes: [batch height width channels] -> [batch height width channels], or one image; 3 channels

    Example:

    >>> import numpy as np
    >>> RandomColorJitter(brightness_factor=(0.1, 0.1))(np.full((1, 1, 1, 3), 100.0), training=True).tolist()
    [[[[125.5, 125.5, 125.5]]]]
    """

    stream = "random_color_jitter"

    def __init__(
        self,
        value_range: Any = BYTES,
        brightness_factor: Factor | None = None,
        contrast_factor: Factor | None = None,
        saturation_factor: Factor | None = None,
        hue_factor: Factor | None = None,
        seed: Seed = None,
        data_format: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(seed, data_format=data_format, **options)
        self.value_range = value_range_of(value_range, type(self).__name__)
        self.brightness_factor, self.contrast_factor = brightness_factor, contrast_factor
        self.saturation_factor, self.hue_factor = saturation_factor, hue_factor
        kinds = (RandomBrightness, RandomContrast, RandomSaturation, RandomHue)
        factors = (brightness_factor, contrast_factor, saturation_factor, hue_factor)
        shared = {
            "value_range": self.value_range,
            "seed": self.seed_generator,
            "data_format": self.data_format,
            "dtype": self.dtype_policy,
        }
        self._steps = [
            kind(factor, **shared) for kind, factor in zip(kinds, factors, strict=True) if factor is not None
        ]

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        images = self.as_floats(images)
        for step in self._steps if training else ():
            images = step.transform_images(images, step.get_random_transformation(images))
        return images
