"""Layers over images: what they make of them with parameters that are given, or that can only have one value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import inputs
from ..area import Area, Arguments, Library, Results, written
from ..operations import gradients
from ..reading import config_of, numpy_of

Array = np.ndarray


def _stream(*names: object) -> np.random.Generator:
    return inputs.generator("layers of images", *names)


def _shares(shape: tuple[int, ...]) -> Array:
    """Colours from 0 to 1."""
    return _stream("shares").uniform(0.02, 0.98, shape)


def _shades(shape: tuple[int, ...]) -> Array:
    """Whole numbers from 0 to 255, as floats."""
    return _stream("shades").integers(0, 256, shape).astype(float)


def _bytes(shape: tuple[int, ...]) -> Array:
    return _shades(shape).astype("uint8")


@dataclass(frozen=True)
class ImageCase:
    """A layer with images of some shape, and what is to happen to them, if it is given.

    In the mode of training it draws what can only have one value.
    """

    part: str
    arguments: Arguments
    shape: tuple[int, ...] = (2, 5, 6, 3)
    given: Any = None
    draw: Callable[[tuple[int, ...]], Array] = _shares
    modes: tuple[str, ...] = ("inference", "training")
    slopes: bool = True
    labels: Array | None = field(default=None, hash=False)

    @property
    def name(self) -> str:
        kind = self.draw.__name__.strip("_")
        given = " given" if self.given is not None else ""
        return f"{written(self.part, self.arguments)} on {self.shape} {kind}{given}"


FIRST = {"data_format": "channels_first"}
ONE, FIRST_IMAGES, UNIT = (5, 6, 3), (2, 3, 5, 6), {"value_range": (0, 1)}
DRAWN = ("inference",)  # what training draws is not fixed: it is given apart
SIZES = (
    ImageCase("CenterCrop", {"height": 3, "width": 2}),
    ImageCase("CenterCrop", {"height": 2, "width": 5}, ONE),
    ImageCase("CenterCrop", {"height": 7, "width": 4}),
    ImageCase("CenterCrop", {"height": 3, "width": 3, **FIRST}, FIRST_IMAGES),
    *(
        ImageCase("Resizing", {"height": 3, "width": 8, "interpolation": curve})
        for curve in ("nearest", "bilinear", "bicubic")
    ),
    ImageCase("Resizing", {"height": 3, "width": 4, "antialias": True}, ONE),
    ImageCase("Resizing", {"height": 4, "width": 3, "crop_to_aspect_ratio": True}),
    ImageCase("Resizing", {"height": 4, "width": 9, "pad_to_aspect_ratio": True, "fill_value": 0.5}),
    ImageCase("Resizing", {"height": 4, "width": 3, **FIRST}, FIRST_IMAGES),
    ImageCase("Resizing", {"height": 4, "width": 3}, draw=_bytes, slopes=False),
    ImageCase("RandomCrop", {"height": 3, "width": 4, "seed": 1}, given=(1, 2), modes=()),
    ImageCase("RandomCrop", {"height": 2, "width": 2, "seed": 1, **FIRST}, FIRST_IMAGES, given=(0, 3), modes=()),
    # the middle, where an axis has just the wanted size
    ImageCase("RandomCrop", {"height": 5, "width": 4, "seed": 1}, modes=("training",)),
)
FLIPS = {"flips": np.array([True, False]).reshape(2, 1, 1, 1)}
MATRICES = np.array([[0.81, -0.58, 1.2, 0.58, 0.81, -1.3, 0, 0], [0.93, 0.36, -0.7, -0.36, 0.93, 0.9, 0, 0]])
ZOOMS = {"height_zoom": np.array([[1.25], [0.625]]), "width_zoom": np.array([[0.75], [1.375]])}
STEPS = {"translations": np.array([[1.25, -0.5], [-2.75, 1.0]])}
SHEARS = {"shear_factor": np.array([[0.3, -0.2], [-0.45, 0.15]])}
MODES = ("reflect", "wrap", "constant", "nearest")
NEAREST = {"interpolation": "nearest", "fill_mode": "constant", "fill_value": 0.5}
FIXED = {"height_factor": (0.25, 0.25), "width_factor": (-0.125, -0.125)}
WARPS = (
    *(
        ImageCase("RandomFlip", {"mode": mode}, given=FLIPS, modes=DRAWN)
        for mode in ("horizontal", "vertical", "horizontal_and_vertical")
    ),
    ImageCase("RandomFlip", {**FIRST}, FIRST_IMAGES, given=FLIPS, modes=DRAWN),
    *(ImageCase("RandomRotation", {"factor": (0.125, 0.125), "fill_mode": mode, "fill_value": 0.25}) for mode in MODES),
    ImageCase("RandomRotation", {"factor": (-0.0625, -0.0625), **NEAREST}),
    ImageCase("RandomRotation", {"factor": (0.3, 0.3), **FIRST}, FIRST_IMAGES),
    ImageCase("RandomRotation", {"factor": (0.1, 0.1)}, ONE),
    ImageCase("RandomRotation", {"factor": 0.2}, given={"rotation_matrix": MATRICES}, modes=DRAWN),
    *(
        ImageCase("RandomZoom", {"height_factor": 0.5, "fill_mode": mode, "fill_value": 0.25}, given=ZOOMS, modes=DRAWN)
        for mode in MODES
    ),
    ImageCase("RandomZoom", FIXED),
    ImageCase("RandomZoom", {"height_factor": (0.375, 0.375), **NEAREST}),  # no place half-way between two pixels
    ImageCase("RandomZoom", {"height_factor": (0.25, 0.25)}, ONE),
    ImageCase("RandomZoom", {**FIXED, **FIRST}, FIRST_IMAGES),
    *(
        ImageCase(
            "RandomTranslation",
            {"height_factor": 0.5, "width_factor": (-0.5, 0.25), "fill_mode": mode, "fill_value": 0.25},
            given=STEPS,
            modes=DRAWN,
        )
        for mode in MODES
    ),
    ImageCase("RandomTranslation", FIXED),
    ImageCase("RandomTranslation", {"height_factor": (0.25, 0.25), "width_factor": 0.0, **NEAREST}),
    ImageCase("RandomTranslation", FIXED, ONE),
    ImageCase("RandomTranslation", {**FIXED, **FIRST}, FIRST_IMAGES),
    *(
        ImageCase(
            "RandomShear",
            {"x_factor": 0.5, "y_factor": (0.125, 0.25), "fill_mode": mode, "fill_value": 0.25},
            given=SHEARS,
            modes=DRAWN,
        )
        for mode in MODES
    ),
)


def _per_image(*numbers: Any) -> Array:
    return np.array(numbers).reshape(-1, 1, 1, 1)


LIGHT = (
    ImageCase("RandomContrast", {"factor": 0.5, **UNIT}, given={"contrast_factor": _per_image(0.5, 1.75)}, modes=DRAWN),
    ImageCase(
        "RandomContrast",
        {"factor": (0.25, 0.5), **UNIT, **FIRST},
        FIRST_IMAGES,
        given={"contrast_factor": _per_image(1.5, 0.25)},
        modes=DRAWN,
    ),
    ImageCase("RandomBrightness", {"factor": 0.5, **UNIT}, given={"rgb_delta": _per_image(0.5, -0.25)}, modes=DRAWN),
    ImageCase("RandomBrightness", {"factor": (0.25, 0.25)}, draw=_shades),
    ImageCase("RandomBrightness", {"factor": (-0.25, -0.25), **UNIT}, ONE),
    ImageCase("RandomInvert", {**UNIT}, given={"apply_inversion": np.array([False, True])}, modes=DRAWN),
    ImageCase("RandomInvert", {"factor": (0.25, 0.5)}, draw=_shades, modes=DRAWN),
    ImageCase(
        "Solarization",
        {"addition_factor": 0.25, "threshold_factor": (0.25, 0.5)},
        draw=_shades,
        given={"additions": _per_image(10.5, 60.0), "thresholds": _per_image(100.0, 200.0)},
        modes=DRAWN,
    ),
    ImageCase("Solarization", UNIT),
    ImageCase("AutoContrast", UNIT),
    ImageCase("AutoContrast", {}, draw=_shades),
    ImageCase("Equalization", {}, draw=_shades, slopes=False),
    ImageCase("Equalization", {"bins": 16, **FIRST}, FIRST_IMAGES, draw=_shades, slopes=False),
    ImageCase(
        "RandomPosterization",
        {"factor": (2, 5)},
        draw=_shades,
        given={"shift_factor": np.array([3, 6], "uint8")},
        modes=DRAWN,
        slopes=False,
    ),
    ImageCase("RandomPosterization", {"factor": (2, 2)}, draw=_shades, slopes=False),
)
COLOURS = (
    ImageCase("RandomGrayscale", {}, given=_per_image(True, False), modes=DRAWN),
    ImageCase("RandomGrayscale", {"factor": 1.0, **FIRST}, FIRST_IMAGES),
    ImageCase("RandomColorDegeneration", {"factor": 0.5, **UNIT}, given={"factor": _per_image(0.25, 1.0)}, modes=DRAWN),
    ImageCase("RandomHue", {"factor": 0.5, **UNIT}, given={"factor": np.array([0.15, -0.4])}, modes=DRAWN),
    ImageCase(
        "RandomHue",
        {"factor": (0.25, 0.5), **UNIT, **FIRST},
        FIRST_IMAGES,
        given={"factor": np.array([0.3, 0.05])},
        modes=DRAWN,
    ),
    ImageCase("RandomSaturation", {"factor": 0.5, **UNIT}, given={"factor": np.array([0.25, 3.0])}, modes=DRAWN),
    ImageCase("RandomSaturation", {"factor": (0.25, 0.25), **UNIT, **FIRST}, FIRST_IMAGES),
    ImageCase("RandomColorJitter", {**UNIT, "brightness_factor": (0.25, 0.25), "saturation_factor": (0.25, 0.25)}),
)
BLUR = {"blur_factor": np.array([0.75, 0.5]), "should_apply_blur": np.array([True, False])}
BOX = np.zeros((2, 5, 6, 3), bool)
BOX[0, 1:3, 2:5] = True
BOX[1, :4, :2] = True
MIXED = {"mix_weight": np.array([0.75, 0.375]), "permutation_order": np.array([1, 0])}
ROWS = np.array([[1.0, 0.0, 0.0], [0.0, 0.25, 0.75]])
OTHERS = (
    ImageCase("RandomGaussianBlur", {**UNIT}, given=BLUR, modes=DRAWN),
    ImageCase("RandomGaussianBlur", {"kernel_size": 5, **UNIT, **FIRST}, FIRST_IMAGES, given=BLUR, modes=DRAWN),
    ImageCase("RandomSharpness", {"factor": 0.5, **UNIT}, given={"factor": np.array([0.25, 0.875])}, modes=DRAWN),
    ImageCase(
        "RandomErasing",
        {"fill_value": 0.25, **UNIT},
        given={"apply_erasing": np.array([True, False]), "batch_masks": BOX, "fill_value": np.full(BOX.shape, 0.25)},
        modes=DRAWN,
    ),
    ImageCase("MixUp", {}, given=MIXED, modes=(), labels=ROWS),
    ImageCase("CutMix", {}, given={**MIXED, "batch_masks": BOX}, modes=DRAWN, labels=ROWS),
)


def experiment(library: Library, case: ImageCase) -> Results:
    """Configuration, shape, and images after a layer."""
    layer = getattr(library.layers, case.part)(**case.arguments)
    images = case.draw(case.shape)
    shape = case.shape if len(case.shape) == 3 else (None, *case.shape[1:])
    results: Results = {"config": config_of(layer), "shape": list(layer.compute_output_shape(shape))}
    ways = {mode: _called(library, layer, mode == "training") for mode in case.modes}
    if case.given is not None:
        ways["given"] = _given(library, layer, case.given)
    for name, way in ways.items():
        results[name] = numpy_of(way(images))
        if case.slopes:
            weight = inputs.normal("layers of images", name, shape=results[name].shape)
            (found,) = gradients(library, _total(library, way, weight), [images])
            results[f"{name} gradient"] = numpy_of(found)
    if case.labels is not None:
        given = _tensors(library, case.given)
        results["labels"] = numpy_of(layer.transform_labels(library.ops.convert_to_tensor(case.labels), given))
    return results


def _called(library: Library, layer: Any, training: bool) -> Callable[[Any], Any]:
    return lambda x: layer(_fresh(library, x), training=training)


def _given(library: Library, layer: Any, given: Any) -> Callable[[Any], Any]:
    return lambda x: layer.transform_images(_fresh(library, x), _tensors(library, given), training=True)


def _fresh(library: Library, x: Any) -> Any:
    """A copy, as Keras adds brightness in place with torch."""
    return library.ops.copy(library.ops.convert_to_tensor(x))


def _total(library: Library, way: Callable[[Any], Any], weight: Array) -> Callable[[Any], Any]:
    return lambda x: library.ops.sum(way(x) * library.ops.convert_to_tensor(weight))


def _tensors(library: Library, given: Any) -> Any:
    """What is to happen, made of copies, as Keras with torch writes into matrices."""
    if isinstance(given, dict):
        return {name: library.ops.convert_to_tensor(np.copy(value)) for name, value in given.items()}
    return library.ops.convert_to_tensor(given) if isinstance(given, np.ndarray) else given


AREAS = (Area("layers of images", (*SIZES, *WARPS, *LIGHT, *COLOURS, *OTHERS), experiment),)
