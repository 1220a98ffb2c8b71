"""Discretization: quantiles of many values, batches, configs, mistakes."""

import numpy as np
import pytest

from kmagic.base.errors import BadData, BadValue
from kmagic.layers import Discretization


def test_learned_bins_hold_equal_shares() -> None:
    values = np.random.default_rng(0).exponential(size=20000)
    layer = Discretization(num_bins=4)
    layer.adapt(values)
    np.testing.assert_allclose(layer.bin_boundaries, np.quantile(values, [0.25, 0.5, 0.75]), rtol=0.05)
    np.testing.assert_allclose(np.bincount(layer(values)) / 20000, 0.25, atol=0.02)
    again = Discretization.from_config(layer.get_config())
    assert again(values[:50]).tolist() == layer(values[:50]).tolist()
    again.adapt(values[:100] + 7)
    assert again.bin_boundaries[0] > 7


def test_batches_are_learned_one_after_the_other() -> None:
    values = np.random.default_rng(1).normal(size=(40, 100)) + 9 * (np.arange(40) >= 20)[:, None]
    layer = Discretization(num_bins=2)
    layer.adapt(iter(values), steps=20)
    # the batches that were not looked at lie far above
    assert np.mean(values[:20] < layer.bin_boundaries) == pytest.approx(0.5, abs=0.03)


def test_mistakes() -> None:
    for options in ({}, {"num_bins": 3, "bin_boundaries": [0.0]}):
        with pytest.raises(BadValue, match="bins"):
            Discretization(**options)
    with pytest.raises(BadValue, match="there are no bin_boundaries yet"):
        Discretization(num_bins=3)(np.zeros((2, 1)))
    with pytest.raises(BadValue, match="with `bin_boundaries`"):
        Discretization(bin_boundaries=[0.0]).adapt(np.zeros(3))
    with pytest.raises(BadData, match="NaN"):
        Discretization(num_bins=3).adapt(np.array([0.0, np.nan]))
