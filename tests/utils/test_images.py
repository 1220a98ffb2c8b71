"""Images as arrays."""

import numpy as np
import pytest

from kmagic import utils
from kmagic.base.errors import BadValue, ShapeMismatch


def test_images_of_pillow_and_rows_of_shades_become_arrays() -> None:
    pixels = np.arange(24, dtype="uint8").reshape(2, 4, 3)
    found = utils.img_to_array(pixels)
    assert found.dtype == "float32" and found.shape == (2, 4, 3) and found[1, 3, 2] == 23
    assert utils.img_to_array(pixels, "channels_first")[2, 1, 3] == 23
    assert utils.img_to_array(pixels[..., 0], "channels_first", "uint8").shape == (1, 2, 4)
    with pytest.raises(ShapeMismatch, match="Unsupported image shape"):
        utils.img_to_array(np.ones(3))
    with pytest.raises(BadValue, match="data_format is 'x'"):
        utils.img_to_array(pixels, "x")
