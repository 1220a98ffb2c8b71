"""Images by loops over pixels, colours by the standard library."""

import colorsys
import itertools
import math
from collections.abc import Callable

import numpy as np

from kmagic import ops
from tests.laws.function_examples.call import Array, Call


def _read(image: Array, y: float, x: float) -> Array:
    """A mixture of the four pixels around a place; outside is 0."""
    height, width = image.shape[:2]
    total = np.zeros(image.shape[2:])
    for p, q in itertools.product(range(math.floor(y), math.floor(y) + 2), range(math.floor(x), math.floor(x) + 2)):
        if 0 <= p < height and 0 <= q < width:
            total = total + image[p, q] * (1 - abs(y - p)) * (1 - abs(x - q))
    return total


def _each(images: Array, place: Callable[[int, int], tuple[float, float]], size: tuple[int, int]) -> Array:
    """Images made of what is read at the place that belongs to each pixel."""
    return np.array([[[_read(x, *place(p, q)) for q in range(size[1])] for p in range(size[0])] for x in images])


def _stretched(images: Array) -> Array:
    """Three rows of two, four columns of three: at the edge a mixture has only what is inside."""
    rows = np.array([[1, 0.5, 0], [0, 0.5, 1]])
    columns = np.array([[1, 3 / 8, 0, 0], [0, 5 / 8, 5 / 8, 0], [0, 0, 3 / 8, 1]])
    return np.einsum("bhwc,hp,wq->bpqc", images, rows, columns)


def _colours(convert: Callable[[float, float, float], tuple[float, float, float]]) -> Callable[[Array], Array]:
    return lambda images: np.apply_along_axis(lambda pixel: np.array(convert(*pixel)), -1, images)


def _filtered(images: Array, kernel: Array) -> Array:
    """Sums of the pixels around each, times those of a kernel of three by three."""
    wide = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    height, width = images.shape[1:3]
    return sum(kernel[i, j] * wide[:, i : i + height, j : j + width] for i in range(3) for j in range(3))


def _bell(sigma: float) -> Array:
    curve = np.exp(-np.array([1, 0, 1]) / (2 * sigma**2))
    return curve / curve.sum()


SOBEL = np.outer([1, 2, 1], [-1, 0, 1]).astype(float)
MATRIX = np.array([0.9, -0.3, 0.4, 0.2, 1.1, -0.6, 0.05, -0.04])


def _projected(p: int, q: int) -> tuple[float, float]:
    a0, a1, a2, b0, b1, b2, c0, c1 = MATRIX
    depth = c0 * q + c1 * p + 1
    return (b0 * q + b1 * p + b2) / depth, (a0 * q + a1 * p + a2) / depth


CORNERS = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 2.0], [3.0, 2.0]])


def _likeness(x: Array, y: Array) -> Array:
    """SSIM of images of three by three under a flat curve: one window."""
    axes = (1, 2)
    mu, nu = x.mean(axes), y.mean(axes)
    covariance = (x * y).mean(axes) - mu * nu
    above = (2 * mu * nu + 1e-4) * (2 * covariance + 9e-4)
    return (above / ((mu**2 + nu**2 + 1e-4) * (x.var(axes) + y.var(axes) + 9e-4))).mean(-1)


EXAMPLES = {
    "resize": [
        Call(lambda x: ops.resize(x, (3, 4)), _stretched, ((2, 3, 2),)),
        Call(lambda x: ops.resize(x, (4, 3), "nearest"), lambda x: x.repeat(2, 1), ((2, 3, 2),)),
    ],
    "scale_and_translate": [
        Call(
            lambda x: ops.scale_and_translate(x, (0, 4), np.array([2.0]), np.array([0.0]), (1,), "linear"),
            lambda x: x @ [[1, 0.75, 0.25, 0], [0, 0.25, 0.75, 1]],
            ((2,),),
        )
    ],
    "pad_images": [
        Call(
            lambda x: ops.pad_images(x, 1, 0, target_height=4, right_padding=2),
            lambda x: np.pad(x, ((0, 0), (1, 1), (0, 2), (0, 0))),
            ((2, 3, 2),),
        )
    ],
    "crop_images": [
        Call(
            lambda x: ops.crop_images(x, 1, target_height=2, right_cropping=1, target_width=1),
            lambda x: x[:, 1:3, 1:2],
            ((4, 3, 2),),
        )
    ],
    "extract_patches": [
        Call(
            lambda x: ops.extract_patches(x, 2),
            lambda x: x.reshape(-1, 2, 2, 2, 2, 3).transpose(0, 1, 3, 2, 4, 5).reshape(-1, 2, 2, 12),
            ((4, 4, 3),),
        )
    ],
    "extract_patches_3d": [
        Call(
            lambda x: ops.extract_patches_3d(x, (1, 2, 1), strides=1),
            lambda x: np.concatenate([x[:, :, :-1], x[:, :, 1:]], -1),
            ((2, 3, 2, 2),),
        )
    ],
    "rgb_to_grayscale": [Call(ops.rgb_to_grayscale, lambda x: x @ [[0.2989], [0.587], [0.114]], ((2, 3, 3),))],
    "rgb_to_hsv": [Call(ops.rgb_to_hsv, _colours(colorsys.rgb_to_hsv), ((2, 3, 3),), low=0.05, high=1.0)],
    "hsv_to_rgb": [Call(ops.hsv_to_rgb, _colours(colorsys.hsv_to_rgb), ((2, 3, 3),), low=0.05, high=1.0)],
    "map_coordinates": [
        Call(
            lambda x, at: ops.map_coordinates(x, at, order=1),
            lambda x, at: np.array([_read(x, *place) for place in at.T]),
            ((3, 4), (2, 7)),
            batch=False,
            low=-1.5,
            high=3.5,
        )
    ],
    "affine_transform": [
        Call(lambda x: ops.affine_transform(x, MATRIX), lambda x: _each(x, _projected, (3, 4)), ((3, 4, 2),)),
    ],
    "perspective_transform": [
        # what is at the first corner goes to the second, and back
        Call(
            lambda x: ops.perspective_transform(x, CORNERS, CORNERS[[1, 0, 3, 2]]),
            lambda x: x[:, :, ::-1],
            ((3, 4, 2),),
        ),
    ],
    "gaussian_blur": [
        Call(
            lambda x: ops.gaussian_blur(x, (3, 3), (0.5, 2.0)),
            lambda x: _filtered(x, np.outer(_bell(2.0), _bell(0.5))),
            ((3, 4, 2),),
        )
    ],
    "sobel_edges": [
        Call(ops.sobel_edges, lambda x: np.stack([_filtered(x, SOBEL.T), _filtered(x, SOBEL)], -1), ((3, 4, 2),))
    ],
    "ssim": [
        Call(lambda x, y: ops.ssim(x, y, filter_size=3, filter_sigma=1e8), _likeness, ((3, 3, 2), (3, 3, 2)), low=0)
    ],
}
