"""The layer that does nothing: values, masks and structures pass."""

import numpy as np

from kmagic.graph.masks import mask_of
from kmagic.layers import Identity, Masking

X = np.array([[[1.0], [0.0]]], "float32")


def test_values_and_masks_pass() -> None:
    masked = Masking()(X)
    found = Identity()(masked)
    np.testing.assert_array_equal(found, X)
    assert mask_of(found).tolist() == [[True, False]]
    pair = Identity()([X, 2 * X])
    np.testing.assert_array_equal(pair[1], 2 * X)
