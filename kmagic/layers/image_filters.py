"""Images blurred and sharpened."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmagic.base.errors import BadValue
from kmagic.graph.draw import uniform
from kmagic.graph.load import ops
from kmagic.layers import registry
from kmagic.layers.image_light import BYTES
from kmagic.layers.images import Factor, RandomImageLayer, Seed, range_of, value_range_of

# how much a pixel's own value counts in its blurred self, and each of the eight around it
_CENTRE, _AROUND = 5 / 13, 1 / 13


@registry.register(shapes="[*batch height width channels] -> [*batch height width channels]")
class RandomGaussianBlur(RandomImageLayer):
    """While training, images are blurred with a probability that is drawn for each, by curves drawn for the batch.

    Formula: y = clip(Σ g(i)·g(j)·x[p + i, q + j]) with probability u, u uniform in `factor`; else x

    Symbols: g: a normal curve over kernel_size pixels, with a σ uniform in `sigma` for each of the two axes; factor,
    sigma: f for 0 … f or (lowest, highest), from 0 to 1; kernel_size: an odd number, or one for columns and one for
    rows; clip: to value_range

    Shapes: [batch height width channels] -> [batch height width channels], or one image

    Example:

    >>> import numpy as np
    >>> x = np.zeros((1, 3, 3, 1))
    >>> x[0, 1, 1] = 1.0
    >>> layer = RandomGaussianBlur((1.0, 1.0), sigma=(1.0, 1.0), dtype="float64")
    >>> layer(x, training=True)[0, 1].ravel().round(3).tolist()
    [0.124, 0.204, 0.124]
    """

    stream = "random_gaussian_blur"

    def __init__(
        self,
        factor: Factor = 1.0,
        kernel_size: Any = 3,
        sigma: Factor = 1.0,
        value_range: Any = BYTES,
        data_format: str | None = None,
        seed: Seed = None,
        **options: Any,
    ) -> None:
        super().__init__(seed, data_format=data_format, **options)
        where = type(self).__name__
        self.factor, self.sigma = range_of(factor, "factor", where, 0.0), range_of(sigma, "sigma", where, 0.0)
        sizes = (kernel_size, kernel_size) if isinstance(kernel_size, int) else tuple(kernel_size)
        if len(sizes) != 2 or any(not isinstance(size, int) or size < 1 or size % 2 == 0 for size in sizes):
            raise BadValue(f"kernel_size is {kernel_size!r}", where=where, expected="an odd number, or two")
        self.kernel_size = sizes
        self.value_range = value_range_of(value_range, where)

    def drawn(self, data: Any, seed: Any) -> Any:
        source = self.source(seed)
        blurred = self.chances(data, self.factor, source)
        sigma = uniform((2,), *self.sigma, dtype=self.wide, seed=source)
        return {"should_apply_blur": blurred, "blur_factor": sigma + 1e-6}

    def changed(self, images: Any, transformation: Any) -> Any:
        blurred = ops.gaussian_blur(images, self.kernel_size, transformation["blur_factor"], self.data_format)
        chosen = ops.reshape(transformation["should_apply_blur"], (-1, 1, 1, 1))
        return ops.clip(ops.where(chosen, blurred, images), *self.value_range)


@registry.register(shapes="[*batch height width channels] -> [*batch height width channels]")
class RandomSharpness(RandomImageLayer):
    """While training, each image is blurred or sharpened by a share of its own.

    Formula: y = clip(x + (1 − 2u)·(blurred − x)), u uniform in `factor`

    Symbols: factor: f for 0 … f or (lowest, highest), from 0 (blurred) over ½ (as it is) to 1 (sharpened); blurred:
    5/13 of the pixel and 1/13 of each around it; clip: to value_range

    Shapes: [batch height width channels] -> [batch height width channels], or one image

    Example:

    >>> import numpy as np
    >>> RandomSharpness((0.5, 0.5))(np.array([[[[1.0], [2.0]]]]), training=True).ravel().tolist()
    [1.0, 2.0]
    """

    stream = "random_sharpness"

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
        (share,) = self.draws(data, self.factor, seed=seed)
        return {"factor": share}

    def changed(self, images: Any, transformation: Any) -> Any:
        layout = self.layout(images)
        x = layout.opened(images)
        kernel = np.full((3, 3, ops.shape(x)[-1], 1), _AROUND)
        kernel[1, 1] = _CENTRE
        kernel = ops.cast(kernel, self.compute_dtype)
        blurred = ops.depthwise_conv(x, kernel, padding="same", data_format="channels_last")
        mixed = x + (1 - 2 * self.per_image(transformation["factor"], x)) * (blurred - x)
        return ops.clip(layout.closed(mixed), *self.value_range)
