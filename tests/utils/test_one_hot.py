"""Class numbers as one-hot rows."""

import numpy as np
import pytest

from kmagic.base.errors import BadData
from kmagic.utils import to_categorical


def test_one_hot_rows() -> None:
    np.testing.assert_array_equal(to_categorical([1, 0, 2]), [[0, 1, 0], [1, 0, 0], [0, 0, 1]])
    assert to_categorical(np.zeros((4, 1)), 5).shape == (4, 5) and to_categorical([[0], [1]]).shape == (2, 2)
    with pytest.raises(BadData, match="class 3"):
        to_categorical([0, 3], num_classes=3)
    with pytest.raises(BadData, match="class -1"):
        to_categorical([-1, 1])
