"""Flips: the image or its mirror image, in the axes that the mode names."""

import numpy as np
import pytest

from kmagic.layers import RandomFlip

X = np.random.default_rng(0).normal(size=(64, 3, 4, 2)).astype("float32")


@pytest.mark.parametrize(
    ("mode", "axes"), [("horizontal", (2,)), ("vertical", (1,)), ("horizontal_and_vertical", (1, 2))]
)
def test_each_image_is_itself_or_its_mirror_image(mode: str, axes: tuple[int, ...]) -> None:
    found = RandomFlip(mode, seed=1)(X, training=True)
    same = (found == X).all((1, 2, 3))
    turned = (found == np.flip(X, axes)).all((1, 2, 3))
    assert (same ^ turned).all() and 16 < same.sum() < 48
