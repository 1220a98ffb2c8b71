"""Images seen in a mirror."""

from __future__ import annotations

from typing import Any, Literal

from kmagic.graph.load import ops
from kmagic.layers import registry
from kmagic.layers.images import RandomImageLayer, Seed

_AXES = {"horizontal": ("columns",), "vertical": ("rows",), "horizontal_and_vertical": ("columns", "rows")}


@registry.register(shapes="[*batch height width channels] -> [*batch height width channels]")
class RandomFlip(RandomImageLayer):
    """While training, one image in two is turned over: left for right, top for bottom, or both.

    Formula: y[n, p, q, c] = x[n, p, w − 1 − q, c] with probability ½, else x; alike for rows

    Symbols: mode: "horizontal", "vertical" or "horizontal_and_vertical", where an image is turned over in both ways or
    in none

    Shapes: [batch height width channels] -> [batch height width channels], or one image

    Example:

    >>> import numpy as np
    >>> y = RandomFlip("horizontal", seed=1)(np.tile([[[[0.0], [1.0]]]], (40, 1, 1, 1)), training=True)
    >>> sorted({tuple(image.ravel().tolist()) for image in y})
    [(0.0, 1.0), (1.0, 0.0)]
    """

    stream = "random_flip"

    def __init__(
        self,
        mode: Literal["horizontal", "vertical", "horizontal_and_vertical"] = "horizontal_and_vertical",
        seed: Seed = None,
        data_format: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(seed, data_format=data_format, **options)
        self.mode = mode

    def drawn(self, data: Any, seed: Any) -> Any:
        (chance,) = self.draws(data, (0.0, 1.0), seed=seed)
        return {"flips": ops.reshape(chance <= 0.5, (-1, 1, 1, 1))}

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        return self._flipped(self.as_floats(images), transformation)

    def transform_segmentation_masks(self, masks: Any, transformation: Any = None, training: bool = True) -> Any:
        return self._flipped(masks, transformation)

    def _flipped(self, images: Any, transformation: Any) -> Any:
        if transformation is None:
            return images
        turned, layout = images, self.layout(images)
        for axis in _AXES[self.mode]:
            turned = ops.flip(turned, getattr(layout, axis))
        return ops.where(transformation["flips"], turned, images)
