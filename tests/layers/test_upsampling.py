"""Upsampling: repeated entries, and mixtures of neighbours by known curves."""

import numpy as np
import pytest

from kmagic.base.errors import BadType, BadValue, ShapeMismatch
from kmagic.layers import Input, UpSampling1D, UpSampling2D, UpSampling3D

IMAGES = np.random.default_rng(0).normal(size=(2, 5, 4, 3)).astype("float32")


def test_entries_are_repeated() -> None:
    np.testing.assert_array_equal(UpSampling2D((2, 3))(IMAGES), IMAGES.repeat(2, 1).repeat(3, 2))
    np.testing.assert_array_equal(UpSampling1D(3)(IMAGES[0]), IMAGES[0].repeat(3, 1))
    assert UpSampling3D((1, 2, 3)).compute_output_shape((None, 2, 3, 4, 5)) == (None, 2, 6, 12, 5)
    assert UpSampling2D(2).compute_output_shape((None, None, None, 3)) == (None, None, None, 3)


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic", "lanczos3", "lanczos5"])
def test_what_is_constant_stays_so_and_the_middle_is_the_middle(interpolation) -> None:
    flat = UpSampling2D(3, interpolation=interpolation)(np.ones((1, 4, 5, 1)))
    np.testing.assert_allclose(flat, 1, rtol=1e-6)
    # by an odd factor each entry is met exactly, and all curves are 1 there and 0 at the others
    met = UpSampling2D(3, interpolation=interpolation)(IMAGES)[:, 1::3, 1::3]
    np.testing.assert_allclose(met, IMAGES, atol=1e-5)


def test_lanczos_far_from_the_edge() -> None:
    x = np.array([2.25, 1.25, 0.25, 0.75, 1.75, 2.75])
    curve = 3 * np.sin(np.pi * x) * np.sin(np.pi * x / 3) / (np.pi * x) ** 2
    spread = UpSampling2D((1, 2), interpolation="lanczos3", dtype="float64")(np.eye(9).reshape(9, 1, 9, 1))
    np.testing.assert_allclose(spread[2:8, 0, 9, 0], curve / curve.sum(), rtol=1e-12)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises((BadValue, BadType), match="UpSampling1D: size is 0"):
        UpSampling1D(0)
    with pytest.raises(BadValue, match="UpSampling2D: interpolation is 'area'"):
        UpSampling2D(interpolation="area")
    with pytest.raises(ShapeMismatch, match="expected: known sizes, or nearest"):
        UpSampling2D(interpolation="bilinear")(Input((None, 4, 3)))
