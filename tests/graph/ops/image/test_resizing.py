"""Resizing: weights that sum to one, ratios that are kept, and what is refused."""

import numpy as np
import pytest

from kmagic import ops
from kmagic.base.errors import BadValue, ShapeMismatch
from kmagic.layers import Input

X = np.random.default_rng(0).normal(size=(2, 6, 8, 3))


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"])
@pytest.mark.parametrize("size", [(3, 4), (6, 8), (11, 5)])
@pytest.mark.parametrize("antialias", [True, False])
def test_what_is_constant_stays_so(interpolation: str, size: tuple[int, int], antialias: bool) -> None:
    found = ops.image.resize(np.ones((1, 6, 8, 1)), size, interpolation, antialias)
    np.testing.assert_allclose(found, np.ones((1, *size, 1)), rtol=1e-12)


def test_halves_with_antialias_are_means_with_neighbours() -> None:
    line = np.zeros((1, 8, 1))
    line[0, 3] = 1.0
    found = ops.image.resize(line, (1, 4), antialias=True).ravel()
    np.testing.assert_allclose(found, [0, 0.375, 0.125, 0])


def test_the_ratio_is_kept_by_cutting_or_by_a_border() -> None:
    cut = ops.image.resize(X, (6, 4), crop_to_aspect_ratio=True)
    np.testing.assert_array_equal(cut, X[:, :, 2:6])
    padded = ops.image.resize(X, (8, 8), "nearest", pad_to_aspect_ratio=True, fill_value=7.0)
    np.testing.assert_array_equal(padded[:, 1:-1], X)
    assert (padded[:, [0, -1]] == 7).all()


def test_what_does_not_fit_is_refused() -> None:
    for size in (3, (3,), (0, 2), (2.0, 2)):
        with pytest.raises(BadValue, match="resize: size is"):
            ops.image.resize(X, size)
    with pytest.raises(BadValue, match="interpolation is 'area'"):
        ops.image.resize(X, (2, 2), "area")
    with pytest.raises(BadValue, match="both True"):
        ops.image.resize(X, (2, 2), crop_to_aspect_ratio=True, pad_to_aspect_ratio=True)
    with pytest.raises(ShapeMismatch, match=r"images \[6 8\]"):
        ops.image.resize(X[0, :, :, 0], (2, 2))
    with pytest.raises(ShapeMismatch, match="a height and width that are known"):
        ops.image.resize(Input((None, 8, 3)), (2, 2))
    with pytest.raises(BadValue, match="method is 'nearest'"):
        ops.image.scale_and_translate(X, (2, 2, 2, 2), np.ones(1), np.ones(1), (1,), "nearest")
