"""Sizes of images: the middle, a piece, and all of it, against slices and NumPy."""

import numpy as np
import pytest

from kmagic import ops
from kmagic.base.errors import BadValue, ShapeMismatch
from kmagic.layers import CenterCrop, Input, RandomCrop, Resizing

X = np.random.default_rng(0).normal(size=(3, 6, 8, 2)).astype("float32")


def test_a_piece_is_one_of_the_images_and_the_same_for_the_whole_batch() -> None:
    crop = RandomCrop(4, 5, seed=1)
    found = {tuple(map(int, crop.get_random_transformation(X))) for _ in range(300)}
    assert found == {(a, b) for a in range(3) for b in range(4)}
    a, b = map(int, RandomCrop(4, 5, seed=2).get_random_transformation(X))
    np.testing.assert_array_equal(RandomCrop(4, 5, seed=2)(X, training=True), X[:, a : a + 4, b : b + 5])
    one = RandomCrop(4, 5, seed=2)(X[0], training=True)
    np.testing.assert_array_equal(one, X[0, a : a + 4, b : b + 5])


def test_each_place_is_as_likely() -> None:
    crop, rounds = RandomCrop(5, 5, seed=3), 4000
    counts = np.zeros((2, 4))
    for _ in range(rounds):
        counts[tuple(map(int, crop.get_random_transformation(X)))] += 1
    chance = 1 / counts.size
    np.testing.assert_allclose(counts / rounds, chance, atol=5 * (chance * (1 - chance) / rounds) ** 0.5)


def test_in_inference_it_is_the_middle_in_the_wanted_ratio() -> None:
    """Keras says so and gives the images as they are, of another size than it announces."""
    crop = RandomCrop(3, 3)
    middle = X[:, :, 1:7]
    np.testing.assert_allclose(crop(X, training=False), ops.resize(middle, (3, 3)), rtol=1e-6)
    assert crop.compute_output_shape((None, 6, 8, 2)) == (None, 3, 3, 2)
    # too small to be cut from: enlarged, while training too
    larger = RandomCrop(12, 12)
    np.testing.assert_allclose(larger(X, training=True), ops.resize(middle, (12, 12)), rtol=1e-6)


def test_the_middle_is_a_slice_and_of_small_images_an_enlargement() -> None:
    np.testing.assert_array_equal(CenterCrop(3, 4)(X), X[:, 1:4, 2:6])
    np.testing.assert_array_equal(CenterCrop(6, 8)(X), X)
    np.testing.assert_allclose(CenterCrop(9, 9)(X), ops.resize(X[:, :, 1:7], (9, 9)), rtol=1e-6)


def test_whole_numbers_stay_whole_when_they_are_resized() -> None:
    images = np.array([0, 255], "uint8").reshape(1, 1, 2, 1)
    found = Resizing(1, 4)(images)
    assert found.dtype == "uint8" and found.ravel().tolist() == [0, 64, 191, 255]
    # bicubic mixtures leave the range, which whole numbers cannot
    free = Resizing(1, 8, interpolation="bicubic", dtype="float64")(images.astype("float64"))
    assert free.min() < -10 and free.max() > 265
    held = Resizing(1, 8, interpolation="bicubic")(images)
    np.testing.assert_array_equal(held, np.clip(np.round(free), 0, 255))


def test_masks_are_resized_to_the_nearest() -> None:
    masks = np.arange(6 * 8).reshape(1, 6, 8, 1)
    found = Resizing(3, 4)({"images": X[:1], "segmentation_masks": masks})
    np.testing.assert_array_equal(found["segmentation_masks"], masks[:, 1::2, 1::2])


def test_a_shrunk_image_keeps_its_mean_with_antialias_and_not_without() -> None:
    stripes = np.tile([[0.0, 0.0, 0.0, 1.0]], (8, 8)).reshape(1, 8, 32, 1)
    plain, smooth = (Resizing(8, 8, antialias=antialias)(stripes) for antialias in (False, True))
    assert plain.max() == 0.0
    np.testing.assert_allclose(smooth[..., 1:-1, :], 0.25, atol=0.07)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(BadValue, match="crop_to_aspect_ratio and pad_to_aspect_ratio are both True"):
        Resizing(3, 3, crop_to_aspect_ratio=True, pad_to_aspect_ratio=True)
    with pytest.raises(BadValue, match="Resizing: interpolation is 'area'"):
        Resizing(3, 3, interpolation="area")
    with pytest.raises(ShapeMismatch, match="expected: a height and width that are known"):
        CenterCrop(3, 3)(Input((None, None, 3)))
