"""Images of another size: pieces of them, and all of them smaller or larger."""

from __future__ import annotations

from typing import Any, Literal

from kmagic.base.errors import BadValue
from kmagic.base.parameters import Count
from kmagic.graph.draw import randint
from kmagic.graph.load import ops
from kmagic.graph.ops.image.layout import known_size
from kmagic.graph.ops.image.resizing import cut
from kmagic.layers import registry
from kmagic.layers.images import ImageLayer, RandomImageLayer, Seed, images_in


class SizedLayer(ImageLayer):
    """Base of layers that give images of one size."""

    height: int
    width: int

    def given_size(self, images: Any) -> tuple[int, int]:
        """Height and width of what comes in."""
        layout = self.layout(images)
        return known_size(images, layout.rows, self.path), known_size(images, layout.columns, self.path)

    def widest(self, images: Any) -> Any:
        """The middle of images, as much of it as has the wanted ratio of height to width, resized."""
        size = (self.height, self.width)
        return ops.resize(images, size, crop_to_aspect_ratio=True, data_format=self.data_format)


@registry.register(shapes="[*batch rows columns channels] -> [*batch height width channels]")
class CenterCrop(SizedLayer):
    """The middle of images; of smaller ones as much as has the same ratio, enlarged.

    Formula: y[n, p, q, c] = x[n, p + ⌊(h − height) / 2⌋, q + ⌊(w − width) / 2⌋, c]

    Symbols: h, w: height and width of the input

    Shapes: [batch h w channels] -> [batch height width channels], or one image

    Example:

    >>> import numpy as np
    >>> CenterCrop(1, 2)(np.arange(4.0).reshape(1, 1, 4, 1)).ravel().tolist()
    [1.0, 2.0]
    """

    def __init__(self, height: Count, width: Count, data_format: str | None = None, **options: Any) -> None:
        super().__init__(data_format, **options)
        self.height, self.width = int(height), int(width)

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        return self._middle(self.as_floats(images))

    def transform_segmentation_masks(self, masks: Any, transformation: Any = None, training: bool = True) -> Any:
        return self.as_masks(self._middle, masks)

    def _middle(self, images: Any) -> Any:
        above, beside = (own - new for own, new in zip(self.given_size(images), (self.height, self.width), strict=True))
        if above < 0 or beside < 0:
            return self.widest(images)
        return cut(images, self.layout(images), (above // 2, beside // 2), (self.height, self.width))


@registry.register(shapes="[*batch rows columns channels] -> [*batch height width channels]")
class RandomCrop(RandomImageLayer, SizedLayer):
    """While training, a piece of the images, at a place that is drawn for the whole batch; else their middle, resized.

    Formula: y[n, p, q, c] = x[n, p + a, q + b, c], a and b uniform over 0 … h − height and 0 … w − width; else the
    largest window in the middle with the ratio height : width, resized

    Symbols: h, w: height and width of the input; both must be larger than the piece, or it is the middle too

    Shapes: [batch h w channels] -> [batch height width channels], or one image

    Example:

    >>> import numpy as np
    >>> crop = RandomCrop(1, 2, seed=1)
    >>> (crop(np.arange(9.0).reshape(1, 3, 3, 1), training=True) % 3).ravel().tolist() in ([0.0, 1.0], [1.0, 2.0])
    True
    >>> crop(np.arange(4.0).reshape(1, 1, 4, 1), training=False).ravel().tolist()
    [1.0, 2.0]
    """

    stream = "random_crop"

    def __init__(
        self,
        height: Count,
        width: Count,
        seed: Seed = None,
        data_format: str | None = None,
        name: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(seed, data_format=data_format, name=name, **options)
        self.height, self.width = int(height), int(width)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        rows, columns = self.given_size(images_in(data))
        if not training or rows <= self.height or columns <= self.width:
            return None
        source = self.source(seed)
        return randint((), 0, rows - self.height + 1, seed=source), randint(
            (), 0, columns - self.width + 1, seed=source
        )

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        return self._piece(self.as_floats(images), transformation)

    def transform_segmentation_masks(self, masks: Any, transformation: Any = None, training: bool = True) -> Any:
        return self.as_masks(lambda x: self._piece(x, transformation), masks)

    def _piece(self, images: Any, transformation: Any) -> Any:
        if transformation is None:
            return self.widest(images)
        layout = self.layout(images)
        sizes = (self.height, self.width)
        for axis, start, size in zip((layout.rows, layout.columns), transformation, sizes, strict=True):
            images = ops.take(images, ops.arange(size) + start, axis=axis)
        return images


@registry.register(shapes="[*batch rows columns channels] -> [*batch height width channels]")
class Resizing(SizedLayer):
    """Images of another height and width, stretched unless they are cropped or padded to the new ratio first.

    Formula: y = Mᵀ·x·N for weights M and N by a curve of the distance of pixels; nearest: the pixel at that place

    Symbols: interpolation: "bilinear", "nearest", "bicubic", "lanczos3" or "lanczos5"; antialias: wider mixtures where
    images shrink; whole numbers stay whole

    Shapes: [batch h w channels] -> [batch height width channels], or one image

    Example:

    >>> import numpy as np
    >>> Resizing(1, 4)(np.array([1.0, 2.0]).reshape(1, 1, 2, 1)).ravel().tolist()
    [1.0, 1.25, 1.75, 2.0]
    """

    def __init__(
        self,
        height: Count,
        width: Count,
        interpolation: Literal["bilinear", "nearest", "bicubic", "lanczos3", "lanczos5"] = "bilinear",
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        fill_mode: Literal["constant"] = "constant",
        fill_value: float = 0.0,
        antialias: bool = False,
        data_format: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(data_format, **options)
        if crop_to_aspect_ratio and pad_to_aspect_ratio:
            raise BadValue(
                "crop_to_aspect_ratio and pad_to_aspect_ratio are both True", where="Resizing", expected="one of them"
            )
        self.height, self.width, self.interpolation = int(height), int(width), interpolation
        self.crop_to_aspect_ratio, self.pad_to_aspect_ratio = crop_to_aspect_ratio, pad_to_aspect_ratio
        self.fill_mode, self.fill_value, self.antialias = fill_mode, fill_value, bool(antialias)

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        return self._resized(images, self.interpolation)

    def transform_segmentation_masks(self, masks: Any, transformation: Any = None, training: bool = True) -> Any:
        return self._resized(masks, "nearest")

    def _resized(self, images: Any, interpolation: str) -> Any:
        return ops.resize(
            images,
            (self.height, self.width),
            interpolation,
            self.antialias,
            self.crop_to_aspect_ratio,
            self.pad_to_aspect_ratio,
            self.fill_mode,
            self.fill_value,
            self.data_format,
        )
