"""Edges and patches: which ends may be given, and what is refused."""

import numpy as np
import pytest

from kmagic import ops
from kmagic.base.errors import BadValue

X = np.random.default_rng(0).normal(size=(2, 4, 5, 3))


def test_either_end_or_the_size_may_be_left_out() -> None:
    expected = np.pad(X, ((0, 0), (1, 2), (3, 0), (0, 0)))
    for given in ((1, 3, 2, 0, None, None), (None, 3, 2, None, 7, 8), (1, None, None, 0, 7, 8)):
        np.testing.assert_array_equal(ops.image.pad_images(X, *given), expected)
    for given in ((1, 2, 1, 1, None, None), (None, 2, 1, None, 2, 2), (1, None, None, 1, 2, 2)):
        np.testing.assert_array_equal(ops.image.crop_images(X, *given), X[:, 1:3, 2:4])
    first = X.transpose(0, 3, 1, 2)
    found = ops.image.crop_images(first, 1, 2, 1, 1, data_format="channels_first")
    np.testing.assert_array_equal(found, first[:, :, 1:3, 2:4])


@pytest.mark.parametrize("call", [ops.image.pad_images, ops.image.crop_images])
def test_ends_that_do_not_fit_are_refused(call) -> None:
    for given in ((1, 0, 1, 0, 9, None), (None, 0, None, 0, 9, None), (-1, 0, 2, 0, None, None)):
        with pytest.raises(BadValue, match=f"{call.__name__}: top_.*expected|{call.__name__}: top_"):
            call(X, *given)
    with pytest.raises(BadValue, match="for an axis of"):
        call(X, 3, 0, None, 0, 2 if call is ops.image.pad_images else 3)


def test_patches_in_any_order_of_axes() -> None:
    last = ops.image.extract_patches(X, (2, 3), strides=1)
    assert last.shape == (2, 3, 3, 18)
    np.testing.assert_array_equal(last[1, 2, 1], X[1, 2:4, 1:4].ravel())
    first = ops.image.extract_patches(X.transpose(0, 3, 1, 2), (2, 3), strides=1, data_format="channels_first")
    np.testing.assert_array_equal(first.transpose(0, 2, 3, 1), last)
    np.testing.assert_array_equal(ops.image.extract_patches(X[0], (2, 3), strides=1), last[0])
    with pytest.raises(BadValue, match=r"size is \(1, 2, 3, 4\)"):
        ops.image.extract_patches(X, (1, 2, 3, 4))
