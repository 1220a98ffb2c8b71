"""Filters: blur and sharpness against sums over pixels."""

import numpy as np

from kmagic.layers import RandomGaussianBlur, RandomSharpness

X = np.random.default_rng(0).uniform(0.2, 0.8, (2, 5, 6, 3))


def filtered(kernel: np.ndarray) -> np.ndarray:
    wide = np.pad(X, ((0, 0), (1, 1), (1, 1), (0, 0)))
    return sum(kernel[i, j] * wide[:, i : i + 5, j : j + 6] for i in range(3) for j in range(3))


def test_only_the_chosen_images_are_blurred() -> None:
    curves = [np.exp(-np.array([1, 0, 1]) / (2 * s * s)) for s in (0.5, 0.9)]
    across, down = (curve / curve.sum() for curve in curves)
    given = {"should_apply_blur": np.array([True, False]), "blur_factor": np.array([0.5, 0.9])}
    found = RandomGaussianBlur(value_range=(0, 1), dtype="float64").transform_images(X, given)
    np.testing.assert_allclose(found[0], filtered(np.outer(down, across))[0])
    np.testing.assert_array_equal(found[1], X[1])


def test_sharper_and_softer() -> None:
    kernel = np.full((3, 3), 1 / 13)
    kernel[1, 1] = 5 / 13
    for factor in (0.25, 0.75):
        found = RandomSharpness((factor, factor), value_range=(0, 1), dtype="float64")(X, training=True)
        expected = np.clip(X + (1 - 2 * factor) * (filtered(kernel) - X), 0, 1)
        np.testing.assert_allclose(found, expected)
