"""Class numbers as vectors."""

import numpy as np
import pytest

from kmagic import ops
from kmagic.base.errors import BadValue
from tests.graph.ops.every_way import check_values


def test_multi_hot() -> None:
    x = np.array([[0, 2, 2], [3, 1, 9], [-1, 0, 4]], "int32")
    expected = [[1, 0, 1, 0, 0], [0, 1, 0, 1, 0], [1, 0, 0, 0, 1]]
    check_values(lambda x: ops.multi_hot(x, 5), [x], np.array(expected, "float32"))
    assert ops.multi_hot(np.array([1, 3]), 4, dtype="int32").tolist() == [0, 1, 0, 1]
    with pytest.raises(BadValue, match="num_classes"):
        ops.multi_hot(x)
