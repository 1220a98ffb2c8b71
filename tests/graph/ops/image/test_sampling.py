"""Sampling: every way beyond the edge against NumPy's padding, and images of one pixel."""

import numpy as np
import pytest

from kmagic import ops
from kmagic.base.errors import BadValue, ShapeMismatch

LINE = np.array([1.0, 2.0, 4.0, 8.0])
BEYOND = {
    "constant": [0, 0, 0, 0, 0, *LINE, 0, 0, 0, 0, 0],
    "nearest": [1, 1, 1, 1, 1, *LINE, 8, 8, 8, 8, 8],
    "wrap": [8, 1, 2, 4, 8, *LINE, 1, 2, 4, 8, 1],
    "reflect": [8, 8, 4, 2, 1, *LINE, 8, 4, 2, 1, 1],
    "mirror": [2, 4, 8, 4, 2, *LINE, 4, 2, 1, 2, 4],
}


@pytest.mark.parametrize("mode", BEYOND)
@pytest.mark.parametrize("order", [0, 1])
def test_beyond_the_edge(mode: str, order: int) -> None:
    found = ops.image.map_coordinates(LINE, np.arange(-5.0, 9.0)[None], order, mode)
    np.testing.assert_array_equal(found, BEYOND[mode])
    between = ops.image.map_coordinates(LINE, np.arange(-4.5, 8.0)[None], 1, mode)
    whole = np.array(BEYOND[mode])
    np.testing.assert_allclose(between, (whole[1:] + whole[:-1]) / 2)


@pytest.mark.parametrize("mode", BEYOND)
def test_one_pixel_is_everywhere(mode: str) -> None:
    found = ops.image.map_coordinates(np.array([3.0]), np.array([[-2.0, 0.0, 1.0]]), 0, mode)
    np.testing.assert_array_equal(found, [0, 3, 0] if mode == "constant" else [3, 3, 3])


def test_a_constant_is_mixed_at_the_edge() -> None:
    found = ops.image.map_coordinates(LINE, np.array([[-0.25, 3.5, 9.0]]), 1, "constant", 10.0)
    np.testing.assert_allclose(found, [0.25 * 10 + 0.75 * 1, 9.0, 10.0])


@pytest.mark.parametrize("beyond", [1e8, -1e9, np.nan])
def test_what_is_beyond_the_edge_leaves_pixels_inside_as_they_are(beyond: float) -> None:
    line = np.array([0.1, 0.2, 0.3], "float32")
    found = ops.image.map_coordinates(line, np.array([[0.0, 0.5, 1.0, 5.0]], "float32"), 1, "constant", beyond)
    np.testing.assert_array_equal(found, np.array([0.1, 0.15, 0.2, beyond], "float32"))
    image = np.full((1, 3, 3, 1), 0.125, "float32")
    down = np.array([1.0, 0, 0, 0, 1, -1, 0, 0], "float32")
    moved = ops.image.affine_transform(image, down, "nearest", "constant", beyond)
    np.testing.assert_array_equal(moved[0, :, :, 0], np.array([[beyond] * 3, [0.125] * 3, [0.125] * 3], "float32"))


def test_a_pixel_at_the_edge_that_is_no_number_stays_inside() -> None:
    found = ops.image.map_coordinates(np.array([np.inf, 1.0, np.nan]), np.array([[-3.0, 1.0, 4.0]]), 0)
    np.testing.assert_array_equal(found, [0, 1, 0])


def test_halves_go_away_from_zero_and_whole_numbers_stay_whole() -> None:
    at = np.array([[0.5, 1.5, 2.5]])
    np.testing.assert_array_equal(ops.image.map_coordinates(LINE, at, 0), [2, 4, 8])
    found = ops.image.map_coordinates(LINE.astype("uint8"), at, 1)
    assert found.dtype == "uint8" and found.tolist() == [2, 3, 6]


def test_places_as_a_list_of_arrays() -> None:
    image = np.arange(6.0).reshape(2, 3)
    found = ops.image.map_coordinates(image, [np.array([0.0, 1.0]), np.array([2.0, 0.5])], 1)
    np.testing.assert_allclose(found, [2.0, 3.5])


def test_one_transform_for_all_images_or_one_for_each() -> None:
    images = np.random.default_rng(0).normal(size=(2, 3, 4, 1))
    left, right = ([1.0, 0, step, 0, 1, 0, 0, 0] for step in (1, -1))
    both = ops.image.affine_transform(images, np.array([left, right]))
    for place, transform in enumerate((left, right)):
        alone = ops.image.affine_transform(images, np.array(transform))
        np.testing.assert_allclose(both[place], alone[place])
        np.testing.assert_allclose(ops.image.affine_transform(images[place], np.array(transform)), alone[place])


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(BadValue, match="order is 2"):
        ops.image.map_coordinates(LINE, np.zeros((1, 2)), 2)
    with pytest.raises(BadValue, match="fill_mode is 'edge'"):
        ops.image.map_coordinates(LINE, np.zeros((1, 2)), 1, "edge")
    with pytest.raises(ShapeMismatch, match=r"coordinates \[2 3\] for an array \[4\]"):
        ops.image.map_coordinates(LINE, np.zeros((2, 3)), 1)
    with pytest.raises(ShapeMismatch, match=r"transform \[6\]"):
        ops.image.affine_transform(np.zeros((2, 2, 1)), np.zeros(6))
    with pytest.raises(ShapeMismatch, match=r"points \[3 2\]"):
        ops.image.perspective_transform(np.zeros((2, 2, 1)), np.zeros((3, 2)), np.zeros((3, 2)))
