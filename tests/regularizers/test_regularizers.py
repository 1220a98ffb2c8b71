"""Penalties by hand."""

import numpy as np

from kmagic import regularizers

W = np.array([[1.0, -2.0], [0.5, 0.0]])


def test_penalties_by_hand() -> None:
    # Σ|w| = 3.5, Σw² = 5.25
    np.testing.assert_allclose(regularizers.L1(0.1)(W), 0.35, rtol=1e-6)
    np.testing.assert_allclose(regularizers.L2(0.1)(W), 0.525, rtol=1e-6)
    np.testing.assert_allclose(regularizers.L1L2(0.1, 0.2)(W), 0.35 + 1.05, rtol=1e-6)


def test_names_and_none() -> None:
    assert isinstance(regularizers.get("l2"), regularizers.L2) and regularizers.get(None) is None
