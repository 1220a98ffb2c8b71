"""What constraints leave of weights, by hand."""

import numpy as np

from kmagic import constraints

W = np.array([[3.0, 0.3], [4.0, -0.4]])


def test_constraints_by_hand() -> None:
    np.testing.assert_allclose(constraints.MaxNorm(2.0)(W), [[1.2, 0.3], [1.6, -0.4]], rtol=1e-6)
    np.testing.assert_allclose(constraints.UnitNorm()(W), [[0.6, 0.6], [0.8, -0.8]], rtol=1e-6)
    np.testing.assert_array_equal(constraints.NonNeg()(W), [[3, 0.3], [4, 0]])


def test_the_axis_of_norms() -> None:
    rows = constraints.UnitNorm(axis=1)(np.array([[3.0, 4.0], [0.0, 2.0]]))
    np.testing.assert_allclose(rows, [[0.6, 0.8], [0, 1]], rtol=1e-6)
