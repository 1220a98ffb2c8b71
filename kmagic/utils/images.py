"""Images as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmagic.base.config import floatx, image_data_format
from kmagic.base.errors import BadValue, ShapeMismatch
from kmagic.base.shapes import written

Array = np.ndarray[Any, Any]

_FORMATS = ("channels_first", "channels_last")


def img_to_array(img: Any, data_format: str | None = None, dtype: str | None = None) -> Array:
    """An image, such as one of Pillow or rows of shades, as an array with an axis of channels.

    >>> img_to_array([[0, 128], [255, 64]]).shape
    (2, 2, 1)
    """
    wanted = image_data_format() if data_format is None else data_format
    if wanted not in _FORMATS:
        raise BadValue(f"data_format is {wanted!r}", where="img_to_array", expected=" or ".join(_FORMATS))
    pixels = np.asarray(img, dtype or floatx())
    if pixels.ndim not in (2, 3):
        raise ShapeMismatch(
            f"Unsupported image shape {written(pixels.shape)}", where="img_to_array", expected="2 or 3 axes"
        )
    channels_last = pixels[..., None] if pixels.ndim == 2 else pixels
    return channels_last.transpose(2, 0, 1) if wanted == "channels_first" else channels_last
