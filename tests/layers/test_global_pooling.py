"""Global pools: one value for each channel, and the mask of sequences."""

import numpy as np
import pytest

from kmagic.base.errors import ShapeMismatch
from kmagic.layers import (
    Embedding,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalAvgPool2D,
    GlobalMaxPooling3D,
    Input,
)
from kmagic.models import Sequential

IMAGES = np.random.default_rng(0).normal(size=(2, 6, 5, 3))


def test_over_all_places() -> None:
    np.testing.assert_allclose(GlobalAveragePooling2D(dtype="float64")(IMAGES), IMAGES.mean((1, 2)))
    kept = GlobalAveragePooling2D("channels_first", keepdims=True, dtype="float64")(IMAGES)
    np.testing.assert_allclose(kept, IMAGES.mean((2, 3), keepdims=True))
    assert GlobalAvgPool2D is GlobalAveragePooling2D
    assert GlobalMaxPooling3D().compute_output_shape((None, None, 4, 5, 2)) == (None, 2)


def test_masked_steps_do_not_count() -> None:
    x = np.arange(6.0).reshape(1, 3, 2)
    mask = np.array([[True, False, True]])
    np.testing.assert_allclose(GlobalAveragePooling1D()(x, mask=mask), [[2.0, 3.0]])
    words = Embedding(4, 2, mask_zero=True)
    model = Sequential([Input((3,)), words, GlobalAveragePooling1D()])
    found = model.predict(np.array([[2, 1, 0]]), verbose=0)
    np.testing.assert_allclose(found[0], words.get_weights()[0][[2, 1]].mean(0), rtol=1e-6)


def test_other_axes_are_refused() -> None:
    with pytest.raises(ShapeMismatch, match=r"input of shape \[2 6 5\]"):
        GlobalAveragePooling2D()(IMAGES[..., 0])
