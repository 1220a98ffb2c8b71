"""Filters: images blurred, their edges, and how alike two of them are."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmagic.graph.ops.image.layout import known_size, layout_of
from kmagic.graph.ops.movement import dtype_of, shape_of
from kmagic.graph.ops.windows.call import as_float, each
from kmagic.graph.table import ops, public


def _bell(size: int, sigma: Any, kind: str) -> Any:
    """A normal curve over `size` pixels, which sums to 1."""
    x = ops.cast(np.arange(size) - (size - 1) / 2, kind)
    curve = ops.exp(-0.5 * ops.square(x / sigma))
    return curve / ops.sum(curve)


def _along(x: Any, curve: Any, axis: int, padding: str = "same") -> Any:
    """Each channel of images [n h w c] filtered along one axis by a curve."""
    size, channels = shape_of(curve)[0], known_size(x, 3, "filter")
    shape = (size, 1, 1, 1) if axis == 1 else (1, size, 1, 1)
    kernel = ops.broadcast_to(ops.reshape(curve, shape), (*shape[:2], channels, 1))
    return ops.depthwise_conv(x, kernel, padding=padding, data_format="channels_last")


@public
def gaussian_blur(
    images: Any, kernel_size: Any = (3, 3), sigma: Any = (1.0, 1.0), data_format: str | None = None
) -> Any:
    """Images blurred by normal curves: sizes and widths (σ) along columns first, then along rows; outside is 0.

    >>> import numpy as np
    >>> gaussian_blur(np.eye(3)[None, :, 1:2].reshape(1, 3, 1), (3, 1)).ravel().round(3).tolist()
    [0.274, 0.452, 0.274]
    """
    x = as_float(images)
    layout = layout_of(x, data_format, "gaussian_blur")
    across, down = each(kernel_size, 2, "kernel_size", "gaussian_blur")
    kind = dtype_of(x)
    sigma = ops.cast(ops.convert_to_tensor(sigma), kind)
    x = _along(layout.opened(x), _bell(down, sigma[1], kind), 1)
    return layout.closed(_along(x, _bell(across, sigma[0], kind), 2))


@public
def sobel_edges(images: Any, data_format: str | None = None) -> Any:
    """How fast images change from row to row and from column to column, in a last axis of two; outside is 0.

    >>> import numpy as np
    >>> sobel_edges(np.ones((1, 1, 3, 1)))[0, 0, :, 0, 1].tolist()
    [2.0, 0.0, -2.0]
    """
    x = as_float(images)
    layout = layout_of(x, data_format, "sobel_edges")
    opened = layout.opened(x)
    step, smooth = (ops.convert_to_tensor(curve, dtype_of(x)) for curve in ([-1, 0, 1], [1, 2, 1]))
    edges = [_along(_along(opened, step, axis), smooth, 3 - axis) for axis in (1, 2)]
    return ops.stack([layout.closed(edge) for edge in edges], axis=-1)


@public
def ssim(
    image1: Any,
    image2: Any,
    max_val: float = 1.0,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
    data_format: str | None = None,
) -> Any:
    """How alike two images are in brightness, contrast and structure: 1 if they are equal.

    Formula: mean of (2·μ₁·μ₂ + c₁)(2·σ₁₂ + c₂) / ((μ₁² + μ₂² + c₁)(σ₁² + σ₂² + c₂)), c = (k·max_val)²

    Symbols: μ, σ: means, variances and covariance under a normal curve of `filter_size` pixels

    >>> import numpy as np
    >>> x = np.linspace(0, 1, 144).reshape(12, 12, 1)
    >>> float(ssim(x, x)), float(ssim(x, 1 - x)) < 0
    (1.0, True)

    Source: Z. Wang et al., IEEE Transactions on Image Processing 13 (2004)
    """
    first, second = as_float(image1), as_float(image2)
    layout = layout_of(first, data_format, "ssim")
    curve = _bell(filter_size, filter_sigma, dtype_of(first))
    x, y = layout.opened(first), layout.opened(second)

    def mean(values: Any) -> Any:
        return _along(_along(values, curve, 1, "valid"), curve, 2, "valid")

    mu, nu = mean(x), mean(y)
    spread = mean(x * x) - mu * mu + mean(y * y) - nu * nu
    c1, c2 = (k1 * max_val) ** 2, (k2 * max_val) ** 2
    above = (2 * mu * nu + c1) * (2 * (mean(x * y) - mu * nu) + c2)
    likeness = ops.mean(above / ((mu * mu + nu * nu + c1) * (spread + c2)), axis=(1, 2, 3))
    return ops.squeeze(likeness, 0) if layout.single else likeness
