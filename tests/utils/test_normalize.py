"""normalize: what Keras 3.15.1 gives, but for axis 0, which it takes for the last one when it divides."""

import numpy as np
import pytest

from kmagic.utils import normalize

X = np.array([[3.0, 4.0], [0.0, 0.0]])


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [[0.6, 0.8], [0, 0]]),
        ({"axis": 0}, [[1, 1], [0, 0]]),
        ({"order": 1}, [[3 / 7, 4 / 7], [0, 0]]),
        ({"order": np.inf}, [[0.75, 1], [0, 0]]),
    ],
)
def test_vectors_have_norm_one(options: dict[str, float], expected: list[list[float]]) -> None:
    np.testing.assert_allclose(normalize(X, **options), expected, rtol=1e-12)


def test_whole_numbers_and_lists() -> None:
    assert normalize([3, 4]).tolist() == [0.6, 0.8]
