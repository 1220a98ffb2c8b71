"""Padding and its opposite, cropping."""

import numpy as np
import pytest

from kmagic.base.errors import BadValue, ShapeMismatch
from kmagic.layers import Cropping1D, Cropping2D, Cropping3D, Input, ZeroPadding1D, ZeroPadding2D, ZeroPadding3D
from kmagic.models import Sequential

IMAGES = np.random.default_rng(0).normal(size=(2, 5, 4, 3)).astype("float32")


@pytest.mark.parametrize(
    ("padding", "ends"),
    [(2, ((2, 2), (2, 2))), ((1, 0), ((1, 1), (0, 0))), (((0, 1), (2, 3)), ((0, 1), (2, 3)))],
)
def test_what_is_padded_can_be_cropped_again(padding, ends) -> None:
    found = ZeroPadding2D(padding)(IMAGES)
    np.testing.assert_array_equal(found, np.pad(IMAGES, ((0, 0), *ends, (0, 0))))
    np.testing.assert_array_equal(Cropping2D(padding)(found), IMAGES)
    assert ZeroPadding2D(padding).get_config()["padding"] == [list(pair) for pair in ends]


def test_channels_first() -> None:
    assert ZeroPadding2D(1, data_format="channels_first")(IMAGES).shape == (2, 5, 6, 5)
    assert Cropping2D(1, data_format="channels_first")(IMAGES).shape == (2, 5, 2, 1)
    assert ZeroPadding1D((1, 2)).compute_output_shape((None, None, 2)) == (None, None, 2)
    assert ZeroPadding3D().compute_output_shape((None, 2, 3, 4, 5)) == (None, 4, 5, 6, 5)


def test_steps_whose_number_is_unknown_are_cropped() -> None:
    model = Sequential([Input((None, 2)), Cropping1D((1, 2))])
    for steps in (4, 7):
        x = np.arange(steps * 2.0).reshape(1, steps, 2)
        np.testing.assert_array_equal(model.predict(x, verbose=0), x[:, 1:-2])


def test_what_does_not_fit_is_refused() -> None:
    for wrong in (-1, (1, 2, 3), ((1, 2), (3,)), "same", 1.5):
        with pytest.raises(BadValue, match="ZeroPadding2D: padding is"):
            ZeroPadding2D(wrong)
    with pytest.raises(BadValue, match="Cropping1D: cropping is"):
        Cropping1D((1, 2, 3))
    with pytest.raises(ShapeMismatch, match="c: input of shape .*\n?expected: more entries"):
        Cropping2D(((2, 3), (0, 0)), name="c")(IMAGES)
    with pytest.raises(ShapeMismatch, match="p: input of shape"):
        Cropping3D(name="p")(IMAGES)
