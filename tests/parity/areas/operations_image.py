"""Operations on images: sizes, edges, colours, warps and filters, with their gradients."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import inputs
from ..area import Area, Library, Results
from ..operations import OperationCase, values_and_slopes_of


def _normal(name: str, *shape: int) -> np.ndarray:
    return inputs.normal("operations on images", name, shape=shape)


def _colours(name: str, *shape: int) -> np.ndarray:
    """Numbers between 0 and 1, no two of an image equal."""
    return 1 / (1 + np.exp(-_normal(name, *shape)))


ONE, SEVERAL, FIRST = _normal("one", 5, 6, 2), _normal("several", 2, 5, 6, 2), _normal("first", 2, 2, 5, 6)
BYTES = inputs.generator("operations on images", "bytes").integers(0, 256, (2, 5, 6, 2)).astype("uint8")
WIDE, TALL = _normal("wide", 2, 4, 9, 1), _normal("tall", 1, 9, 4, 2)
COLOURS, COLOURS_FIRST = _colours("colours", 2, 3, 4, 3), _colours("colours first", 2, 3, 3, 4)
BODY = _normal("body", 1, 4, 3, 4, 2)
FIRST_CHANNELS = {"data_format": "channels_first"}
LAST_CHANNELS = {"data_format": "channels_last"}

CURVES = ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")
RESIZES = (
    *(("resize", (SEVERAL,), {"size": (7, 3), "interpolation": curve}) for curve in CURVES),
    *(("resize", (TALL,), {"size": (4, 9), "interpolation": curve, "antialias": True}) for curve in CURVES[1:]),
    ("resize", (ONE,), {"size": (3, 4), "antialias": True}),
    ("resize", (FIRST,), {"size": (3, 4), **FIRST_CHANNELS}),
    ("resize", (BYTES,), {"size": (4, 4)}),
    ("resize", (BYTES,), {"size": (8, 9), "interpolation": "bicubic"}),
    ("resize", (BYTES,), {"size": (3, 9), "interpolation": "nearest"}),
    *(("resize", (x,), {"size": (3, 4), "crop_to_aspect_ratio": True}) for x in (WIDE, TALL, ONE)),
    *(("resize", (x,), {"size": (6, 5), "pad_to_aspect_ratio": True, "fill_value": 0.5}) for x in (WIDE, TALL, ONE)),
    ("resize", (FIRST,), {"size": (4, 4), "pad_to_aspect_ratio": True, **FIRST_CHANNELS}),
    ("resize", (FIRST,), {"size": (4, 3), "crop_to_aspect_ratio": True, **FIRST_CHANNELS}),
)
METHODS = ("linear", "cubic", "lanczos3", "lanczos5")
MOVED = {
    "output_shape": (2, 6, 4, 2),
    "scale": np.array([1.25, 0.5]),
    "translation": np.array([0.75, -0.5]),
    "spatial_dims": (1, 2),
}
MOVES = (
    *(
        ("scale_and_translate", (SEVERAL,), {**MOVED, "method": method, "antialias": antialias})
        for method in METHODS
        for antialias in (True, False)
    ),
)
EDGES = (
    ("pad_images", (SEVERAL,), {"top_padding": 1, "left_padding": 0, "target_height": 8, "target_width": 9}),
    ("pad_images", (ONE,), {"top_padding": 1, "bottom_padding": 2, "left_padding": 0, "right_padding": 1}),
    (
        "pad_images",
        (FIRST,),
        {"bottom_padding": 1, "right_padding": 0, "target_height": 8, "target_width": 9, **FIRST_CHANNELS},
    ),
    ("crop_images", (SEVERAL,), {"top_cropping": 1, "left_cropping": 2, "target_height": 3, "target_width": 2}),
    ("crop_images", (ONE,), {"top_cropping": 1, "bottom_cropping": 2, "left_cropping": 0, "right_cropping": 1}),
    (
        "crop_images",
        (FIRST,),
        {"bottom_cropping": 1, "right_cropping": 1, "target_height": 3, "target_width": 4, **FIRST_CHANNELS},
    ),
    ("extract_patches", (SEVERAL,), {"size": 2}),
    ("extract_patches", (SEVERAL,), {"size": (3, 2), "strides": (1, 2), "padding": "same"}),
    ("extract_patches", (ONE,), {"size": (2, 3), "strides": 1, "dilation_rate": 2}),
    ("extract_patches", (FIRST,), {"size": 2, "strides": 1, **FIRST_CHANNELS}),
    ("extract_patches", (BODY,), {"size": (2, 1, 2), "strides": (1, 1, 1)}),
    ("extract_patches_3d", (BODY,), {"size": 2, "strides": 1, "padding": "same"}),
)
HUES = (
    ("rgb_to_grayscale", (COLOURS,), {}),
    ("rgb_to_grayscale", (COLOURS[0],), {}),
    ("rgb_to_grayscale", (COLOURS_FIRST,), FIRST_CHANNELS),
    ("rgb_to_hsv", (COLOURS,), {}),
    ("rgb_to_hsv", (COLOURS_FIRST,), FIRST_CHANNELS),
    ("rgb_to_hsv", (np.array([[[0.5, 0.5, 0.5], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.2, 0.2, 0.9]]]),), {}),
    ("hsv_to_rgb", (COLOURS,), {}),
    ("hsv_to_rgb", (COLOURS_FIRST[1],), FIRST_CHANNELS),
)
MODES = ("constant", "nearest", "wrap", "mirror", "reflect")
PLACES = 4 * _normal("places", 2, 3, 4) + 2.3
# no place lies half-way between two pixels, where the engines round differently
TURNED = np.array(
    [[0.831, -0.567, 1.313, 0.612, 0.793, -2.131, 0.0, 0.0], [1.171, 0.133, -1.417, -0.231, 0.711, 1.673, 0.0, 0.0]]
)
BOTH = {"transform": TURNED}
WARPS = (
    *(
        ("map_coordinates", (SEVERAL[0, :, :, 0], PLACES), {"order": order, "fill_mode": mode, "fill_value": 0.25})
        for order in (0, 1)
        for mode in MODES
    ),
    # far from all pixels, and no number at all: neither may reach a pixel that lies inside
    *(
        ("map_coordinates", (SEVERAL[0, :, :, 0], PLACES), {"order": order, "fill_value": beyond})
        for order in (0, 1)
        for beyond in (1e8, math.nan)
    ),
    # not NaN: Keras mixes colours too, the last with one beyond it, which makes all of it NaN
    ("affine_transform", (SEVERAL,), {**BOTH, "fill_mode": "constant", "fill_value": 1e8}),
    ("map_coordinates", (SEVERAL[1], 3 * _normal("in three", 3, 5) + 1.1), {"order": 1}),
    ("map_coordinates", (BYTES[0, :, :, 0], PLACES), {"order": 1, "fill_mode": "nearest"}),
    *(
        ("affine_transform", (SEVERAL,), {**BOTH, "interpolation": how, "fill_mode": mode, "fill_value": 0.5})
        for how in ("nearest", "bilinear")
        for mode in MODES
    ),
    ("affine_transform", (ONE,), {"transform": TURNED[0]}),
    ("affine_transform", (FIRST,), {**BOTH, **FIRST_CHANNELS}),
)
FILTERS = (
    ("gaussian_blur", (SEVERAL,), {"kernel_size": (3, 5), "sigma": (1.0, 0.75), **LAST_CHANNELS}),
    ("gaussian_blur", (ONE,), LAST_CHANNELS),
    ("gaussian_blur", (FIRST,), {"kernel_size": (5, 3), "sigma": (0.5, 2.0), **FIRST_CHANNELS}),
    ("sobel_edges", (SEVERAL,), {}),
    ("sobel_edges", (FIRST,), FIRST_CHANNELS),
    ("ssim", (COLOURS, COLOURS[::-1].copy()), {"filter_size": 3}),
    ("ssim", (COLOURS_FIRST, COLOURS_FIRST**2), {"filter_size": 2, "filter_sigma": 1.0, "k1": 0.1, **FIRST_CHANNELS}),
    ("ssim", (COLOURS[0], COLOURS[1]), {"filter_size": 3, "max_val": 2.0, "k2": 0.1}),
)


def _slopes(part: str, arrays: tuple[np.ndarray, ...]) -> int:
    """By how many of its arrays an operation is differentiated."""
    if arrays[0].dtype.kind != "f":
        return 0
    return 2 if part == "ssim" else 1


CASES = tuple(
    OperationCase(part, arrays, arguments, slopes=_slopes(part, arrays))
    for part, arrays, arguments in (*RESIZES, *MOVES, *EDGES, *HUES, *WARPS, *FILTERS)
)


def experiment(library: Library, case: OperationCase) -> Results:
    """What an operation on images gives, and its gradients."""

    if refused(library, case):
        return {}

    def call(*tensors: Any) -> Any:
        # a copy, because Keras with torch writes into the transforms that it is given
        arguments = {name: np.copy(x) if isinstance(x, np.ndarray) else x for name, x in case.arguments.items()}
        return getattr(library.ops.image, case.part)(*tensors, **arguments)

    return values_and_slopes_of(library, call, case.arrays, case.slopes, case.part)


def refused(library: Library, case: OperationCase) -> bool:
    """Whether Keras has no such curve with torch, or loses rows by a kernel that is no square."""
    with_torch = getattr(library.config, "backend", str)() == "torch"
    across, down = case.arguments.get("kernel_size", (1, 1))
    return with_torch and (across != down or "lanczos" in str(case.arguments.get("interpolation")))


AREAS = (Area("operations on images", CASES, experiment),)
