"""What layers over images share: one image or a batch, labels and masks beside them, and a generator for each layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from kmagic.base.config import image_data_format
from kmagic.base.dtypes import is_float, promote, standard
from kmagic.base.errors import BadValue, ShapeMismatch, Unsupported
from kmagic.base.shapes import written
from kmagic.graph.draw import uniform
from kmagic.graph.load import ops
from kmagic.graph.ops.image.layout import FORMATS, Layout, layout_of
from kmagic.graph.ops.windows.call import chosen
from kmagic.graph.seed import SeedGenerator
from kmagic.layers.layer import Layer, known
from kmagic.layers.randomness import generator_of

FillMode = Literal["reflect", "wrap", "constant", "nearest"]
Interpolation = Literal["nearest", "bilinear"]
Factor = float | Sequence[float]
Seed = int | SeedGenerator | None
Range = tuple[float, float]

PARTS = ("images", "labels", "segmentation_masks")


def images_in(data: Any) -> Any:
    """The images of what a layer is called on."""
    return data["images"] if isinstance(data, dict) else data


class ImageLayer(Layer):
    """Base of layers over images [height width channels], one or a batch of them.

    They may come in a dictionary of "images", "labels" and "segmentation_masks", which are then treated alike. What
    happens is said in two steps, which may be called apart: `get_random_transformation` draws, and `transform_images`,
    `transform_labels` and `transform_segmentation_masks` do what was drawn.
    """

    trains_alone = True

    def __init__(self, data_format: str | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.data_format = chosen(data_format or image_data_format(), FORMATS, "data_format", type(self).__name__)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """What is to happen to these images, drawn at random; None where nothing is drawn."""
        return None

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        """A batch of images after what was drawn."""
        raise NotImplementedError

    def transform_labels(self, labels: Any, transformation: Any = None, training: bool = True) -> Any:
        """The labels that belong to the images; most layers leave them as they are."""
        return labels

    def transform_segmentation_masks(self, masks: Any, transformation: Any = None, training: bool = True) -> Any:
        """The class of each pixel, moved as the images are; layers that change colours leave them as they are."""
        return masks

    def call(self, data: Any, training: bool = True) -> Any:
        images = images_in(data)
        transformation = self.get_random_transformation(data, training=training)
        if not isinstance(data, dict):
            return self._all(self.transform_images, images, self.layout(images), transformation, training)
        strangers = [name for name in data if name not in PARTS]
        if strangers:
            raise Unsupported(f"{strangers[0]!r} beside images", where=self.path, expected=", ".join(PARTS))
        changes = (self.transform_images, self.transform_labels, self.transform_segmentation_masks)
        return {
            name: self._all(change, data[name], self.layout(images), transformation, training)
            for name, change in zip(PARTS, changes, strict=True)
            if name in data
        }

    def _all(self, change: Any, values: Any, layout: Layout, transformation: Any, training: bool) -> Any:
        """A change of a batch, of which one image is a batch of one."""
        if not layout.single:
            return change(values, transformation, training=training)
        return ops.squeeze(change(ops.expand_dims(values, 0), transformation, training=training), 0)

    def layout(self, images: Any) -> Layout:
        """Where the axes of images are."""
        return layout_of(images, self.data_format, self.path)

    def as_floats(self, images: Any) -> Any:
        """Images in the dtype of the layer."""
        return ops.cast(images, self.compute_dtype)

    def as_masks(self, change: Any, masks: Any) -> Any:
        """Class numbers after a change of images, still whole numbers if they were."""
        kind = standard(masks.dtype)
        return change(masks) if is_float(kind) else ops.cast(change(self.as_floats(masks)), kind)


class RandomImageLayer(ImageLayer):
    """Base of layers that do to each image something else while training."""

    stream = ""

    def __init__(self, seed: Seed = None, **options: Any) -> None:
        super().__init__(**options)
        self.seed, self.seed_generator = seed, generator_of(self, seed, self.stream)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        return self.drawn(data, seed) if training else None

    def drawn(self, data: Any, seed: Any) -> Any:
        """What is to happen to these images while training."""
        return None

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        images = self.as_floats(images)
        return self.changed(images, transformation) if training and transformation is not None else images

    def changed(self, images: Any, transformation: Any) -> Any:
        """A batch of images, as floats, after what was drawn."""
        raise NotImplementedError

    @property
    def wide(self) -> str:
        """The dtype of numbers that tell places and shares: at least float32."""
        return promote(self.compute_dtype, "float32")

    def source(self, seed: Any) -> Any:
        """What to draw from: a generator that is given or begins at a number, or the layer's own."""
        return self.seed_generator if seed is None else generator_of(self, seed, self.stream)

    def draws(self, data: Any, *ranges: Range, seed: Any = None) -> list[Any]:
        """For each image a number from each range: vectors [batch]."""
        drawn = uniform((self.count(data), len(ranges)), dtype=self.wide, seed=self.source(seed))
        return [drawn[:, place] * (high - low) + low for place, (low, high) in enumerate(ranges)]

    def count(self, data: Any) -> Any:
        """How many images there are."""
        images = images_in(data)
        return 1 if self.layout(images).single else ops.shape(images)[0]

    def chances(self, data: Any, factor: Range, seed: Any = None) -> Any:
        """For each image whether it is changed, with a probability that is drawn from a range first: [batch]."""
        threshold, probability = self.draws(data, (0.0, 1.0), factor, seed=seed)
        return threshold < probability

    def per_image(self, numbers: Any, like: Any) -> Any:
        """A number for each image as an array that meets images, in their dtype."""
        return ops.cast(ops.reshape(numbers, (-1, 1, 1, 1)), like.dtype)


def range_of(factor: Any, name: str, where: str, low: float = -1.0, high: float = 1.0, open_end: bool = False) -> Range:
    """The range that a factor stands for: from −f to f for one number, as far as it is allowed, or as given."""
    given = sorted(factor) if isinstance(factor, list | tuple) and len(factor) == 2 else [factor]
    numbers = all(isinstance(number, int | float) and not isinstance(number, bool) for number in given)
    if not numbers or any(not low <= number <= high or (open_end and number == low) for number in given):
        bound = f"above {low:g}, at most {high:g}" if open_end else f"from {low:g} to {high:g}"
        raise BadValue(f"{name} is {factor!r}", where=where, expected=f"a number {bound}, or two for a range")
    if len(given) == 2:
        return given[0], given[1]
    return max(-abs(factor), low), abs(factor)


def value_range_of(value_range: Any, where: str) -> Range:
    """The lowest and the highest value that a pixel may have."""
    given = tuple(value_range) if isinstance(value_range, list | tuple) else ()
    if len(given) != 2 or any(isinstance(n, bool) or not isinstance(n, int | float) for n in given):
        raise BadValue(f"value_range is {value_range!r}", where=where, expected="two numbers", fix="value_range=(0, 1)")
    return min(given), max(given)


def rescaled(images: Any, before: Range, after: Range) -> Any:
    """Images of one range of values in another."""
    if tuple(before) == tuple(after):
        return images
    return (images - before[0]) / (before[1] - before[0]) * (after[1] - after[0]) + after[0]


def expect_rows(labels: Any, where: str) -> None:
    """Raise where labels are class numbers, which cannot be mixed."""
    if len(ops.shape(labels)) < 2:
        raise ShapeMismatch(
            f"labels {written(known(ops.shape(labels)))}",
            where=where,
            expected="a row of numbers for each image",
            fix="kmagic.ops.one_hot(labels, num_classes)",
        )
